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
