import EngineAPI
import Generation
import Inspection
import Models
import Sampling
import Tokenizers

/// An open model with its tokenizer and its caches. Used only inside the engine.
final class LoadedModel {
  private let parts: ModelOpening.Parts
  /// The folder or file that it was opened from.
  var path: String { parts.path }
  var information: ModelInformation { parts.information }
  var opened: OpenedModel { parts.opened }
  var model: AnyLanguageModel { opened.model }
  var generation: GenerationConfiguration { opened.generation }
  var tokenizer: Tokenizer { parts.tokenizer }
  private(set) lazy var search = VocabularySearch(
    bytes: (0..<model.base.facts.vocabularySize).map { tokenizer.bytes(of: $0) })
  let memory: SequenceMemory
  var tables = TableMemory()
  /// The most recently computed sequence breakers of the stage `dry`, with the strings that they were computed from.
  var breakers: (texts: [String], found: SequenceBreakers)?
  /// The paths of models whose vocabulary has been compared with this one and found equal.
  var agreesWith: Set<String> = []

  /// Counts changed models, so that the oldest are closed first.
  private(set) var number = 0

  private let budget: SequenceBudget

  /// - Parameter budget: what the memories of all models share.
  init(_ parts: ModelOpening.Parts, _ budget: SequenceBudget) {
    self.parts = parts
    self.budget = budget
    // The memory for texts is in proportion to the model.
    memory = SequenceMemory(budget, mostBytes: max(parts.opened.model.base.facts.weightBytes, 64 << 20))
  }

  /// The same model with changes. It shares the weights, but none of the caches.
  /// - Parameter reference: the reference with the changes.
  /// - Throws: `EngineError` if the model lacks a part that is named, or a text or file does not fit.
  func changed(_ reference: ModelReference, number: Int) throws(EngineError) -> LoadedModel {
    let resolver = try ChangeResolver(model, name: "\(information.reference)") {
      (text, isTarget) throws(EngineError) in
      let ids = self.tokenizer.encode(text, addSpecialTokens: true).ids
      if isTarget { return try self.decoderIDs(ids) }
      return self.family == .seq2seq ? self.parts.languages.route(ids).source : try self.readIDs(ids)
    }
    let changes = try resolver.resolve(reference.changes)
    var information = information
    information.reference = reference
    let changed = LoadedModel(
      ModelOpening.Parts(
        path: parts.path, opened: opened.changed(by: changes), tokenizer: tokenizer, information: information,
        languages: parts.languages), budget)
    changed.number = number
    return changed
  }

  /// The ids of a text as a causal, masked or labeling model reads it.
  func readIDs(_ ids: [Int]) throws(EngineError) -> [Int] {
    let ids = try decoderIDs(ids)
    try validateLength(ids.count)
    return ids
  }

  var family: ModelFamily { information.family }

  /// A token of the vocabulary.
  func token(_ id: Int) -> TokenValue { TokenValue(id: id, bytes: tokenizer.bytes(of: id)) }

  /// The id of the mask token; -1 if there is none.
  var maskID: Int { information.maskToken?.id ?? -1 }

  /// The text of ids after replacing some of them. Special tokens are omitted, except remaining masks.
  func text(of ids: [Int], putting new: [Int], at positions: [Int]) -> String {
    var ids = ids
    for (position, id) in zip(positions, new) { ids[position] = id }
    return tokenizer.decode(
      ids.filter { $0 == maskID || !tokenizer.isSpecial($0) }, skipSpecialTokens: false)
  }

  /// The error if a request needs a model of another family.
  func unfit(_ expected: String) -> EngineError {
    EngineError(
      .usage, "the model can't do this", at: "model '\(information.reference)'", expected: expected,
      found: "a \(family.phrase) model (\(information.summary.architecture))")
  }

  /// The start token of the decoder of an encoder-decoder model.
  var startID: Int { generation.decoderStartTokenID ?? generation.padTokenID ?? 0 }

  /// The ids that the decoder reads for a text: an encoder-decoder model's start token comes first, and an empty causal
  /// text becomes the beginning-of-text token.
  func decoderIDs(_ ids: [Int]) throws(EngineError) -> [Int] {
    switch family {
    case .seq2seq:
      try check([startID], at: "decoder_start_token_id of model '\(information.reference)'")
      return [startID] + ids
    case .causal where ids.isEmpty:
      if let id = generation.bosTokenID {
        try check([id], at: "bos_token_id of model '\(information.reference)'")
        return [id]
      }
      throw EngineError(
        .input, "the text is empty", at: "model '\(information.reference)'",
        expected: "at least one token, as the model has no beginning-of-text token", found: "none")
    case .causal, .masked, .classifier, .tagger: return ids
    }
  }

  /// The source of a context as the model reads it and, if its prefix names languages, the token that the text must
  /// start with.
  func route(of context: ModelContext) -> (source: [Int]?, first: Int?) {
    guard let ids = context.encoderIDs else { return (nil, nil) }
    return parts.languages.route(ids)
  }

