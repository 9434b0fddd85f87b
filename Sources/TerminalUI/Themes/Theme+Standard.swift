extension Theme {
  /// The theme when no file is at hand: `triptych-dark`, as in `themes/triptych-dark.yaml`.
  public static let standard: Theme = {
    let colors: [UInt32] = [
      0x14171C, 0x1D2229, 0x2B333D, 0x7A8490, 0x9AA4AF, 0xD5DAE0, 0xE6EAEE, 0xF6F8FA, 0xE5716B, 0xE8975A, 0xD9B95C,
      0x8BB974, 0x6CB8B4, 0x6EA3E0, 0xB592D9, 0xB08968,
    ]
    let scheme = Scheme(colors.map { RGB(UInt8($0 >> 16), UInt8($0 >> 8 & 0xFF), UInt8($0 & 0xFF)) })
    guard let scheme else { preconditionFailure("a scheme has sixteen colours") }
    return Theme(
      name: "triptych-dark", title: "Triptych Dark", author: "The Triptych authors", scheme: scheme,
      overrides: [.border: RGB(0x4A, 0x54, 0x60), .cursor: RGB(0x4A, 0x54, 0x60)],
      heat: [RGB(0x5B, 0x8F, 0xD9), RGB(0x9A, 0x9F, 0xA6), RGB(0xF0, 0x93, 0x3B)],
      warmth: [RGB(0xF2, 0xBF, 0x55), RGB(0xFF, 0x6F, 0x3C)])
  }()
}
