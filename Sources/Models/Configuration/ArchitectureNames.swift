import JSONText

/// Names of classes in `architectures`.
public enum ArchitectureNames {
  /// The endings of class names, which a new head replaces.
  private static let endings = [
    "ForMaskedLM", "LMHeadModel", "ForCausalLM", "ForPreTraining", "ForSequenceClassification",
    "ForTokenClassification", "ForConditionalGeneration", "ForQuestionAnswering", "Model", "MTModel",
  ]

  /// The beginnings of class names that do not follow from an ending, by `model_type`.
  private static let stems = [
    "gpt2": "GPT2", "bert": "Bert", "roberta": "Roberta", "distilbert": "DistilBert", "albert": "Albert",
    "electra": "Electra", "modernbert": "ModernBert", "gpt_neo": "GPTNeo", "gpt_neox": "GPTNeoX", "opt": "OPT",
    "llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "qwen3": "Qwen3", "gemma2": "Gemma2",
    "gemma3_text": "Gemma3Text", "phi3": "Phi3", "olmo2": "Olmo2", "camembert": "Camembert",
    "xlm-roberta": "XLMRoberta", "t5": "T5", "mt5": "MT5", "umt5": "UMT5", "bart": "Bart", "mbart": "MBart",
    "marian": "Marian", "m2m_100": "M2M100",
  ]

  /// The beginning of the class names of a configuration's architecture: `Bert` of `BertForMaskedLM`.
  public static func stem(_ configuration: JSONObject) -> String {
    if let known = configuration["model_type"]?.string.flatMap({ stems[$0] }) { return known }
    let name = configuration["architectures"]?[0]?.string ?? ""
    return endings.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
  }
}
