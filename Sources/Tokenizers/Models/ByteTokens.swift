/// The ids of `<0x00>` to `<0xFF>`; -1 where a vocabulary lacks one.
func byteTokenIDs(_ vocabulary: Vocabulary) -> [Int32] {
  let digits = Array("0123456789ABCDEF".utf8)
  return (0..<256).map { byte in
    let piece = Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15], UInt8(ascii: ">")]
    return Int32(vocabulary.id(of: piece) ?? -1)
  }
}
