import EngineAPI
import JSONText
import Platform
import Sampling
import TerminalUI

@testable import Sessions

func read(_ path: String) throws -> [UInt8] { try FileBytes.read(path) }

func write(_ bytes: [UInt8], _ path: String) throws {
  guard let file = fopen(path, "w") else { throw SessionError.unwritable(path: path, reason: .last) }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw SessionError.unwritable(path: path, reason: .last)
  }
}

/// One thing that a session file keeps.
struct Fact: Equatable {
  var words: String
  /// Compared as a value, because dictionaries are described in any order.
  var origin: Origin?
  var tokens: [ScoredToken] = []
}

/// Everything that a session file keeps of a session.
func facts(_ session: Session) -> [Fact] {
  let tree = session.tree
  return session.models.map { Fact(words: "\($0)") }
    + tree.allNodes.map { node in
      let names = node.labels.sorted { $0.key < $1.key }.map { "\($0)" } + node.marks.sorted().map { "\($0)" }
      let places =
        "\(String(describing: node.parent)) \(String(describing: node.source)) \(node.start) \(node.children) \(node.prunedFrom ?? -1)"
      return Fact(
        words: "\(node.id) \(places) \(String(describing: node.outcome)) \(names)",
        origin: tree[node.origin], tokens: (0..<node.tokens.count).map { node.tokens[$0] })
    }
    + tree.cursors.sorted { $0.key.number < $1.key.number }.map { Fact(words: "\($0.key) \($0.value.places)") }
}

/// A token with everything that a token can have.
private func richToken(_ id: Int) -> ScoredToken {
  ScoredToken(
    token: TokenValue(id: id, bytes: [0xE2, 0x80]), logprob: -.infinity, rank: 3, entropy: 0.1,
    sampledLogprob: -Double(id) / 3,
    top: [
      RankedToken(token: TokenValue(id: 1, bytes: [0xFF]), logprob: -0.25, rank: 1),
      RankedToken(token: TokenValue(id: 2, bytes: Array("\"\n\u{85}é".utf8)), logprob: nil, rank: nil),
    ], coverage: .partial(candidates: 2, mass: 0.9))
}

