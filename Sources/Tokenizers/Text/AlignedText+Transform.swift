extension AlignedText {
  /// Rewrites the text character by character, and aligns as the reference does (`NormalizedString::transform` of
  /// Hugging Face tokenizers): an added character stands for what the one before it stood for.
  mutating func transform(_ changes: [CharacterChange]) {
    var builder = AlignedTextBuilder(self)
    bytes.withUnsafeBufferPointer { old in
      var index = 0
      for change in changes {
        if change.change > 0 {
          builder.append(change.code, index == 0 ? Span(0, 0) : span(before: index, old))
        } else if index < old.count {
          let (code, length) = old.scalar(at: index)
          if code == change.code {
            builder.copy(index..<index + length)
          } else {
            builder.append(change.code, for: index..<index + length)
          }
          index += length
          for _ in 0..<(-change.change) where index < old.count { index += old.scalar(at: index).length }
        } else {
          builder.append(change.code, old.isEmpty ? Span(0, 0) : span(before: index, old))
        }
      }
    }
    self = builder.text
  }

  private func span(before index: Int, _ old: TextBuffer) -> Span {
    span(index - old.scalar(before: index).length..<index)
  }
}
