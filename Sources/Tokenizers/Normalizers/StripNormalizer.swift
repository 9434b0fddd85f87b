/// Drops white space at the ends.
struct StripNormalizer: Normalizer {
  let left: Bool
  let right: Bool

  func normalize(_ text: inout AlignedText) {
    let range = text.bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      var end = bytes.count
      while left, start < end {
        let (code, length) = bytes.scalar(at: start)
        guard ScalarClass.isWhitespace(code) else { break }
        start += length
      }
      while right, end > start {
        let (code, length) = bytes.scalar(before: end)
        guard ScalarClass.isWhitespace(code) else { break }
        end -= length
      }
      return start..<end
    }
    text = text.slice(range)
  }
}
