import EngineAPI
import Sampling

/// A model of tables: a small vocabulary, a text that it likes to write, and seeded numbers for everything else.
public struct ScriptedModel: Sendable {
  /// What the listing says.
  public var summary: ModelSummary
  /// The family.
  public var family: ModelFamily
  /// Every token's bytes by id: 0 is end-of-text, 1 the mask, then the 256 bytes, then words.
  public var vocabulary: [[UInt8]]
  /// The text it writes after any prompt (causal) or input (encoder-decoder).
  public var script: String
  /// The words it prefers for the masks of a text, mask by mask.
  public var fillings: [[String]]
  /// What opening it throws, for a broken model.
  public var failure: EngineError?
  /// The seed of its numbers.
  public var seed: UInt64
  /// The ids of the script.
  let scriptIDs: [Int]
  /// The ids of tokens by their first byte, the longest tokens first.
  let idsByFirstByte: [[Int]]

  /// The id of end-of-text.
  public static let endOfText = 0
  /// The id of the mask.
  public static let mask = 1
  /// The first id of a byte.
  static let firstByte = 2
  /// How opening goes on.
  public static let loadSteps: [(fraction: Double, step: String)] = [
    (0.1, "reading"), (0.6, "packing"), (1, "packing"),
  ]

  /// A model over the bytes, `words`, and the words of its own script and fillings.
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
      architecture: family == .causal ? "gpt2" : family == .masked ? "bert" : "t5", parameters: parameters,
      dtype: "f32",
      bytes: parameters * 4, context: ContextLength(contextLength), source: "bundled", card: card)
  }

  /// What is known once it is open.
  public func information(_ reference: ModelReference) -> ModelInformation {
    ModelInformation(
      reference: reference, summary: summary, family: family, vocabularySize: vocabulary.count,
      context: summary.context, endOfTextIDs: family == .masked ? [] : [ScriptedModel.endOfText],
      maskToken: family == .masked ? token(ScriptedModel.mask) : nil,
      languages: family == .seq2seq ? ["en", "fr"] : [], vocabularyFingerprint: seed, loadSeconds: 0.1,
      weightBytes: summary.bytes, format: reference.format ?? .f32)
  }

  /// The token of an id.
  public func token(_ id: Int) -> TokenValue { TokenValue(id: id, bytes: vocabulary[id]) }

  /// Words with the space before them, as byte-level vocabularies hold them.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    for character in text {
      if character == " " || words.isEmpty { words.append("") }
      words[words.count - 1].append(character)
    }
    return words
  }
}
