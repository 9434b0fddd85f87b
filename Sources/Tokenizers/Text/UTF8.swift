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
