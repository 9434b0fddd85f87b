import EngineAPI
import Models
import Tokenizers

/// The languages of a translation model, and how a request specifies source and target language.
///
/// Both are in the prefix. T5's prefix is a phrase, Marian's is a token for the target language. mBART, M2M-100 and
/// NLLB need a token for the source language around the source, and a token for the target language at the start of the
/// translation. For them the prefix consists of these two tokens, and ``route(_:)`` moves the tokens to their places.
struct TranslationLanguages: Sendable {
  /// A language as a token of the vocabulary.
  struct Language: Sendable {
    /// The model's own code: `fr_XX`, `fra_Latn`, `fra`.
    let own: String
    /// The token's text.
    let text: String
    let id: Int
    /// The usual code: `fr`.
    var short: String { LanguageNames.short(own) }
  }

  /// How the model is told the languages.
  private enum Marking: Sendable {
    /// A phrase before the source.
    case phrase([TaskDefaults])
    /// The target's token before the source.
    case target([Language], LanguagePair?)
    /// The model translates in one direction only and needs no prefix.
    case fixed(LanguagePair?)
    /// The source language's token in the source, the target language's at the start of the translation.
    case both([Language], onlyTarget: Language?)
    /// Unknown.
    case none([TaskDefaults])
  }

  private let marking: Marking

  /// The languages of a model.
  init(architecture: String, generation: GenerationConfiguration, tokenizer: Tokenizer) {
    switch architecture {
    case "marian":
      let targets = tokenizer.pieces(from: ">>", to: "<<").map {
        Language(own: $0.content, text: ">>\($0.content)<<", id: $0.id)
      }
      marking = targets.isEmpty ? .fixed(tokenizer.languagePair) : .target(targets, tokenizer.languagePair)
    case "mbart", "m2m_100":
      let tokens = tokenizer.addedTokens.compactMap(Self.language)
      let start = tokens.first { $0.id == generation.decoderStartTokenID }
      marking = tokens.isEmpty ? .none(generation.tasks) : .both(tokens, onlyTarget: start)
    case "t5", "mt5", "umt5": marking = .phrase(generation.tasks)
    default: marking = .none(generation.tasks)
    }
  }

  /// A language's token of mBART (`fr_XX`), NLLB (`fra_Latn`) or M2M-100 (`__fr__`).
  private static func language(_ token: (content: String, id: Int)) -> Language? {
    let text = token.content
    if text.utf8.count > 4, text.hasPrefix("__"), text.hasSuffix("__") {
      return Language(own: String(text.dropFirst(2).dropLast(2)), text: text, id: token.id)
    }
    let parts = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard parts.count == 2, [(2, 2), (3, 4)].contains(where: { $0 == (parts[0].count, parts[1].count) }),
      parts[0].allSatisfy({ 0x61...0x7A ~= $0 }), parts[1].allSatisfy({ 0x41...0x5A ~= $0 & 0xDF })
    else { return nil }
    return Language(own: text, text: text, id: token.id)
  }

  /// The codes to offer to the user; empty if they are not known.
  var codes: [String] {
    switch marking {
    case .phrase(let tasks), .none(let tasks): return TranslationTask.languages(of: tasks)
    case .fixed(let pair): return pair.map { [LanguageNames.short($0.source), LanguageNames.short($0.target)] } ?? []
    case .target(let languages, let pair):
      return (pair.map { [LanguageNames.short($0.source)] } ?? []) + Self.codes(languages)
    case .both(let languages, _): return Self.codes(languages)
    }
  }

  /// The two-letter codes; for languages that share one, the model's own codes.
  private static func codes(_ languages: [Language]) -> [String] {
    let counts = Dictionary(languages.map { ($0.short, 1) }, uniquingKeysWith: +)
    return languages.map { counts[$0.short] == 1 ? $0.short : $0.own }
  }

