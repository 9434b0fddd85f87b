import EngineAPI
import Sampling

/// A model for tests: a small vocabulary, a text that it prefers to generate, and seeded random probabilities for other
/// tokens.
public struct ScriptedModel: Sendable {
  /// The values shown in the list of models.
  public var summary: ModelSummary
  /// The family.
  public var family: ModelFamily
  /// The bytes of each token by id: 0 is end of text, 1 the mask, then the 256 single bytes, then words.
  public var vocabulary: [[UInt8]]
  /// The text that it prefers after any prompt (causal) or input (encoder-decoder).
  public var script: String
  /// The preferred words for each mask of a text, in order.
  public var fillings: [[String]]
  /// The error that opening throws, for a broken model.
  public var failure: EngineError?
  /// The seed of its probabilities.
  public var seed: UInt64
  /// Whether it has a chat template.
  public var hasTemplate = false
  /// The ids of the script's tokens.
  let scriptIDs: [Int]
  /// Token ids by first byte, longest tokens first.
  let idsByFirstByte: [[Int]]

  /// The id of the end-of-text token.
  public static let endOfText = 0
  /// The id of the mask token.
  public static let mask = 1
  /// The id of the byte 0.
  static let firstByte = 2
  /// The progress reports while a model opens.
  public static let loadSteps: [(fraction: Double, step: String)] = [
    (0.1, "reading"), (0.6, "packing"), (1, "packing"),
  ]

  /// A model whose vocabulary contains all bytes, `words`, and the words of its script and fillings.
  public init(
    _ name: String, family: ModelFamily, parameters: Int = 21_300_000, words: [String] = [], script: String = "",
    fillings: [[String]] = [], contextLength: Int? = 512, seed: UInt64 = 1, failure: EngineError? = nil,
    card: String? = nil
  ) {
    self.family = family
    self.script = script
    self.fillings = fillings
    self.seed = seed
    self.failure = failure
    var vocabulary: [[UInt8]] = [Array("<|end|>".utf8), Array("[MASK]".utf8)] + (0...255).map { [UInt8($0)] }
    var known = Set(vocabulary)
    for word in words + ScriptedModel.words(of: script) + fillings.joined()
    where known.insert(Array(word.utf8)).inserted {
      vocabulary.append(Array(word.utf8))
    }
    self.vocabulary = vocabulary
    var index = Array(repeating: [Int](), count: 256)
    for (id, token) in vocabulary.enumerated() { if let first = token.first { index[Int(first)].append(id) } }
    for byte in index.indices { index[byte].sort { (-vocabulary[$0].count, $0) < (-vocabulary[$1].count, $1) } }
    idsByFirstByte = index
    scriptIDs = ScriptedModel.ids(of: Array(script.utf8), vocabulary, index)
    summary = ModelSummary(
      name: name, path: "/models/\(name)", family: family,
      architecture: family == .causal ? "gpt2" : family == .seq2seq ? "t5" : "bert", parameters: parameters,
      dtype: "f32",
      bytes: parameters * 4, context: ContextLength(contextLength), source: "bundled", card: card)
  }

  /// The information about the open model.
  public func information(_ reference: ModelReference) -> ModelInformation {
    ModelInformation(
      reference: reference, summary: summary, family: family, vocabularySize: vocabulary.count,
      endOfTextIDs: family == .masked ? [] : [ScriptedModel.endOfText],
      maskToken: family == .masked || family == .classifier ? token(ScriptedModel.mask) : nil,
      languages: family == .seq2seq ? ["en", "fr"] : [], vocabularyFingerprint: fingerprint, loadSeconds: 0.1,
      weightBytes: summary.bytes, format: reference.format ?? .f32)
  }

  /// A hash of the vocabulary (FNV-1a).
  private var fingerprint: UInt64 {
    vocabulary.joined(separator: [0xFF]).reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The token with an id.
  public func token(_ id: Int) -> TokenValue { TokenValue(id: id, bytes: vocabulary[id]) }

  /// The words of a text, each with the space before it, as in byte-level vocabularies.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    for character in text {
      if character == " " || words.isEmpty { words.append("") }
      words[words.count - 1].append(character)
    }
    return words
  }
}
