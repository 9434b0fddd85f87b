import Platform

/// Reads the parts of JSON text in their order, without building values: for long files in a known form.
///
/// Each method returns `nil` or `false` if the text has something else there. The caller then parses the whole text as
/// a ``JSONValue``, which accepts every form and names the first error. White space is not skipped.
public struct JSONScanner {
  private var reader: JSONReader

  /// A scanner at the start of a text, which must outlive it.
  public init(_ text: UnsafeBufferPointer<UInt8>) { reader = JSONReader(text, depth: 0) }

  /// Whether the whole text has been read.
  public var isAtEnd: Bool { reader.index == reader.text.count }

  /// Skips these bytes if they come next.
  public mutating func accept(_ literal: StaticString) -> Bool {
    let (start, count) = (reader.index, literal.utf8CodeUnitCount)
    guard reader.text.count - start >= count, let first = reader.text.baseAddress,
      memcmp(first + start, literal.utf8Start, count) == 0
    else { return false }
    reader.index += count
    return true
  }

  /// The bytes of a string.
  public mutating func string() -> [UInt8]? {
    guard next == UInt8(ascii: "\"") else { return nil }
    return try? reader.readString()
  }

  /// A number without fraction and exponent that fits `Int`.
  public mutating func integer() -> Int? {
    if case .integer(let number) = number() { number } else { nil }
  }

  /// A number.
  public mutating func double() -> Double? { number()?.double }

  /// The next byte; 0 at the end.
  private var next: UInt8 { isAtEnd ? 0 : reader.text[reader.index] }

  private mutating func number() -> JSONValue? {
    switch next {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try? reader.readNumber()
    default: nil
    }
  }
}
