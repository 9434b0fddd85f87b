import EngineAPI
import JSONText
import TerminalUI

/// Origins and outcomes in JSON.
extension Origin {
  /// The name of the kind.
  var kind: String {
    switch self {
    case .draft: "draft"
    case .edited: "edited"
    case .typed: "typed"
    case .translation: "translation"
    case .turn: "turn"
    case .template: "template"
    case .chosen: "chosen"
    case .forced: "forced"
    case .sampled: "sampled"
    case .beam: "beam"
    case .filling: "filling"
    }
  }

  /// `{"kind", "model", …}`.
  var json: JSONObject {
    var object: JSONObject = ["kind": JSONValue(kind), "model": .object(model.json)]
    switch self {
    case .draft(let text, _), .typed(let text, _): object["text"] = JSONValue(text)
    case .edited(let edit, _):
      object["offset"] = .integer(edit.offset)
      object["removed"] = JSONValue(edit.removed)
      object["inserted"] = JSONValue(edit.inserted)
      object["cursor"] = [.integer(edit.cursorBefore), .integer(edit.cursorAfter)]
    case .translation(let from, let to, _):
      object["from"] = JSONValue(from)
      object["to"] = JSONValue(to)
    case .turn(let message, let after, _):
      object["role"] = JSONValue(message.role)
      object["text"] = JSONValue(message.content)
      object["reasoning"] = message.reasoning.map { JSONValue($0) }
      object["after"] = after.map { .place($0) }
    case .template, .chosen, .forced: break
    case .sampled(let request): object["request"] = .object(request.json)
    case .beam(let request): object["request"] = .object(request.json)
    case .filling(let request): object["request"] = .object(request.json)
    }
    return object
  }

  init(_ members: Members) throws(RecordProblem) {
    let model = try ModelReference(json: try members.value("model"), key: "model")
    switch try members.text("kind") {
    case "draft": self = .draft(text: try members.text("text"), model: model)
    case "edited":
      let cursor = try Members.ints(try members.value("cursor"), "cursor")
      guard cursor.count == 2 else { throw RecordProblem(expected: "[before, after] as 'cursor'", found: "\(cursor)") }
      self = .edited(
        TextEdit(
          offset: try members.int("offset"), removed: try members.text("removed"),
          inserted: try members.text("inserted"), cursorBefore: cursor[0], cursorAfter: cursor[1]), model: model)
    case "typed": self = .typed(text: try members.text("text"), model: model)
    case "translation": self = .translation(from: try members.text("from"), to: try members.text("to"), model: model)
    case "turn":
      let message = ChatMessage(
        try members.text("role"), try members.text("text"),
        reasoning: try members.optional("reasoning", Members.text))
      self = .turn(message, after: try members.optional("after", Members.place), model: model)
    case "template": self = .template(model: model)
    case "chosen": self = .chosen(model: model)
    case "forced": self = .forced(model: model)
    case "sampled": self = .sampled(try GenerationRequest(try members.members("request"), model))
    case "beam": self = .beam(try BeamRequest(try members.members("request"), model))
    case "filling": self = .filling(try FillMaskRequest(try members.members("request"), model))
    case let kind: throw RecordProblem(expected: "a kind of origin that is known", found: "'\(kind.prefix(40))'")
    }
  }
}

extension Outcome {
  /// `{"reason", "timing", "score", "error"}`, as far as known.
  var json: JSONObject {
    var object: JSONObject = ["reason": JSONValue(reason == .time ? "time" : reason.name)]
    if case .failed(let error) = reason { object["error"] = .object(error.json) }
    if let timing {
      object["timing"] = [
        "prompt_s": .exact(timing.promptSeconds), "generate_s": .exact(timing.generateSeconds),
        "prompt_tokens": .integer(timing.promptTokens), "tokens": .integer(timing.tokens),
        "drafted": .integer(timing.guessed), "accepted": .integer(timing.guessedRight),
      ]
    }
    object["score"] = score.map { .exact($0) }
    return object
  }

  init(_ members: Members) throws(RecordProblem) {
    let reason: FinishReason
    switch try members.text("reason") {
    case "stop": reason = .stop
    case "length": reason = .length
    case "time": reason = .time
    case "eos": reason = .endOfText
    case "interrupted": reason = .interrupted
    case "failed": reason = .failed(try EngineError(try members.members("error")))
    case let name: throw RecordProblem(expected: "a reason that is known", found: "'\(name.prefix(40))'")
    }
    self.init(reason, score: try members.optional("score", Members.double))
    if members.optional("timing") != nil {
      let parts = try members.members("timing")
      timing = GenerationTiming(
        promptSeconds: try parts.double("prompt_s"), generateSeconds: try parts.double("generate_s"),
        promptTokens: try parts.int("prompt_tokens"), tokens: try parts.int("tokens"),
        guessed: try parts.int("drafted"), guessedRight: try parts.int("accepted"))
    }
  }
}

extension EngineError {
  private static let kinds: [(name: String, kind: Kind)] = [
    ("model", .model), ("input", .input), ("usage", .usage), ("interrupted", .interrupted), ("resources", .resources),
  ]

  /// The kind and the facts. The settings that the error refers to are left out.
  fileprivate var json: JSONObject {
    var object: JSONObject = ["kind": JSONValue(Self.kinds.first { $0.kind == kind }?.name ?? "model")]
    object["what"] = JSONValue(facts.what)
    object["where"] = facts.place.map { JSONValue($0) }
    object["expected"] = facts.expected.map { JSONValue($0) }
    object["found"] = facts.found.map { JSONValue($0) }
    object["hint"] = hint.map { JSONValue($0) }
    return object
  }

  fileprivate init(_ members: Members) throws(RecordProblem) {
    let name = try members.text("kind")
    guard let kind = Self.kinds.first(where: { $0.name == name })?.kind else {
      throw RecordProblem(expected: "a kind of error that is known", found: "'\(name.prefix(40))'")
    }
    self.init(
      kind, try members.text("what"), at: try members.optional("where", Members.text),
      expected: try members.optional("expected", Members.text), found: try members.optional("found", Members.text),
      hint: try members.optional("hint", Members.text))
  }
}
