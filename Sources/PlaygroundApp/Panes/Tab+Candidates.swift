import EngineAPI
import Sampling
import Sessions
import TerminalUI

/// Requests and answers of a tab's candidate lists.
extension Tab {
  /// The list that keys go to, if there is one.
  var list: CandidateList? {
    get { lists.indices.contains(shownList) ? lists[shownList] : nil }
    set {
      guard let newValue, lists.indices.contains(shownList) else { return }
      lists[shownList] = newValue
    }
  }

  /// The tab's line of the key table that chooses between the model's distribution and the one after the chain.
  static func chainKey(in contexts: Set<KeyContext>) -> KeyBinding {
    .own(
      id, .chain, "d", in: contexts, .candidates, "The model's distribution, or the one after the chain", hint: "chain",
      order: 6, hintIn: [.candidates], after: .search)
  }

  /// The key bindings of the sampler waterfall in this tab.
  static func waterfallKeys(in contexts: Set<KeyContext>) -> [KeyBinding] {
    [
      .own(
        id, .waterfall, "W", in: contexts, .candidates,
        "The sampler waterfall: every candidate after each stage of the chain", hint: "waterfall", order: 7,
        hintIn: [.candidates], after: .search,
        synonyms: ["stages", "sampler chain step by step", "why was it removed", "funnel"]),
      .own(
        id, .stepsLeft, "{", in: contexts, .candidates, "An earlier stage of the waterfall", after: .search,
        synonyms: ["scroll columns"]),
      .own(
        id, .stepsRight, "}", in: contexts, .candidates, "A later stage of the waterfall", after: .search,
        synonyms: ["scroll columns"]),
    ]
  }

  /// Sets the query of a list. Returns the effect that fetches missing rows, if any.
  mutating func ask(list index: Int, _ wanted: DistributionRequest, _ shell: inout Shell) -> [Effect] {
    var next = shell.lastVersion
    let asked = lists[index].ask(wanted) {
      next += 1
      return next
    }
    shell.lastVersion = next
    return asked.map { [.distribution(Ticket(.candidates(Self.id, list: index), version: $0.version), $0.request)] }
      ?? []
  }

  /// Requests the tokenization of the search text.
  mutating func askPieces(_ shell: inout Shell) -> [Effect] {
    guard let list else { return [] }
    guard !list.search.text.isEmpty, let model = list.query?.context.model,
      let family = shell.information(model)?.family
    else {
      if list.pieces != nil { self.list?.pieces = nil }
      return []
    }
    // In vocabularies of causal models most words include the preceding space.
    let typed = list.search.text
    let text = family == .causal && typed.first != " " ? " " + typed : typed
    guard list.pieces?.text != text || list.pieces?.model != model else { return [] }
    let version = shell.nextVersion()
    self.list?.pieces = SearchPieces(text: text, model: model, version: version)
    return [.tokenize(Ticket(.searchTokens(Self.id), version: version), text: text, model: model)]
  }

  /// Takes an answer for the prompt or a list.
  mutating func receiveInPanes(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .tokenized(let ticket, let result) where ticket.slot == .tokens(Self.id):
      prompt.receive(result, version: ticket.version)
    case .scored(let ticket, let result) where ticket.slot == .scores(Self.id):
      prompt.scores.receive(result, version: ticket.version)
    case .tokenized(let ticket, .success(let answer)) where ticket.slot == .searchTokens(Self.id):
      for index in lists.indices { lists[index].receive(pieces: answer, version: ticket.version) }
    case .distribution(let ticket, let result):
      let index = ticket.slot.index
      if ticket.slot == .candidates(Self.id, list: index), lists.indices.contains(index) {
        lists[index].receive(result, version: ticket.version)
      }
    default: break
    }
  }

  /// The text shown instead of candidates until the model is open; `nil` once it is.
  func modelLine(_ shell: Shell) -> String? {
    switch shell.opened[model] {
    case .failed(let error): error.what
    case nil, .loading: "\(model.shortName) is being opened"
    case .ready: nil
    }
  }

  /// The selected candidate, if it can be inserted. Shows a notice if the text is still being generated.
  func candidateToTake(_ shell: inout Shell) -> Candidate? {
    guard let list, let candidate = list.chosen else { return nil }
    if list.isLive {
      shell.notice = "the text is still being generated" + shell.keyHint(.stop, in: .candidates, "stops it")
      return nil
    }
    return list.isCurrent ? candidate : nil
  }
}

extension CandidateList {
  /// Receives the tokens of the searched text.
  fileprivate mutating func receive(pieces answer: TokenizedText, version: Int) {
    guard let pieces, pieces.version == version else { return }
    let tokens = answer.tokens.filter { !$0.isSpecial && !$0.range.isEmpty }
    self.pieces?.tokens = tokens.map { token in
      TokenValue(
        id: token.id, bytes: Array(pieces.text.utf8.dropFirst(token.range.lowerBound).prefix(token.range.count)))
    }
  }
}

extension ScoredToken {
  /// A candidate as a token of a text.
  init(_ candidate: Candidate, of answer: DistributionAnswer?) {
    // A searched list, or one from further down, has other tokens than the most probable ones.
    let first = (answer?.candidates ?? []).prefix(SessionTree.keptTops).map(\.ranked)
    let isTop = first.enumerated().allSatisfy { $0.element.rank == $0.offset + 1 }
    self.init(
      candidate.ranked, entropy: answer?.entropy, top: isTop ? first : [], coverage: answer?.coverage ?? .whole)
  }
}
