/// Text in the pipeline: its current bytes, and for each byte the range of the original text that it came from.
///
/// A character that no step has changed is aligned byte by byte, so that a token covering part of a character has an
/// exact range. A character produced by a step is aligned, as a whole, with what it was made from.
struct AlignedText: Sendable {
  /// A range of bytes of the original text.
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

  /// One span per byte; `nil` while the text is still an unchanged part of the original that begins at `origin`.
  var spans: [Span]?

  /// The offset of this text in the original.
  var origin: Int

  init(bytes: [UInt8], spans: [Span]? = nil, origin: Int) {
    self.bytes = bytes
    self.spans = spans
    self.origin = origin
  }

  /// The range of the original for a non-empty `range` of bytes.
  func original(_ range: Range<Int>) -> Range<Int> {
    guard let spans else { return origin + range.lowerBound..<origin + range.upperBound }
    guard !range.isEmpty else { return 0..<0 }
    let start = Int(spans[range.lowerBound].start)
    // Canonical reordering can put a later character first; keep the range in order.
    return start..<max(start, Int(spans[range.upperBound - 1].end))
  }

  /// The range of the original for `range`, as a span.
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

/// Builds a text from an existing one, keeping the alignment.
struct AlignedTextBuilder {
  private let source: AlignedText
  private(set) var bytes: [UInt8] = []
  private var spans: [AlignedText.Span] = []

  init(_ source: AlignedText) {
    self.source = source
    bytes.reserveCapacity(source.bytes.count + 16)
    spans.reserveCapacity(source.bytes.count + 16)
  }

  /// The text built so far.
  var text: AlignedText { AlignedText(bytes: bytes, spans: spans, origin: source.origin) }

  /// The number of bytes built so far.
  var count: Int { bytes.count }

  /// Copies bytes of the source with their alignment.
  mutating func copy(_ range: Range<Int>) {
    bytes.append(contentsOf: source.bytes[range])
    if let old = source.spans {
      spans.append(contentsOf: old[range])
    } else {
      for index in range { spans.append(.init(source.origin + index, source.origin + index + 1)) }
    }
  }

  /// Appends a code point aligned with `range` of the source.
  @inline(__always) mutating func append(_ code: UInt32, for range: Range<Int>) {
    append(code, source.span(range))
  }

  /// Appends a code point aligned with a span of the original.
  @inline(__always) mutating func append(_ code: UInt32, _ span: AlignedText.Span) {
    bytes.append(scalar: code)
    while spans.count < bytes.count { spans.append(span) }
  }

  /// Appends UTF-8 bytes, all aligned with the same span of the original.
  mutating func append(_ utf8: some Sequence<UInt8>, _ span: AlignedText.Span) {
    bytes.append(contentsOf: utf8)
    while spans.count < bytes.count { spans.append(span) }
  }
}

extension AlignedText {
  /// Rewrites the text character by character: `body` appends the replacement of each character to the builder.
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
  /// Rewrites the text character by character with the alignment rule of the reference (`NormalizedString::transform`
  /// of Hugging Face tokenizers): an added character is aligned with the one before it.
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

/// A character of a rewritten text and its relation to the old text.
struct CharacterChange {
  var code: UInt32
  /// 0: replaces the next old character. 1: is added after the previous one. −n: replaces the next old character and
  /// drops n more.
  var change: Int
}
