/// Text inside the tokenizer is a buffer of valid UTF-8; these functions walk it.
typealias TextBuffer = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The code point that starts at `index`, and its length in bytes. The buffer is valid UTF-8.
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

  /// The code point that ends before `index`, and its length in bytes.
  @inline(__always) func scalar(before index: Int) -> (code: UInt32, length: Int) {
    var start = index - 1
    while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(at: start)
  }

  @inline(__always) private func continuation(_ index: Int) -> UInt32 { UInt32(self[index] & 0x3F) }

  /// How many code points the range holds.
  func scalarCount(_ range: Range<Int>) -> Int {
    var count = 0
    for index in range where self[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }
}

extension [UInt8] {
  /// Appends the UTF-8 of a code point.
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

/// Whether the bytes are UTF-8 by the Unicode standard: no surrogates, nothing overlong, nothing above U+10FFFF.
func isValidUTF8(_ bytes: some Collection<UInt8>) -> Bool {
  var repair = UTF8Repair()
  var output: [UInt8] = []
  if bytes.allSatisfy({ $0 < 0x80 }) { return true }
  for byte in bytes { repair.append(byte, to: &output) }
  repair.finish(&output)
  return output.elementsEqual(bytes)
}

/// The bytes of a string, for the time of a call: valid UTF-8, as a string's bytes always are.
///
/// The functions that walk text check neither its bytes nor its end. Other modules hand them text in this form only.
public struct ValidText {
  /// The bytes.
  public let bytes: UnsafeBufferPointer<UInt8>

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Calls `body` with the bytes of a string; they are gone when it returns.
  public static func with<R>(_ text: String, _ body: (ValidText) throws -> R) rethrows -> R {
    var text = text
    return try text.withUTF8 { try body(ValidText($0)) }
  }
}

/// Makes a stream of any bytes into valid UTF-8, byte by byte: each maximal part of a broken character becomes one
/// U+FFFD (Unicode 17, section 3.9), and a character leaves only when it is whole.
struct UTF8Repair: Sendable {
  private var pending: [UInt8] = []
  private var missing = 0
  /// What the next byte of a character may be.
  private var allowed: ClosedRange<UInt8> = 0x80...0xBF

  /// Takes one byte and appends what is final now.
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

  /// Ends the stream: an unfinished character becomes U+FFFD.
  mutating func finish(_ output: inout [UInt8]) {
    if missing > 0 { output.append(scalar: 0xFFFD) }
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
      output.append(scalar: 0xFFFD)
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
