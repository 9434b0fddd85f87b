/// GPT-2's bijection between bytes and printable characters (Radford et al. 2019, `bytes_to_unicode`).
///
/// Bytes that are printable in Latin-1 map to themselves. The other 68 map to the characters from U+0100 on, in order,
/// so a space is `Ġ` and a newline is `Ċ`.
enum ByteCharacters {
  /// The character of each byte.
  static let codes: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      if isPrintable(byte) { return byte }
      defer { next += 1 }
      return next
    }
  }()

  /// The byte of each character below U+0144; -1 if there is none.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, code) in codes.enumerated() { bytes[Int(code)] = Int16(byte) }
    return bytes
  }()

  /// The byte that a character stands for, if there is one.
  @inline(__always) static func byte(_ code: UInt32) -> UInt8? {
    guard code < 0x144, bytes[Int(code)] >= 0 else { return nil }
    return UInt8(truncatingIfNeeded: bytes[Int(code)])
  }

  /// The bytes that a string of such characters stands for; `nil` if it contains any other character.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.count)
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      guard let byte = byte(scalar.value) else { return nil }
      decoded.append(byte)
    }
    return decoded
  }

  private static func isPrintable(_ byte: UInt32) -> Bool {
    0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte
  }
}
