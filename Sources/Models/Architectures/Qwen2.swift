// Yang et al. (2024): Qwen2 Technical Report (arXiv:2407.10671). The body of Llama with biases on queries, keys and
// values; layers may see a sliding window.

import Layers
import Tensors

extension ArchitectureDefinition {
  /// How a Qwen2 checkpoint is opened.
  static let qwen2 = ArchitectureDefinition(
    "qwen2", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + ["hidden_act"] + QwenWindows.keys, withoutEffect: DecoderSizes.keysWithoutEffect,
      dropout: .decoder),
    gguf: .qwen2, configuration: Qwen2Configuration.init, contextLength: { $0.sizes.max_position_embeddings },
    classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Qwen2. Properties have the file's key names; defaults for missing keys are those of transformers.
struct Qwen2Configuration: RotaryConfiguration {
  var sizes: DecoderSizes
  let layers: SlidingLayers
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try DecoderSizes(
      file, DecoderSizes.Defaults(vocabulary: 151_936, inner: 22_016, keyHeads: 32, positions: 32_768))
    layers = try QwenWindows.read(file, layers: sizes.num_hidden_layers)
    rotary = try RotaryParameters(file, sizes.rotary)
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    Llama(weights, sizes, rotary) { weights, layer in
      let shape = sizes.shape(window: layers.windows[layer])
      return LlamaLayer(
        weights, sizes,
        self_attn: DecoderAttention(weights("self_attn"), sizes, shape, bias: true, outputBias: false),
        mlp: GatedFeedForward(weights("mlp"), sizes))
    }
  }
}

/// The sliding windows of Qwen2 and Qwen3: off unless `use_sliding_window`, and then in the layers from
/// `max_window_layers` on.
enum QwenWindows {
  /// The keys that are read here.
  static let keys = ["use_sliding_window", "sliding_window", "max_window_layers", "layer_types"]

  static func read(_ file: ConfigurationReader, layers: Int) throws(ModelError) -> SlidingLayers {
    let own = try file.optionalSize("sliding_window", default: 4096)
    let window = try file.boolean("use_sliding_window", default: false) ? own : nil
    let first = try file.count("max_window_layers", default: 28)
    return try SlidingLayers(file, layers: layers, window: window) { window != nil && $0 >= first }
  }
}
