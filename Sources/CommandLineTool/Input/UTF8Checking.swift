/// The offset of the first byte of the first ill-formed sequence, by the Unicode Standard's table 3-7; `nil` where the
/// bytes are UTF-8. Linear.
func firstOffsetThatIsNotUTF8(in bytes: [UInt8]) -> Int? {
  var offset = 0
  while offset < bytes.count {
    let first = bytes[offset]
    if first < 0x80 {
      offset += 1
      continue
    }
    guard let length = lengthOfSequence(bytes[offset...]) else { return offset }
    offset += length
  }
  return nil
}

/// The length of the well-formed sequence of two to four bytes that `bytes` starts with.
private func lengthOfSequence(_ bytes: ArraySlice<UInt8>) -> Int? {
  guard let first = bytes.first else { return nil }
  let length: Int
  var second: ClosedRange<UInt8> = 0x80...0xBF
  switch first {
  case 0xC2...0xDF: length = 2
  case 0xE0: (length, second) = (3, 0xA0...0xBF)
  case 0xED: (length, second) = (3, 0x80...0x9F)
  case 0xE1...0xEF: length = 3
  case 0xF0: (length, second) = (4, 0x90...0xBF)
  case 0xF4: (length, second) = (4, 0x80...0x8F)
  case 0xF1...0xF3: length = 4
  default: return nil
  }
  let rest = bytes.dropFirst().prefix(length - 1)
  guard rest.count == length - 1, let next = rest.first, second.contains(next),
    rest.dropFirst().allSatisfy({ (0x80...0xBF).contains($0) })
  else { return nil }
  return length
}