  /// The prefix for translating between two languages.
  /// - Parameter model: the model's name for errors.
  func prefix(from source: String, to target: String, model: String) throws(EngineError) -> String {
    switch marking {
    case .phrase(let tasks):
      return try TranslationTask.prefix(from: source, to: target, tasks: tasks, model: model)
    case .none(let tasks):
      guard !TranslationTask.languages(of: tasks).isEmpty else {
        throw EngineError(
          .usage, "no languages", at: model, expected: "a model that names the languages it translates between",
          found: "none", hint: "give the prefix that it needs, which may be empty", settings: [.taskPrefix])
      }
      return try TranslationTask.prefix(from: source, to: target, tasks: tasks, model: model)
    case .fixed(let pair):
      if let pair { try Self.check(source, target, pair, model) }
      return ""
    case .target(let languages, let pair):
      // A group of languages, such as `roa`, has no code of two letters; its members are not listed.
      if let pair, LanguageNames.english[LanguageNames.short(pair.source)] != nil,
        LanguageNames.short(pair.source) != LanguageNames.short(source)
      {
        throw Self.unknown(source, expected: "\(pair.source), the language that it translates from", model)
      }
      return try Self.find(target, languages, model).text + " "
    case .both(let languages, let only):
      let (from, to) = (try Self.find(source, languages, model), try Self.find(target, languages, model))
      guard from.id != to.id else { throw Self.twice(source, model) }
      if let only, only.id != to.id {
        throw Self.unknown(target, expected: "\(only.own), the language that it translates to", model)
      }
      return from.text + to.text
    }
  }

  private static func check(
    _ source: String, _ target: String, _ pair: LanguagePair, _ model: String
  ) throws(EngineError) {
    let asked = [source, target].map(LanguageNames.short)
    guard asked != [pair.source, pair.target].map(LanguageNames.short) else { return }
    throw EngineError(
      .usage, "no such pair of languages", at: model, expected: "\(pair.source) to \(pair.target)",
      found: "\(source) to \(target)", hint: "choose these languages", settings: [.sourceLanguage, .targetLanguage])
  }

  /// The language of a code: the model's own, or the usual one where only one language has it.
  private static func find(
    _ code: String, _ languages: [Language], _ model: String
  ) throws(EngineError) -> Language {
    let lower = code.lowercased()
    if let exact = languages.first(where: { $0.own.lowercased() == lower }) { return exact }
    let found = languages.filter { $0.short == LanguageNames.short(code) && !code.contains("_") }
    if found.count == 1 { return found[0] }
    let listed = found.isEmpty ? codes(languages) : found.map(\.own)
    throw unknown(code, expected: "one of \(listed.joined(separator: ", "))", model)
  }

  private static func unknown(_ code: String, expected: String, _ model: String) -> EngineError {
    EngineError(
      .usage, "no such language", at: model, expected: expected, found: "'\(code)'",
      hint: "choose others, or give the whole prefix",
      settings: [.sourceLanguage, .targetLanguage, .taskPrefix])
  }

  private static func twice(_ code: String, _ model: String) -> EngineError {
    EngineError(
      .usage, "the same language twice", at: model, expected: "two that differ", found: "'\(code)' twice",
      settings: [.sourceLanguage, .targetLanguage])
  }

  /// Moves the language tokens of a prefix to where the model expects them. Returns the encoder's input, and the token
  /// of the target language that the translation must start with, if any.
  func route(_ ids: [Int]) -> (source: [Int], first: Int?) {
    guard case .both(let languages, let only) = marking else { return (ids, nil) }
    let known = Set(languages.map(\.id))
    let run = ids.prefix { known.contains($0) }.count
    guard run >= 2 else { return (ids, nil) }
    let (source, target) = (ids[run - 2], ids[run - 1])
    var rest = Array(ids[..<(run - 2)] + ids[run...])
    // Replace the language token that the tokenizer added at the start or end of the text.
    if run > 2 {
      rest[0] = source
    } else if let last = rest.last, known.contains(last) {
      rest[rest.count - 1] = source
    }
    return (rest, only == nil ? target : nil)
  }
}
