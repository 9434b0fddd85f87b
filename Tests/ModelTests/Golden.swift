import Checkpoints
import TestSupport
import Tensors
import Testing

@testable import Models

/// A tiny model of `Tests/Fixtures/models` with the reference values of transformers (see `make_fixtures.py`).
struct Golden {
  let opened: OpenedModel
  private let reference: SafetensorsFile

  init(_ name: String, cache: CacheFormat = .f32) throws {
    opened = try ModelLoader.open(folder: Fixtures.path("models/\(name)"), cache: cache)
    reference = try SafetensorsFile(path: Fixtures.path("models/\(name)/reference.safetensors"))
  }

  static let albert = ["albert", "albert-groups"]
  static let bart = ["bart", "bart-uneven", "bart-untied"]
  static let bert = ["bert", "bert-old", "bert-untied"]
  static let distilbert = ["distilbert", "distilbert-untied"]
  static let electra = ["electra", "electra-untied"]
  static let gpt2 = ["gpt2", "gpt2-bare", "gpt2-f16", "gpt2-bf16", "gpt2-sharded", "gpt2-untied"]
  static let gptNeo = ["gpt-neo", "gpt-neo-untied"]
  static let gptNeoX = ["gpt-neox", "gpt-neox-serial", "gpt-neox-tied"]
  static let llama = ["llama", "llama-wide", "llama-tied", "llama-scaled", "llama-yarn"]
  static let gemma = ["gemma2", "gemma2-open", "gemma3", "gemma3-old"]
  static let mistral = ["mistral", "mistral-open"]
  static let olmo2 = ["olmo2", "olmo2-biased"]
  static let phi3 = ["phi3"]
  static let qwen = ["qwen2", "qwen2-sliding", "qwen3", "qwen3-sliding"]
  /// Models whose rotary frequencies depend on the length of the text.
  static let long = ["llama-long", "phi3-long"]
  /// Causal models, with the values of a whole text.
  static let causal = gpt2 + gptNeo + gptNeoX + llama + gemma + mistral + olmo2 + opt + phi3 + qwen
  static let m2m100 = ["m2m-100", "m2m-100-odd"]
  static let marian = ["marian", "marian-odd", "marian-separate"]
  static let mbart = ["mbart", "mbart-scaled"]
  static let mt5 = ["mt5", "mt5-tied"]
  static let opt = ["opt", "opt-projected", "opt-plain", "opt-untied"]
  static let modernbert = ["modernbert", "modernbert-biased", "modernbert-old"]
  static let roberta = ["camembert", "roberta", "roberta-untied", "xlm-roberta"]
  static let t5 = ["t5", "t5-v1.1", "t5-scaled", "t5-unscaled"]
  static let umt5 = ["umt5", "umt5-scaled"]

  /// Masked language models.
  static let masked = albert + bert + distilbert + electra + modernbert + roberta
  /// Encoder-decoder models.
  static let seq2seq = bart + m2m100 + marian + mbart + mt5 + t5 + umt5

  /// The tolerance of single precision against the double-precision reference, relative to the largest value: some
  /// hundred roundings of 2^-24 each, most of which cancel.
  static let singlePrecision: Float = 5e-6

  func tensor(_ name: String) throws -> Tensor { try #require(reference[name]).tensor() }

  func ids(_ name: String = "ids") throws -> [Int] { try tensor(name).scalars.map { Int($0) } }

  /// The names of the reference tensors.
  var names: [String] { reference.names }

  /// The names of the reference tensors that a probe receives.
  var activations: Set<String> { Set(reference.names.filter { $0.contains("hidden_states.") }) }

  /// Compares a tensor with the reference tensor of this name.
  func expect(_ found: Tensor, equals name: String) throws {
    let expected = try tensor(name)
    #expect(found.shape == expected.shape, "\(name)")
    let largest = expected.scalars.map(abs).max() ?? 0
    let difference = zip(found.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? 0
    #expect(difference <= Self.singlePrecision * max(1, largest), "\(name) differs by \(difference) at most")
  }
}

/// Collects the activations of a probe.
final class ProbeLog {
  private(set) var activations: [String: Tensor] = [:]

  var probe: Probe { Probe { self.activations[$0] = $1 } }
}

extension OpenedModel {
  func causal() throws -> any CausalModel {
    guard case .causal(let model) = model else { throw WrongFamily() }
    return model
  }

  func masked() throws -> any MaskedModel {
    guard case .masked(let model) = model else { throw WrongFamily() }
    return model
  }

  func seq2seq() throws -> any Seq2SeqModel {
    guard case .seq2seq(let model) = model else { throw WrongFamily() }
    return model
  }
}

struct WrongFamily: Error {}

extension Tensor {
  /// The bit patterns of the elements, for exact comparisons.
  var bits: [UInt32] { scalars.map(\.bitPattern) }
}
