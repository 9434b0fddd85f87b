import Models

/// How much may follow a text.
enum TokenLimit {
  /// How many tokens may follow these ids.
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/promptTooLong(limit:found:)``.
  static func newTokens(after ids: [Int], atMost most: Int, model: any LanguageModel) throws(GenerationError) -> Int {
    guard !ids.isEmpty else { throw .emptyPrompt }
    guard let context = model.facts.contextLength else { return max(most, 0) }
    guard ids.count <= context else { throw .promptTooLong(limit: context, found: ids.count) }
    return max(min(most, context - ids.count), 0)
  }
}
