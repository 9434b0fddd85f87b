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
