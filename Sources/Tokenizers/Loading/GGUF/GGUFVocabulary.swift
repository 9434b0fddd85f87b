import JSONText

/// The vocabulary in the metadata of a GGUF file: `tokenizer.ggml.…`.
struct GGUFVocabulary {
  /// What a token is for, by the numbers of the format.
  enum Kind: Int {
    case normal = 1, unknown, control, userDefined, unused, byte
  }

  /// The tokens' texts in the order of their ids.
  let tokens: [[UInt8]]
  /// As many as tokens.
  let kinds: [Kind]
  private let metadata: JSONValue
  private let path: String

  /// - Parameters:
  ///   - metadata: an object of all keys that begin with `tokenizer.`, and `general.name`.
  ///   - path: the file, for messages.
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
      // Type 0 is "undefined"; older files have it for ordinary tokens.
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

  /// The tokens' scores, one each.
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

  /// The tokens as a table.
  func table(_ text: (Int) -> [UInt8]) -> Vocabulary {
    var vocabulary = Vocabulary(minimumCapacity: tokens.count)
    for id in tokens.indices { vocabulary.set(text(id), id: id) }
    return vocabulary
  }

  /// The id that `tokenizer.ggml.NAME_token_id` gives; as in llama.cpp, one outside the vocabulary counts as none.
  /// - Parameter fallback: the id where the file has no such key.
  func id(_ name: String, default fallback: Int? = nil) throws(TokenizerError) -> Int? {
    let field = field("\(name)_token_id")
    guard field.exists else { return fallback.flatMap { tokens.indices.contains($0) ? $0 : nil } }
    let id = try field.int(in: Int.min...Int.max)
    return tokens.indices.contains(id) ? id : nil
  }

  /// The names that transformers gives the special tokens, and those of their keys in GGUF.
  private static let specialNames = [
    ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("sep_token", "seperator"),
    ("pad_token", "padding"), ("cls_token", "cls"), ("mask_token", "mask"),
  ]

  /// The special tokens by transformers' names.
  /// - Parameter defaults: the ids of those that the file does not name, by the names of their keys.
  func specialTokens(_ defaults: [String: Int]) throws(TokenizerError) -> ConfiguredTokens {
    var settings: JSONObject = [:]
    for (name, key) in Self.specialNames {
      guard let id = try id(key, default: defaults[key]), !tokens[id].isEmpty else { continue }
      settings[name] = .string(ByteString(tokens[id]))
    }
    return try ConfiguredTokens(TokenizerConfiguration(settings: .object(settings)), defaults: [:], file: [])
  }

  /// The tokens that are found in the text itself: control and unknown tokens, which are special, and those that users
  /// defined.
  func addedTokens() -> [AddedToken] {
    let name = metadata["general.name"]?.string?.lowercased() ?? ""
    let pre = field("pre").value?.string ?? ""
    let isPhi3 = ["phi-3", "phi3"].contains(where: name.contains)
    var added: [AddedToken] = []
    for (token, kind) in zip(tokens, kinds) where [.unknown, .control, .userDefined].contains(kind) {
      var entry = AddedToken(special: "")
      entry.content = token
      entry.special = kind != .userDefined
      // The files do not say which tokens take the space beside them; llama.cpp knows it by the model's name.
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
