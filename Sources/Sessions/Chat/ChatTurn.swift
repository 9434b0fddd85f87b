import EngineAPI

/// A message of a dialogue, as it stands in the tree.
public struct ChatTurn: Sendable, Equatable {
  /// Who speaks.
  public var role: String
  /// The text: of an answer with its marks of reasoning and without special tokens.
  public var text: String
  /// The reasoning of a message that was given with it apart from the text; `nil` if there is none.
  public var reasoning: String?
  /// The nodes that it consists of. An answer has several if it was continued or a token in it was chosen.
  public var nodes: [NodeID]
  /// The place after it.
  public var end: Place
  /// Where the message before it ends; `nil` at the beginning.
  public var previous: Place?

  /// Whether the model speaks.
  public var isAnswer: Bool { role == ChatMessage.assistant }

  /// The message for the chat template, with the reasoning apart.
  /// - Parameter opened: the marks whose reasoning the prompt of an answer has begun.
  public func message(opened: ReasoningMarks? = nil) -> ChatMessage {
    guard isAnswer, reasoning == nil else { return ChatMessage(role, text, reasoning: reasoning) }
    let parts = ReasonedText(text, opened: opened)
    return ChatMessage(role, parts.content, reasoning: parts.reasoning)
  }
}

/// Dialogues: paths whose nodes are messages. The tokens of a path are the ids that a model reads, with everything that
/// its chat template writes.
extension SessionTree {
  /// Begins a dialogue with its system message, which may be empty. The node has no tokens, because templates write
  /// this message together with the first one of the user.
  public mutating func beginDialogue(system: String = "", model: ModelReference) -> Place {
    begin(by: add(.turn(ChatMessage(ChatMessage.system, system), after: nil, model: model)))
  }

  /// Adds a message that has no tokens until the next one is sent.
  public mutating func addMessage(_ message: ChatMessage, after place: Place, model: ModelReference) -> Place {
    branch(at: place, by: add(.turn(message, after: nil, model: model)))
  }

  /// Adds a message with the prompt that a model reads for it.
  ///
  /// The node begins where the prompt differs from the path to `place`. So the tokens of the path to the new node are
  /// exactly the prompt.
  /// - Parameters:
  ///   - tokens: all tokens of the prompt.
  ///   - place: where the dialogue stands so far.
  /// - Returns: the place after the prompt.
  public mutating func addMessage(
    _ message: ChatMessage, prompt tokens: [TokenValue], after place: Place, model: ModelReference
  ) -> Place {
    guard isValid(place) else { return place }
    // Ids of another model's vocabulary mean something else.
    let known = origin(of: place.node)?.model == model ? path(to: place) : TokenPath()
    var shared = 0
    while shared < min(known.count, tokens.count), known[shared].token.id == tokens[shared].id { shared += 1 }
    let rest = tokens[shared...].map(ScoredToken.init(unpredicted:))
    guard shared < length(of: place), let fork = self.place(shared, on: place) else {
      return branch(at: place, rest, by: add(.turn(message, after: nil, model: model)))
    }
    return branch(at: fork, rest, by: add(.turn(message, after: place, model: model)))
  }

  /// The messages of the dialogue that ends at a place, in their order.
  /// - Parameter reading: how an answer's text is read from its tokens.
  public func turns(to place: Place, reading: AnswerReading = AnswerReading()) -> [ChatTurn] {
    var turns: [ChatTurn] = []
    var next: Place? = place
    while let here = next, let node = self[here.node] {
      var turn = ChatTurn(
        role: ChatMessage.assistant, text: "", nodes: [node.id], end: here, previous: node.parent)
      if case .turn(let message, _, _) = self[node.origin] {
        (turn.role, turn.text, turn.reasoning) = (message.role, message.content, message.reasoning)
        (turn.end, turn.previous) = (end(of: node.id), turnBefore(node.id) ?? node.parent)
      } else {
        turn.text = answerText(here, reading)
      }
      turns.append(turn)
      next = turn.previous
    }
    // An answer has a node for each act: its beginning that was given, each continuation, each chosen token.
    var joined: [ChatTurn] = []
    for turn in turns.reversed() {
      guard turn.isAnswer, let last = joined.last, last.isAnswer, last.reasoning == nil, turn.reasoning == nil else {
        joined.append(turn)
        continue
      }
      joined[joined.count - 1].text += turn.text
      joined[joined.count - 1].nodes += turn.nodes
      joined[joined.count - 1].end = turn.end
    }
    guard reading.dropsLeadingSpace else { return joined }
    return joined.map { turn in
      var turn = turn
      if turn.isAnswer, turn.text.first == " " { turn.text.removeFirst() }
      return turn
    }
  }

