import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension Slot {
  /// The prompt of the next answer of one of several models.
  static func sidePrompt(_ index: Int) -> Slot { Slot(.chat, "sidePrompt", index) }
  /// The answer of one of several models.
  static func sideAnswer(_ index: Int) -> Slot { Slot(.chat, "sideAnswer", index) }
}

/// A model with its settings that answers beside others.
struct ChatSide: Sendable, Equatable {
  /// The most answers side by side.
  static let most = Limits.panes.upperBound

  /// The model.
  var model: ModelReference
  /// How tokens are drawn.
  var settings: SamplingSettings
  /// Whether `settings` come from the user instead of the model's defaults.
  var settingsAreOwn: Bool
  /// The version of the request for its prompt, once it is made.
  var awaited: Int?
  /// What ends its answers and how they are read.
  var form: ChatPrompt?
  /// Where the message ends in the tree, as this model reads it; `nil` before its prompt has come.
  var message: Place?
  /// Its answer.
  var run: ChatRun?
  /// Whether it gives no answer: its model or its prompt failed, or it was stopped before.
  var isStopped = false
  /// The answer as it is shown.
  var trace: Trace?
  /// The answer as wrapped text; grows with it.
  var text = TokenText()
  /// The token that the cursor is on; `nil` at the end.
  var cursor: Int?
  /// The first line shown; `nil` follows the cursor or the end.
  var scroll: Int?

  /// The side before the next answer.
  mutating func clear() {
    (awaited, message, run, isStopped, trace) = (nil, nil, nil, false, nil)
    (text, cursor, scroll) = (TokenText(), nil, nil)
  }
}

/// A message that several models answer.
struct ChatRound: Sendable, Equatable {
  /// The message.
  var text: String
  /// Where the message before it ends.
  var place: Place
  /// Whether the dialogue shows the message.
  var isShown = false
}

/// One question to several models or settings, and their answers.
extension ChatState {
  /// The letter of a side.
  static func letter(_ index: Int) -> String { ["A", "B", "C", "D"][min(max(index, 0), 3)] }

  /// Whether a side is to answer or answers.
  var sidesAreBusy: Bool {
    guard round != nil else { return false }
    return sides.contains { side in
      if let run = side.run { return run.isRunning }
      return !side.isStopped
    }
  }

  // MARK: Models

  /// Adds a side; the first time there are two of them then, with the model of the dialogue.
  mutating func addAnswer(_ shell: inout Shell) -> [Effect] {
    guard !isBusy else {
      shell.notice = stillAnswering(shell)
      return []
    }
    guard sides.count < ChatSide.most else {
      shell.notice = "at most \(NumberText.words(ChatSide.most)) answers stand side by side"
      return []
    }
    if sides.isEmpty {
      sides = [ChatSide(model: model, settings: settings, settingsAreOwn: settingsAreOwn)]
    } else {
      keepRound(&shell)
    }
    var side = sides[min(lead, sides.count - 1)]
    side.clear()
    sides.append(side)
    setFocus(.answer(sides.count - 1))
    let key = shell.keys.key(for: .model, in: .answer, tab: Self.id).map { $0.label() }
    shell.notice =
      "\(Self.letter(sides.count - 1)) answers the next message too" + (key.map { ": \($0) chooses its model" } ?? "")
    return []
  }

  /// Removes the side with the focus; with a single one left, one model answers alone again.
  mutating func removeAnswer(_ shell: inout Shell) -> [Effect] {
    guard !sides.isEmpty else {
      shell.notice = "one model answers alone"
      return []
    }
    let effects = stop(&shell) ?? []
    keepRound(&shell)
    sides.remove(at: min(lead, sides.count - 1))
    lead = max(0, min(lead, sides.count - 1))
    if sides.count < 2 { (sides, lead) = ([], 0) }
    setFocus(.turns)
    return effects
  }

  /// Gives the side with the focus another model.
  mutating func useInSide(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    let effects = stopSides(&shell)
    sides[lead].model = model
    (sides[lead].form, sides[lead].settingsAreOwn) = (nil, false)
    takeSideDefaults(shell)
    return effects
  }

  /// Takes the default settings of the sides' models unless the user has chosen others.
  mutating func takeSideDefaults(_ shell: Shell) {
    for index in sides.indices where !sides[index].settingsAreOwn {
      guard let information = shell.information(sides[index].model) else { continue }
      sides[index].settings = information.decoding.settings
    }
  }