  /// The prefix for translating between two languages.
  func translationPrefix(from source: String, to target: String) throws(EngineError) -> String {
    try parts.languages.prefix(from: source, to: target, model: "model '\(information.reference)'")
  }

  /// The forced and forbidden tokens for a context.
  func constraints(of context: ModelContext) -> TokenConstraints {
    var constraints = generation.constraints
    if let first = route(of: context).first { constraints.forcedBosTokenIDs = [first] }
    return constraints
  }

  /// The text before a position, as the sampler chain needs it.
  func history(of request: DistributionRequest) -> TokenHistory {
    guard family != .masked else { return TokenHistory() }
    let before = request.context.ids.prefix(request.position)
    let prompt = Array(before.prefix(request.promptCount))
    return TokenHistory(
      prompt: family == .seq2seq ? ((try? decoderIDs(prompt)) ?? prompt) : prompt,
      output: Array(before.dropFirst(request.promptCount)), endOfTextIDs: information.endOfTextIDs,
      source: route(of: request.context).source, sequenceBreakers: sequenceBreakers(request.settings))
  }

  /// Checks ids against the model's vocabulary, which may be smaller than the tokenizer's.
  /// - Parameter place: the place of the ids, for the error.
  /// - Parameter isSource: whether the ids are those of an encoder's source, which may have a vocabulary of its own.
  func check(
    _ ids: [Int], at place: String, positions: Bool = false, isSource: Bool = false
  ) throws(EngineError) {
    let facts = model.base.facts
    let vocabulary = isSource ? facts.sourceVocabularySize : facts.vocabularySize
    guard let index = ids.firstIndex(where: { !(0..<vocabulary).contains($0) }) else { return }
    throw EngineError(
      .input, "no such token in the model", at: positions ? "\(place), position \(index)" : place,
      expected: "an id from 0 to \(vocabulary - 1)", found: "\(ids[index])")
  }

  /// Checks a text's length against the context length.
  func validateLength(_ count: Int) throws(EngineError) {
    guard let limit = information.contextLength, count > limit else { return }
    throw EngineError(
      .input, "the prompt is too long", at: "model '\(information.reference)'", expected: "at most \(limit) tokens",
      found: "\(count)", hint: "shorten the text, or open a model with a longer context")
  }

  /// A new sequence for the caller, with the longest prefix of `ids` that has been read before.
  func sequence(sharing ids: [Int], source: [Int]?) throws(EngineError) -> ReadSequence {
    if let known = memory.fork(sharing: ids, source: source) { return known }
    switch model {
    case .causal(let model): return ReadSequence(model)
    case .seq2seq(let model):
      do throws(GenerationError) {
        return try ReadSequence(model, source: source ?? [])
      } catch {
        throw EngineError(error)
      }
    case .masked, .labeling: throw unfit("a causal or encoder-decoder model")
    }
  }
}

extension ModelFamily {
  /// The family's name for a sentence.
  var phrase: String {
    switch self {
    case .causal: "causal"
    case .masked: "masked-language"
    case .seq2seq: "encoder-decoder"
    case .classifier: "text-classification"
    case .tagger: "token-classification"
    }
  }
}

extension LoadedModel {
  /// The sequence breakers of the stage `dry` as token ids; empty if the stage is off.
  ///
  /// As in llama.cpp, a breaker is either contained in one token, or starts at the end of one token and continues in
  /// the tokenization of its remaining bytes.
  func sequenceBreakers(_ settings: SamplingSettings) -> SequenceBreakers {
    guard settings.isActive(.dry) else { return SequenceBreakers() }
    let texts = settings.drySequenceBreakers
    if let breakers, breakers.texts == texts { return breakers.found }
    var runs: [[Int]] = []
    for text in texts.map({ Array($0.utf8.prefix(Self.longestBreaker)) }) where !text.isEmpty {
      var tails: [Int: [Int]] = [:]
      for id in 0..<model.base.facts.vocabularySize {
        let token = tokenizer.bytes(of: id)
        if token.contains(text) {
          runs.append([id])
          continue
        }
        for count in 1..<text.count where token.suffix(count).elementsEqual(text.prefix(count)) {
          guard let tail = tails[count] ?? self.tail(text[count...]) else { continue }
          tails[count] = tail
          runs.append([id] + tail)
        }
      }
    }
    let found = SequenceBreakers(runs)
    breakers = (texts, found)
    return found
  }

  /// The maximum length of a breaker in bytes, and of its rest in tokens, as in llama.cpp.
  private static let longestBreaker = 40
  private static let longestTail = 20

  /// The tokens of the rest of a breaker; `nil` if it is not valid UTF-8.
  private func tail(_ bytes: ArraySlice<UInt8>) -> [Int]? {
    String(validating: bytes, as: UTF8.self).map {
      Array(tokenizer.encode($0, addSpecialTokens: false).ids.prefix(Self.longestTail))
    }
  }
}

extension [UInt8] {
  /// Whether `part` occurs in these bytes.
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    guard count >= part.count else { return false }
    return (0...(count - part.count)).contains { self[$0] == part[0] && self[$0...].starts(with: part) }
  }
}