  /// The messages for the chat template: the last system message that is in force, and the others in their order.
  /// - Parameter opened: the marks of reasoning that prompts end with.
  public func messages(to place: Place, reading: AnswerReading = AnswerReading()) -> [ChatMessage] {
    let turns = turns(to: place, reading: reading)
    let system = turns.last { $0.role == ChatMessage.system }.map { $0.message() }
    let others = turns.filter { $0.role != ChatMessage.system }.map { $0.message(opened: reading.opened) }
    return (system.map { $0.content.isEmpty ? [] : [$0] } ?? []) + others
  }

  /// A turn and its alternatives, in order of creation: all answers to one message, or all versions of an edited
  /// message. Each is given by the place after its first node.
  public func alternatives(to turn: ChatTurn) -> [Place] { alternatives(to: [turn])[0] }

  /// The alternatives to each of several turns. Reads the nodes of the tree once.
  public func alternatives(to turns: [ChatTurn]) -> [[Place]] {
    let later = laterTurns()
    return turns.map { alternatives(to: $0, later) }
  }

  private func alternatives(to turn: ChatTurn, _ later: [NodeID: [NodeID]]) -> [Place] {
    guard let first = turn.nodes.first, let previous = turn.previous else { return [turn.end] }
    let candidates = (self[previous.node]?.children ?? []) + (later[previous.node] ?? [])
    let same = Set(candidates).sorted().filter { id in
      guard let node = self[id] else { return false }
      if case .turn(let message, let after, _) = self[node.origin] {
        return message.role == turn.role && isSameText(after ?? node.parent ?? previous, previous)
      }
      return turn.isAnswer && node.parent.map { isSameText($0, previous) } == true
    }
    return (same.contains(first) ? same : [first]).map { end(of: $0) }
  }

  /// The end of the dialogue that goes on from a place along its newest nodes.
  public func newestEnd(after place: Place) -> Place {
    var place = place
    let later = laterTurns()
    while let node = self[place.node] {
      let ahead = node.children.filter { self[$0]?.parent == place } + (later[node.id] ?? [])
      guard let next = ahead.filter({ $0 > node.id }).max() else { break }
      place = end(of: next)
    }
    return place
  }

  /// The text of an answer's node up to a place: its bytes without hidden tokens, without the token that ended it, and
  /// up to a stop string.
  private func answerText(_ place: Place, _ reading: AnswerReading) -> String {
    guard let node = self[place.node] else { return "" }
    var count = min(place.count, node.tokens.count)
    if node.outcome?.reason == .endOfText, count == node.tokens.count, count > 0 { count -= 1 }
    var bytes: [UInt8] = []
    for index in 0..<count where !reading.hiddenIDs.contains(node.tokens[index].token.id) {
      bytes += node.tokens[index].token.bytes
    }
    var text = String(decoding: bytes, as: UTF8.self)
    if node.outcome?.reason == .stop, case .sampled(let request) = self[node.origin] {
      let starts = request.stopStrings.compactMap { text.ranges(of: $0).first?.lowerBound }
      if let first = starts.min() { text = String(text[..<first]) }
      // In a transcript the end of the line belongs to the next speaker.
      while text.last?.isNewline == true { text.removeLast() }
    }
    return text
  }

  /// The end of the message before a turn, where it is not the node's parent.
  func turnBefore(_ node: NodeID) -> Place? {
    guard case .turn(_, let after?, _) = origin(of: node), isValid(after), after.node < node else { return nil }
    return after
  }

  /// The turns that follow a node without being its children.
  func laterTurns() -> [NodeID: [NodeID]] {
    var later: [NodeID: [NodeID]] = [:]
    for node in allNodes {
      if let before = turnBefore(node.id) { later[before.node, default: []].append(node.id) }
    }
    return later
  }
}