/// Every kind of origin, of settings, of outcomes, and names, marks, cuts and removals.
func makeEverything(_ session: inout Session) {
  let model = ModelReference("/models/with @ and \"quotes\"", format: .q8)
  session.add(SessionModel(reference: storyteller, path: "/models/storyteller"))
  session.add(SessionModel(reference: model, path: "/m", format: .q8, bytes: 1 << 40, sha256: "00ff"))
  let writer = session.tree.beginDraft("Once\u{0}", model: storyteller)
  let edit = TextEdit(offset: 4, removed: "\u{0}", inserted: " é\n", cursorBefore: 5, cursorAfter: 8)
  session.tree.record(TextChange(edit: edit), at: writer, model: model)
  var longer = edit
  longer.inserted += "x"
  session.tree.record(TextChange(edit: longer, includesLast: true), at: writer, model: model)
  _ = session.tree.undoEdit(writer)
  var settings = SamplingSettings()
  for setting in StageTable.settings { setting.set(setting.initial + 0.5, &settings) }
  settings.logitBias = [5: -.infinity, 3: 0.1]
  settings.drySequenceBreakers = ["\n", "日"]
  settings.order = [.mirostat, .temperature, .dry]
  settings.rules.sequenceBias = [.init(ids: [1, 2], bias: -3.5)]
  settings.rules.lengthDecay = .init(start: 3, factor: 1.5)
  settings.rules.encoderRepetitionPenalty = 1.25
  settings.rules.encoderNoRepeatNGramSize = 4
  settings.rules.renormalizes = true
  var text = TextRequest(
    context: ModelContext(model: model, ids: [1]), settings: settings, maxTokens: 7, stopStrings: ["a", "\""],
    ignoresEndOfText: true, topCount: 3, maxSeconds: 1.5)
  text.endIDs = [2, 7]
  let typedPlace = session.tree.type(
    "Once é", [TokenValue(id: 4, bytes: [0xC3]), TokenValue(id: 5, bytes: [0xA9])], model: model)
  let request = GenerationRequest(
    text, promptCount: 2, seed: .max, sequence: 9, promptChunk: 64,
    speculation: Speculation(looksUpPrompt: true, draft: storyteller, most: 3))
  let made = session.tree.branch(at: typedPlace, [richToken(6), token(7)], by: session.tree.add(.sampled(request)))
  session.tree.append(richToken(8), to: made.node)
  session.tree.finish(
    made.node,
    Outcome(
      .time,
      timing: GenerationTiming(
        promptSeconds: 0.1, generateSeconds: 1 / 3, promptTokens: 2, tokens: 3, guessed: 1, guessedRight: 1)))
  let plain = session.tree.add(.sampled(GenerationRequest(context: ModelContext(model: storyteller, ids: []), seed: 7)))
  let failed = session.tree.branch(at: Place(made.node, 1), [token(1)], by: plain)
  session.tree.finish(
    failed.node,
    Outcome(.failed(EngineError(.resources, "full", at: "here", expected: "room", found: "none", hint: "go"))))
  for (origin, reason) in [
    (Origin.chosen(model: model), FinishReason.stop), (.forced(model: model), .endOfText),
    (.template(model: model), .interrupted), (.template(model: storyteller), .length),
    (.turn(ChatMessage("user", "Hi\n"), after: nil, model: model), .length),
    (.turn(ChatMessage("assistant", "Hm", reasoning: "So"), after: typedPlace, model: model), .length),
  ] {
    let place = session.tree.branch(at: made, [token(3)], by: session.tree.add(origin))
    session.tree.finish(place.node, Outcome(reason))
  }
  let start = session.tree.begin(by: session.tree.add(.translation(from: "en", to: "fr", model: model)))
  session.tree.setSource(typedPlace, of: start.node)
  var search = BeamSearchSettings(beams: 4, lengthPenalty: 0.5, earlyStopping: .never)
  (search.groups, search.diversityPenalty) = (2, 0.25)
  let beams = session.tree.add(.beam(BeamRequest(text, search: search, returned: 2, seed: 3)))
  for score in [-0.5, .nan] {
    let beam = session.tree.branch(at: start, [token(2)], by: beams)
    session.tree.finish(beam.node, Outcome(.endOfText, score: score))
  }
  let filling = FillMaskRequest(context: ModelContext(model: model, ids: []), topK: 3, targets: [4], joint: false)
  let filled = session.tree.begin([token(1)], by: session.tree.add(.filling(filling)), source: typedPlace)
  session.tree.label(Place(made.node, 2), "the \"best\"")
  session.tree.label(filled, "gone")
  session.tree.label(filled, nil)
  session.tree.mark(made)
  session.tree.mark(filled)
  session.tree.mark(filled, false)
  let cursor = session.tree.addCursor(at: [made])
  session.tree.move(cursor, to: [start, typedPlace])
  session.tree.removeCursor(session.tree.addCursor(at: [filled]))
  session.tree.prune(failed.node, from: 0)
  session.tree.prune(made.node, from: 2)
  session.tree.prune(made.node, from: nil)
  session.tree.cut(session.tree.begin([token(1), token(2)], by: session.tree.add(typed)).node, to: 1)
}

/// Random growth with pruning. Calls `save` now and then, and at the end.
func grow(_ session: inout Session, steps: Int, _ dice: inout Dice, save: (inout Session) throws -> Void) throws {
  let writer = session.tree.beginDraft("start", model: storyteller)
  let root = session.tree.begin([token(0)], by: session.tree.add(typed))
  let cursors = (0..<2).map { _ in session.tree.addCursor(at: [root]) }
  for step in 0..<steps {
    let id = cursors[Int.random(in: 0..<2, using: &dice)]
    let now = session.tree.cursors[id]?.place ?? root
    let length = Int.random(in: 1...max(1, session.tree.length(of: now)), using: &dice)
    switch Int.random(in: 0..<10, using: &dice) {
    case 9: session.tree.prune(now.node, from: step % 2 == 0 ? now.count / 2 : nil)
    case 0: session.tree.undo(id)
    case 1: session.tree.redo(id)
    case 2: if let place = session.tree.place(length, on: now) { session.tree.retreat(id, to: place) }
    case 3: if let place = session.tree.place(length, on: now) { session.tree.mark(place, step % 3 > 0) }
    case 4:
      let change = TextEdit(offset: 0, removed: "", inserted: "\(step) ", cursorBefore: 0, cursorAfter: 1)
      session.tree.record(TextChange(edit: change, includesLast: step % 5 == 0), at: writer, model: storyteller)
    case 5: _ = step % 2 == 0 ? session.tree.undoEdit(writer) : session.tree.redoEdit(writer)
    case 6: for more in 0..<step % 7 { session.tree.append(token(more), at: id) }
    default:
      guard let place = session.tree.place(length, on: now) else { break }
      let more = (0..<Int.random(in: 0..<60, using: &dice)).map { token(step * 100 + $0) }
      session.tree.move(
        id, to: [session.tree.branch(at: place, more, by: session.tree.add(sampled(seed: UInt64(step))))])
      if step % 4 == 0 { session.tree.finish(now.node, Outcome(.length)) }
    }
    if step % 3 == 0 { try save(&session) }
  }
  try save(&session)
}
