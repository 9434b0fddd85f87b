// Gemma Team (2025): Gemma 3 Technical Report (arXiv:2503.19786). The layers of Gemma 2 with query and key norms
// instead of soft caps. Sliding-window layers have a smaller rotary base than the other layers.

import JSONText
import Layers
import Tensors

extension ArchitectureDefinition {
  /// How a Gemma 3 checkpoint without images is opened.
  static let gemma3 = ArchitectureDefinition(
    "gemma3_text", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + GemmaSizes.keys + ["sliding_window_pattern", "rope_local_base_freq"],
      // The model in transformers never caps attention scores, although the configuration has the key.
      withoutEffect: DecoderSizes.keysWithoutEffect + [
        "attn_logit_softcapping", "default_theta", "_sliding_window_pattern",
      ],
      refused: ["use_bidirectional_attention": []], dropout: .decoder),
    tokens: TokenDefaults(bos: 2, pad: 0), gguf: .gemma3, configuration: Gemma3Configuration.init,
    contextLength: { $0.sizes.max_position_embeddings }, classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Gemma 3. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct Gemma3Configuration: RotaryConfiguration {
  var gemma: GemmaSizes
  let rotary: RotaryParameters
  /// The rotary settings of sliding-window layers.
  let slidingRotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    let pattern = try file.size("sliding_window_pattern", default: 6)
    gemma = try GemmaSizes(file, vocabulary: 262_208, positions: 131_072, finalCap: nil) {
      !($0 + 1).isMultiple(of: pattern)
    }
    // `rope_scaling` is merged into these members. Their `rope_type` overrides an older `type` in it.
    var all: JSONObject = ["full_attention": ["rope_type": "default"]]
    if let (key, value) = file.value(["rope_parameters"]) {
      guard let object = value.object else { throw file.failure(key, "an object", value) }
      all = object
    }
    func members(_ kind: String) throws(ModelError) -> JSONObject {
      guard let value = all[kind], !value.isNull else { return [:] }
      guard let object = value.object else { throw file.failure("rope_parameters, \(kind)", "an object", value) }
      return object
    }
    var full = try members("full_attention")
    // Older files have one `rope_scaling`, which applies to the layers with full attention.
    if let (key, value) = file.value(["rope_scaling"]) {
      guard let object = value.object else { throw file.failure(key, "an object", value) }
      for (key, value) in object.members { full.setValue(value, forKey: key) }
    }
    var model = gemma.sizes.rotary
    model.isNested = true
    model.base = try file.number("rope_theta", above: 0, default: 1_000_000)
    rotary = try RotaryParameters(file, "rope_parameters, full_attention", full, share: 1, model)
    model.base = try file.number("rope_local_base_freq", above: 0, default: 10_000)
    slidingRotary = try RotaryParameters(
      file, "rope_parameters, sliding_attention", members("sliding_attention"), share: 1, model)
    guard slidingRotary.long == nil, rotary.long == nil else {
      throw file.failure("rope_parameters", "a kind other than longrope, which is not supported here", "longrope")
    }
  }

  var sizes: DecoderSizes {
    get { gemma.sizes }
    set { gemma.sizes = newValue }
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    gemma.model(weights, rotary, sliding: slidingRotary, softCap: nil, norms: .heads)
  }
}
