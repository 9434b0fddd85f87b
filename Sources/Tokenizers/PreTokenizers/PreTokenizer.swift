/// Cuts a normalized text into the pieces that the model is asked about one by one.
protocol PreTokenizer: Sendable {
  /// Cuts each piece into smaller ones, and may rewrite the text.
  func preTokenize(_ text: inout SplitText)
}
