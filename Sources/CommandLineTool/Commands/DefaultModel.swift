/// The bundled models that commands use without `-m`.
enum DefaultModel {
  /// For text that goes on.
  static let causal = "storyteller"
  /// For gaps.
  static let masked = "cloze"
  /// For translation.
  static let seq2seq = "interpreter"
}
