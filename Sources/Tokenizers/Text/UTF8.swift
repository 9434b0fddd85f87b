/// A buffer of valid UTF-8. Text inside the tokenizer has this form, and the functions below rely on its validity.
typealias TextBuffer = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The code point that begins at `index` and its length in bytes.
  @inline(__always) func scalar(at index: Int) -> (code: UInt32, length: Int) {
    let first = self[index]
    if first < 0x80 { return (UInt32(first), 1) }
    if first < 0xE0 { return (UInt32(first & 0x1F) << 6 | continuation(index + 1), 2) }
    if first < 0xF0 {
      return (UInt32(first & 0x0F) << 12 | continuation(index + 1) << 6 | continuation(index + 2), 3)
    }
    return (
      UInt32(first & 0x07) << 18 | continuation(index + 1) << 12 | continuation(index + 2) << 6
        | continuation(index + 3), 4
    )
  }

  /// The code point that ends before `index` and its length in bytes.
  @inline(__always) func scalar(before index: Int) -> (code: UInt32, length: Int) {
    var start = index - 1
    while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(at: start)
  }

  @inline(__always) private func continuation(_ index: Int) -> UInt32 { UInt32(self[index] & 0x3F) }

  /// The number of code points in the range.
  func scalarCount(_ range: Range<Int>) -> Int {
    var count = 0
    for index in range where self[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }
}

extension [UInt8] {
  /// Appends a code point as UTF-8.
  @inline(__always) mutating func append(scalar code: UInt32) {
    if code < 0x80 {
      append(UInt8(truncatingIfNeeded: code))
    } else {
      if code < 0x800 {
        append(UInt8(truncatingIfNeeded: 0xC0 | code >> 6))
      } else {
        if code < 0x10000 {
          append(UInt8(truncatingIfNeeded: 0xE0 | code >> 12))
        } else {
          append(UInt8(truncatingIfNeeded: 0xF0 | code >> 18))
          append(UInt8(truncatingIfNeeded: 0x80 | code >> 12 & 0x3F))
        }
        append(UInt8(truncatingIfNeeded: 0x80 | code >> 6 & 0x3F))
      }
      append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
    }
  }
}

/// Whether the bytes are valid UTF-8.
func isValidUTF8(_ bytes: some Collection<UInt8>) -> Bool {
  bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
}

/// The UTF-8 bytes of a string, valid during a call.
///
/// The functions that process text check neither its validity nor its bounds. Other modules can pass text to them only
/// in this form.
public struct ValidText {
  /// The bytes.
  public let bytes: UnsafeBufferPointer<UInt8>

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Calls `body` with the bytes of a string. The bytes must not escape the call.
  public static func with<R>(_ text: String, _ body: (ValidText) throws -> R) rethrows -> R {
    var text = text
    return try text.withUTF8 { try body(ValidText($0)) }
  }
}

/// Turns a stream of arbitrary bytes into valid UTF-8, byte by byte. Each maximal invalid subsequence becomes one
/// U+FFFD (Unicode 17, section 3.9), or nothing. A character is returned only once it is complete.
struct UTF8Repair: Sendable {
  /// What an invalid subsequence becomes; `nil` leaves it out.
  private let replacement: UInt32?
  private var pending: [UInt8] = []
  private var missing = 0
  /// The valid range of the next continuation byte.
  private var allowed: ClosedRange<UInt8> = 0x80...0xBF

  init(replacement: UInt32? = 0xFFFD) { self.replacement = replacement }

  /// Takes one byte and appends the output that became final.
  mutating func append(_ byte: UInt8, to output: inout [UInt8]) {
    if missing > 0 {
      if allowed.contains(byte) {
        pending.append(byte)
        allowed = 0x80...0xBF
        missing -= 1
        if missing == 0 {
          output.append(contentsOf: pending)
          pending.removeAll(keepingCapacity: true)
        }
        return
      }
      finish(&output)
    }
    start(byte, &output)
  }

  /// Ends the stream. An incomplete character becomes U+FFFD.
  mutating func finish(_ output: inout [UInt8]) {
    if missing > 0, let replacement { output.append(scalar: replacement) }
    pending.removeAll(keepingCapacity: true)
    missing = 0
    allowed = 0x80...0xBF
  }

  private mutating func start(_ byte: UInt8, _ output: inout [UInt8]) {
    switch byte {
    case 0..<0x80:
      output.append(byte)
      return
    case 0xC2...0xDF: missing = 1
    case 0xE0...0xEF: missing = 2
    case 0xF0...0xF4: missing = 3
    default:
      if let replacement { output.append(scalar: replacement) }
      return
    }
    switch byte {
    case 0xE0: allowed = 0xA0...0xBF
    case 0xED: allowed = 0x80...0x9F
    case 0xF0: allowed = 0x90...0xBF
    case 0xF4: allowed = 0x80...0x8F
    default: allowed = 0x80...0xBF
    }
    pending.append(byte)
  }
}
