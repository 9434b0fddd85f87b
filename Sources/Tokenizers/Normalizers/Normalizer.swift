/// Rewrites a text before it is cut into pieces.
protocol Normalizer: Sendable {
  /// Rewrites the text and keeps its alignment with the original.
  func normalize(_ text: inout AlignedText)
}
