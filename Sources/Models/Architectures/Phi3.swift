// Abdin et al. (2024): Phi-3 Technical Report (arXiv:2404.14219). The body of Llama; each layer has one projection for
// queries, keys and values and one for both inputs of the gate, and long texts have other rotary frequencies.

import Layers
import Tensors

extension ArchitectureDefinition {
  /// How a Phi-3 checkpoint is opened.
  static let phi3 = ArchitectureDefinition(
    "phi3", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + ["hidden_act", "sliding_window"],
      withoutEffect: DecoderSizes.keysWithoutEffect + ["embd_pdrop"],
      dropout: DropoutKeys(
        .init("resid_pdrop", 0, .attentionOutput, .feedForwardOutput), .init("attention_dropout", 0, .attention),
        .init("classifier_dropout", 0.1, .tokenHead))),
    tokens: TokenDefaults(bos: 1, pad: 32_000), gguf: .phi3, configuration: Phi3Configuration.init,
    contextLength: { $0.sizes.max_position_embeddings }, classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Phi-3. Properties have the file's key names; defaults for missing keys are those of transformers.
struct Phi3Configuration: RotaryConfiguration {
  var sizes: DecoderSizes
  /// `nil` means that every layer attends to all earlier positions.
  let sliding_window: Int?
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try DecoderSizes(
      file,
      DecoderSizes.Defaults(
        vocabulary: 32_064, width: 3072, inner: 8192, positions: 4096, epsilon: 1e-5, padding: 32_000))
    sliding_window = try file.optionalSize("sliding_window")
    var model = sizes.rotary
    model.rotaryShare = 1
    model.originalLength = try file.size(RotaryParameters.originalLengthKey, default: 4096)
    // Older names of `longrope`.
    model.otherNames = ["su": "longrope", "yarn": "longrope"]
    rotary = try RotaryParameters(file, model)
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    let shape = sizes.shape(window: sliding_window)
    return Llama(weights, sizes, rotary) { weights, _ in
      LlamaLayer(
        weights, sizes, self_attn: DecoderAttention(weights("self_attn"), sizes, shape, fused: "qkv_proj"),
        mlp: GatedFeedForward(weights("mlp"), sizes, fused: "gate_up_proj"))
    }
  }
}
