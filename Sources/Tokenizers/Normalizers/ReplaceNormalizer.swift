/// Replaces every match; the new text stands for what the last character of the match stood for.
struct ReplaceNormalizer: Normalizer {
  let pattern: any Cutter & Sendable
  let content: [UInt8]

  func normalize(_ text: inout AlignedText) {
    var builder = AlignedTextBuilder(text)
    var position = 0
    var changed = false
    text.bytes.withUnsafeBufferPointer { bytes in
      pattern.matches(bytes, 0..<bytes.count) { match in
        changed = true
        builder.copy(position..<match.lowerBound)
        if match.upperBound > 0 {
          let last = match.upperBound - bytes.scalar(before: match.upperBound).length..<match.upperBound
          builder.append(content, text.span(last))
        } else {
          builder.append(content, .init(0, 0))
        }
        position = match.upperBound
      }
      if changed { builder.copy(position..<bytes.count) }
    }
    if changed { text = builder.text }
  }
}
