/// The architectures that are built in, by `model_type`.
enum Architecture: String, CaseIterable {
  case bert
  case gpt2
  case t5

  var family: ArchitectureFamily {
    switch self {
    case .bert: .masked
    case .gpt2: .causal
    case .t5: .seq2seq
    }
  }
}
