import Platform

/// A color that a terminal can show.
public enum TerminalColor: Hashable, Sendable {
  /// The terminal's default text or background color.
  case standard
  /// A palette index: 0 to 15 are the terminal's own colors, 16 to 255 those of xterm.
  case indexed(UInt8)
  /// Red, green and blue.
  case rgb(RGB)
}

/// A color in sRGB, eight bits per channel.
public struct RGB: Hashable, Sendable, CustomStringConvertible {
  /// Red.
  public let red: UInt8
  /// Green.
  public let green: UInt8
  /// Blue.
  public let blue: UInt8

  /// The color of three channels.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The color given by six hexadecimal digits, with or without `#`; nil for other text.
  public init?(hex: some StringProtocol) {
    let digits = hex.hasPrefix("#") ? String(hex.dropFirst()) : String(hex)
    guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
      return nil
    }
    self.init(UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
  }

  /// `#` and six hexadecimal digits.
  public var description: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Relative luminance, 0 to 1 (WCAG 2.2).
  public var luminance: Double {
    0.2126 * RGB.linear(red) + 0.7152 * RGB.linear(green) + 0.0722 * RGB.linear(blue)
  }

  /// The contrast ratio to another color, 1 to 21 (WCAG 2.2).
  public func contrast(to other: RGB) -> Double {
    let (low, high) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (high + 0.05) / (low + 0.05)
  }

  /// The linear value of a channel, 0 to 1.
  static func linear(_ channel: UInt8) -> Double {
    let value = Double(channel) / 255
    return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
  }
}

/// A color in OKLab, a color space in which distances match perceived differences.
///
/// Source: Björn Ottosson, "A perceptual color space for image processing", 2020,
/// <https://bottosson.github.io/posts/oklab/>.
struct OKLab: Hashable, Sendable {
  /// Lightness, 0 black to 1 white.
  var lightness: Double
  /// Green to red.
  var a: Double
  /// Blue to yellow.
  var b: Double

  /// A color of three coordinates.
  init(_ lightness: Double, _ a: Double, _ b: Double) {
    self.lightness = lightness
    self.a = a
    self.b = b
  }

  /// The same color as `color`.
  init(_ color: RGB) {
    let (red, green, blue) = (RGB.linear(color.red), RGB.linear(color.green), RGB.linear(color.blue))
    let long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
  }

  /// The color in sRGB; channels outside the range are clamped.
  var rgb: RGB {
    let long = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let medium = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let short = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return RGB(
      OKLab.channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
      OKLab.channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
      OKLab.channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short))
  }

  /// Chroma; 0 for grays.
  var chroma: Double { (a * a + b * b).squareRoot() }

  /// The square of the distance to another color.
  func squaredDistance(to other: OKLab) -> Double {
    let (x, y, z) = (lightness - other.lightness, a - other.a, b - other.b)
    return x * x + y * y + z * z
  }

  /// The color `fraction` of the way to another one.
  func mixed(with other: OKLab, _ fraction: Double) -> OKLab {
    OKLab(
      lightness + (other.lightness - lightness) * fraction, a + (other.a - a) * fraction,
      b + (other.b - b) * fraction)
  }

  private static func channel(_ light: Double) -> UInt8 {
    let value = light <= 0.0031308 ? 12.92 * light : 1.055 * power(light, 1 / 2.4) - 0.055
    return UInt8((min(max(value, 0), 1) * 255).rounded())
  }
}

private func cube(_ x: Double) -> Double { x * x * x }

/// `pow`, so that other files need not import the C library.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
