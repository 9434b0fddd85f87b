/// Puts a text in front of one that is not empty; it stands for what the first character stands for.
struct PrependNormalizer: Normalizer {
  let prefix: [UInt8]

  func normalize(_ text: inout AlignedText) {
    guard !text.bytes.isEmpty else { return }
    var builder = AlignedTextBuilder(text)
    let first = text.bytes.withUnsafeBufferPointer { $0.scalar(at: 0).length }
    builder.append(prefix, text.span(0..<first))
    builder.copy(0..<text.bytes.count)
    text = builder.text
  }
}