  // MARK: Choosing

  /// Goes on with the answer that has the focus.
  mutating func chooseSide(_ shell: inout Shell) {
    guard !isBusy else {
      shell.notice = stillAnswering(shell)
      return
    }
    guard let index = keepRound(&shell) else {
      shell.notice = "there is no answer to go on with: the next message is answered by all"
      return
    }
    setFocus(.prompt)
    showsSide = false
    shell.notice = "gone on with answer \(Self.letter(index)); the others stay branches"
  }

  /// Ends a round: the dialogue goes on with the answer of the side that had the focus last, or of the first one that
  /// has an answer. Returns its index; `nil` if there is no answer.
  @discardableResult
  mutating func keepRound(_ shell: inout Shell) -> Int? {
    guard round != nil else { return nil }
    let order = [lead] + sides.indices.filter { $0 != lead }
    let found = order.first { sides.indices.contains($0) && (sides[$0].run?.made ?? 0) > 0 }
    round = nil
    guard let index = found, let run = sides[index].run else { return nil }
    if model != sides[index].model {
      model = sides[index].model
      (settings, settingsAreOwn) = (sides[index].settings, sides[index].settingsAreOwn)
    }
    form = sides[index].form
    move(to: shell.tree.end(of: run.node), &shell)
    leaveRound()
    return index
  }

  /// Ends a round without an answer to go on with, because the dialogue goes somewhere else.
  mutating func leaveRound() {
    round = nil
    for index in sides.indices { sides[index].clear() }
  }

  // MARK: Cursor and candidates

  /// The answer of the side with the focus as a text to walk through.
  var walkedSide: WalkedText? {
    guard sides.indices.contains(lead), let trace = sides[lead].trace else { return nil }
    return WalkedText(trace: trace, text: sides[lead].text, scroll: sides[lead].scroll)
  }

  var sideCursor: Int? {
    get { sides.indices.contains(lead) ? sides[lead].cursor : nil }
    set {
      guard sides.indices.contains(lead) else { return }
      let count = sides[lead].trace?.tokens.count ?? 0
      sides[lead].cursor = newValue.flatMap { $0 < count ? $0 : nil }
      sides[lead].scroll = nil
    }
  }

  /// Requests the candidates for the cursor in the answer of the side with the focus.
  mutating func askSideCandidates(_ shell: inout Shell) -> [Effect] {
    guard sides.indices.contains(lead), let trace = sides[lead].trace, shell.information(trace.model) != nil else {
      candidates.clear()
      return []
    }
    let side = sides[lead]
    if let run = side.run, run.isRunning, side.cursor == nil {
      if let newest = run.newest {
        candidates.follow(newest, vocabularySize: shell.information(side.model)?.vocabularySize)
      }
      return []
    }
    let position = trace.promptCount + (side.cursor ?? trace.tokens.count)
    return ask(
      list: 0,
      DistributionRequest(
        context: shell.tree.context(at: trace.place, model: trace.model) ?? ModelContext(model: trace.model, ids: []),
        position: position, promptCount: trace.promptCount, settings: side.settings), &shell)
  }

  /// Puts the selected candidate in the place of the token at the side's cursor, and goes on from there.
  mutating func takeSideCandidate(_ shell: inout Shell) {
    guard let candidate = candidateToTake(&shell), sides.indices.contains(lead), let trace = sides[lead].trace,
      let here = shell.tree.place(trace.promptCount + (sides[lead].cursor ?? trace.tokens.count), on: trace.place)
    else { return }
    let token = ScoredToken(candidate, of: candidates.answer)
    let place = shell.tree.branch(at: here, [token], by: shell.tree.add(.chosen(model: trace.model)))
    let count = shell.tree.length(of: place)
    answer(side: lead, at: place, promptCount: trace.promptCount, sequence: count - trace.promptCount, &shell)
  }

  /// The title of the candidates of a side.
  var sideTitle: String {
    guard sides.indices.contains(lead), let trace = sides[lead].trace, !trace.tokens.isEmpty else {
      return "Under the words"
    }
    return "Answer \(Self.letter(lead)), " + (sides[lead].cursor.map { "token \($0 + 1)" } ?? "its end")
  }
}
