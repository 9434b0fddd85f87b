/// What post-processors may look at.
struct PostProcessingContext {
  /// The original text.
  let text: TextBuffer
  /// The model's pieces.
  let vocabulary: Vocabulary
  /// Whether the first token is the first one of the text.
  var startsText = true
}
