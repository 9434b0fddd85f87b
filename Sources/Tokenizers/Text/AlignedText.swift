/// A text on its way through the pipeline: its bytes now, and for each byte the bytes of the original that it stands
/// for.
///
/// A character that no step has touched maps byte by byte, so that a token that is a part of a character still has its
/// exact range; a character that a step has made maps to the whole of what it was made from.
struct AlignedText: Sendable {
  /// A range of the original's bytes.
  struct Span: Sendable, Equatable {
    var start: UInt32
    var end: UInt32

    init(_ start: Int, _ end: Int) {
      self.start = UInt32(truncatingIfNeeded: start)
      self.end = UInt32(truncatingIfNeeded: end)
    }
  }

  /// Valid UTF-8.
  var bytes: [UInt8]

  /// One span a byte; `nil` while the text is still a stretch of the original, from `origin` on.
  var spans: [Span]?

  /// Where this stretch starts in the original.
  var origin: Int

  init(bytes: [UInt8], spans: [Span]? = nil, origin: Int) {
    self.bytes = bytes
    self.spans = spans
    self.origin = origin
  }

  /// What the bytes in `range` (not empty) stand for.
  func original(_ range: Range<Int>) -> Range<Int> {
    guard let spans else { return origin + range.lowerBound..<origin + range.upperBound }
    guard !range.isEmpty else { return 0..<0 }
    let start = Int(spans[range.lowerBound].start)
    // Canonical reordering can put a later character first; a range never runs backwards.
    return start..<max(start, Int(spans[range.upperBound - 1].end))
  }

  /// What the bytes in `range` stand for, as one span.
  @inline(__always) func span(_ range: Range<Int>) -> Span {
    guard let spans else { return Span(origin + range.lowerBound, origin + range.upperBound) }
    var span = spans[range.lowerBound]
    span.end = spans[range.upperBound - 1].end
    return span
  }

  /// The part of the text in `range`.
  func slice(_ range: Range<Int>) -> AlignedText {
    if range == 0..<bytes.count { return self }
    return AlignedText(
      bytes: Array(bytes[range]), spans: spans.map { Array($0[range]) },
      origin: spans == nil ? origin + range.lowerBound : origin)
  }
}

/// Writes a new text from an old one and carries the alignment along.
struct AlignedTextBuilder {
  private let source: AlignedText
  private(set) var bytes: [UInt8] = []
  private var spans: [AlignedText.Span] = []

  init(_ source: AlignedText) {
    self.source = source
    bytes.reserveCapacity(source.bytes.count + 16)
    spans.reserveCapacity(source.bytes.count + 16)
  }

  /// The text that was written.
  var text: AlignedText { AlignedText(bytes: bytes, spans: spans, origin: source.origin) }

  /// The number of bytes written.
  var count: Int { bytes.count }

  /// Copies bytes of the source as they are.
  mutating func copy(_ range: Range<Int>) {
    bytes.append(contentsOf: source.bytes[range])
    if let old = source.spans {
      spans.append(contentsOf: old[range])
    } else {
      for index in range { spans.append(.init(source.origin + index, source.origin + index + 1)) }
    }
  }

  /// Appends a code point that stands for `range` of the source.
  @inline(__always) mutating func append(_ code: UInt32, for range: Range<Int>) {
    append(code, source.span(range))
  }

  /// Appends a code point that stands for a range of the original.
  @inline(__always) mutating func append(_ code: UInt32, _ span: AlignedText.Span) {
    bytes.append(scalar: code)
    while spans.count < bytes.count { spans.append(span) }
  }

  /// Appends UTF-8 whose every byte stands for the same range of the original.
  mutating func append(_ utf8: some Sequence<UInt8>, _ span: AlignedText.Span) {
    bytes.append(contentsOf: utf8)
    while spans.count < bytes.count { spans.append(span) }
  }
}

extension AlignedText {
  /// Rewrites the text character by character: `body` appends to the builder what a character becomes.
  mutating func rewrite(_ body: (_ code: UInt32, _ range: Range<Int>, inout AlignedTextBuilder) -> Void) {
    var builder = AlignedTextBuilder(self)
    bytes.withUnsafeBufferPointer { text in
      var index = 0
      while index < text.count {
        let (code, length) = text.scalar(at: index)
        body(code, index..<index + length, &builder)
        index += length
      }
    }
    self = builder.text
  }
}

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

/// A character of a rewritten text, and how it came about.
struct CharacterChange {
  var code: UInt32
  /// 0: replaces the next character of the old text. 1: is added after the one before it. −n: replaces the next
  /// character and drops n more.
  var change: Int
}
