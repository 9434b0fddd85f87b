import JSONText

/// The vocabulary in the metadata of a GGUF file (`tokenizer.ggml.…`).
struct GGUFVocabulary {
  /// The type of a token. Raw values are the numbers in the file format.
  enum Kind: Int {
    case normal = 1, unknown, control, userDefined, unused, byte
  }

  /// The texts of the tokens, in the order of their ids.
  let tokens: [[UInt8]]
  /// The type of each token.
  let kinds: [Kind]
  private let metadata: JSONValue
  private let path: String

  /// - Parameters:
  ///   - metadata: an object with the metadata keys that begin with `tokenizer.`, and `general.name`.
  ///   - path: the file's path, for error messages.
  init(_ metadata: JSONValue, path: String) throws(TokenizerError) {
    self.metadata = metadata
    self.path = path
    let field = Field(metadata["tokenizer.ggml.tokens"], "\(path), tokenizer.ggml.tokens")
    guard let values = field.value?.array, 1...Vocabulary.largestID ~= values.count else {
      throw field.invalid("an array of 1 to \(Vocabulary.largestID) tokens")
    }
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(values.count)
    for value in values {
      guard let token = value.bytes, isValidUTF8(token) else {
        throw .invalid(
          path: "\(field.path)[\(tokens.count)]", expected: "a string in UTF-8",
          found: value.bytes == nil ? value.kind : "other bytes")
      }
      tokens.append(token)
    }
    self.tokens = tokens
    let types = Field(metadata["tokenizer.ggml.token_type"], "\(path), tokenizer.ggml.token_type")
    guard types.exists else {
      kinds = Array(repeating: .normal, count: tokens.count)
      return
    }
    guard let numbers = types.value?.array, numbers.count == tokens.count else {
      throw types.invalid("an array of \(tokens.count) types")
    }
    var kinds: [Kind] = []
    kinds.reserveCapacity(numbers.count)
    for number in numbers {
      // Type 0 means "undefined"; older files use it for normal tokens.
      guard let kind = number.int.flatMap({ $0 == 0 ? .normal : Kind(rawValue: $0) }) else {
        throw .invalid(
          path: "\(types.path)[\(kinds.count)]", expected: "a type from 0 to 6", found: number.serialized())
      }
      kinds.append(kind)
    }
    self.kinds = kinds
  }

  /// The value of `tokenizer.ggml.NAME`.
  func field(_ name: String) -> Field {
    Field(metadata["tokenizer.ggml.\(name)"], "\(path), tokenizer.ggml.\(name)")
  }

  /// The score of each token.
  func scores() throws(TokenizerError) -> [Double] {
    let field = field("scores")
    guard let values = field.value?.array, values.count == tokens.count else {
      throw field.invalid("an array of \(tokens.count) scores")
    }
    var scores: [Double] = []
    scores.reserveCapacity(values.count)
    for value in values {
      guard let score = value.double, !score.isNaN else {
        throw .invalid(path: "\(field.path)[\(scores.count)]", expected: "a score", found: value.kind)
      }
      scores.append(score)
    }
    return scores
  }

  /// The tokens as a vocabulary; `text` gives the piece of each id.
  func table(_ text: (Int) -> [UInt8]) -> Vocabulary {
    var vocabulary = Vocabulary(minimumCapacity: tokens.count)
    for id in tokens.indices { vocabulary.set(text(id), id: id) }
    return vocabulary
  }

  /// The id in `tokenizer.ggml.NAME_token_id`.
  /// - Parameter fallback: the id if the key is missing or, as in llama.cpp, has an id outside the vocabulary.
  func id(_ name: String, default fallback: Int? = nil) throws(TokenizerError) -> Int? {
    let field = field("\(name)_token_id")
    let own = field.exists ? try field.int(in: Int.min...Int.max) : nil
    return [own, fallback].compactMap { $0 }.first { tokens.indices.contains($0) }
  }

  /// The names of special tokens in transformers, and the matching names in GGUF keys.
  private static let specialNames = [
    ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("sep_token", "seperator"),
    ("pad_token", "padding"), ("cls_token", "cls"), ("mask_token", "mask"),
  ]

  /// The special tokens by their names in transformers.
  /// - Parameter defaults: the ids of tokens that the file does not define, by their names in GGUF keys.
  func specialTokens(_ defaults: [String: Int]) throws(TokenizerError) -> ConfiguredTokens {
    var settings: JSONObject = [:]
    for (name, key) in Self.specialNames {
      guard let id = try id(key, default: defaults[key]), !tokens[id].isEmpty else { continue }
      settings[name] = .string(ByteString(tokens[id]))
    }
    return try ConfiguredTokens(TokenizerConfiguration(settings: .object(settings)), defaults: [:], file: [])
  }

  /// The tokens that are matched in the text: control and unknown tokens, which are special, and user-defined tokens.
  func addedTokens() -> [AddedToken] {
    let name = metadata["general.name"]?.string?.lowercased() ?? ""
    let pre = field("pre").value?.string ?? ""
    let isPhi3 = ["phi-3", "phi3"].contains(where: name.contains)
    var added: [AddedToken] = []
    for (token, kind) in zip(tokens, kinds) where [.unknown, .control, .userDefined].contains(kind) {
      var entry = AddedToken(special: "")
      entry.content = token
      entry.special = kind != .userDefined
      // The files do not say which tokens also match the space after them; llama.cpp decides by the model's name.
      entry.stripsRight =
        isPhi3 && ![Array("<unk>".utf8), Array("<s>".utf8), Array("<|endoftext|>".utf8)].contains(token)
      entry.stripsLeft =
        pre.hasPrefix("jina-v2-") && pre != "jina-v2-en" && token == Array("<mask>".utf8)
        || name.contains("modern-bert") && token == Array("[MASK]".utf8)
      added.append(entry)
    }
    return added
  }
}
