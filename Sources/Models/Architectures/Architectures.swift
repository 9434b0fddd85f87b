import Checkpoints

/// The supported architectures.
enum Architectures {
  /// All architectures, in alphabetical order. A new architecture is one more entry.
  static let all: [ArchitectureDefinition] = [
    ALBERT.definition,
    Bart.definition,
    BERT.definition,
    RoBERTa.camembert,
    DistilBERT.definition,
    ELECTRA.definition,
    .gemma2,
    .gemma3,
    GPT2.definition,
    GPTNeo.definition,
    GPTNeoX.definition,
    .llama,
    M2M100.definition,
    Marian.definition,
    MBart.definition,
    .mistral,
    ModernBERT.definition,
    MT5.definition,
    .olmo2,
    OPT.definition,
    .phi3,
    .qwen2,
    .qwen3,
    RoBERTa.definition,
    T5.definition,
    UMT5.definition,
    RoBERTa.multilingual,
  ]

  /// The architecture with this `model_type`.
  static func named(_ name: String) -> ArchitectureDefinition? { all.first { $0.name == name } }

  /// The architecture of a GGUF file with this `general.architecture`.
  static func ofGGUF(_ name: String, _ file: GGUFFile) -> ArchitectureDefinition? {
    all.first { $0.gguf?.architecture == name && $0.gguf?.matches(file) == true }
  }

  /// The architecture whose name begins this class name. The oldest files have only a class name, such as
  /// `GPT2LMHeadModel`.
  static func ofClass(_ name: String) -> ArchitectureDefinition? {
    all.first { name.lowercased().hasPrefix($0.name.filter { $0 != "-" }) }
  }
}
