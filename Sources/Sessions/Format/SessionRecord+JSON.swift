import EngineAPI
import JSONText

/// Lines of a session file. `Session.schema.json` describes them.
extension SessionRecord {
  /// The object of the line. Its first member is the `type`.
  var json: JSONObject {
    switch self {
    case .model(let model):
      var object: JSONObject = ["type": "model", "reference": .object(model.reference.json)]
      object["path"] = JSONValue(model.path)
      object["format"] = model.format.map { JSONValue($0.rawValue) }
      object["bytes"] = model.bytes.map(JSONValue.integer)
      object["sha256"] = model.sha256.map { JSONValue($0) }
      object["cache"] = model.cache.map { JSONValue($0.rawValue) }
      return object
    case .origin(let id, let origin):
      return SessionRecord.line("origin", ["origin": .integer(id.number)], origin.json)
    case .node(let id, let parent, let source, let origin, let tokens):
      var object: JSONObject = ["type": "node", "node": .integer(id.number)]
      object["parent"] = parent.map(JSONValue.place) ?? .null
      object["source"] = source.map(JSONValue.place)
      object["origin"] = .integer(origin.number)
      return tokens.isEmpty ? object : SessionRecord.joined(object, tokens.json)
    case .tokens(let id, let start, let run):
      return SessionRecord.line("tokens", ["node": .integer(id.number), "at": .integer(start)], run.json)
    case .source(let id, let place):
      return SessionRecord.line("source", ["node": .integer(id.number), "source": .place(place)])
    case .outcome(let id, let outcome):
      return SessionRecord.line("outcome", ["node": .integer(id.number)], outcome.json)
    case .label(let place, let name):
      return SessionRecord.line("label", ["place": .place(place), "name": name.map { JSONValue($0) } ?? .null])
    case .mark(let place, let isMarked):
      return SessionRecord.line("mark", ["place": .place(place), "marked": .bool(isMarked)])
    case .prune(let id, let count):
      return SessionRecord.line(
        "prune", ["node": .integer(id.number), "from": count.map(JSONValue.integer) ?? .null])
    case .cut(let id, let count):
      return SessionRecord.line("cut", ["node": .integer(id.number), "count": .integer(count)])
    case .root(let id): return SessionRecord.line("root", ["node": .integer(id.number)])
    case .remove(let id): return SessionRecord.line("remove", ["node": .integer(id.number)])
    case .cursor(let id, let places):
      return SessionRecord.line(
        "cursor",
        ["cursor": .integer(id.number), "places": places.map { .array($0.map(JSONValue.place)) } ?? .null])
    }
  }

  private static func line(_ type: String, _ head: JSONObject, _ rest: JSONObject = [:]) -> JSONObject {
    joined(joined(["type": JSONValue(type)], head), rest)
  }

  private static func joined(_ head: JSONObject, _ rest: JSONObject) -> JSONObject {
    JSONObject(head.members + rest.members)
  }

  /// Reads a line; `nil` for an unknown type, which a later version may have added.
  init?(_ members: Members) throws(RecordProblem) {
    func node() throws(RecordProblem) -> NodeID { NodeID(try members.int("node", from: 0)) }
    func place() throws(RecordProblem) -> Place { try Members.place(try members.value("place"), "place") }
    switch try members.text("type") {
    case "model":
      self = .model(
        SessionModel(
          reference: try ModelReference(json: try members.value("reference"), key: "reference"),
          path: try members.text("path"), format: try members.optional("format", Members.name),
          bytes: try members.optional("bytes", Members.int), sha256: try members.optional("sha256", Members.text),
          cache: try members.optional("cache", Members.name)))
    case "origin": self = .origin(OriginID(try members.int("origin", from: 0)), try Origin(members))
    case "node":
      self = .node(
        try node(), parent: try members.optional("parent", Members.place),
        source: try members.optional("source", Members.place), origin: OriginID(try members.int("origin", from: 0)),
        tokens: members.optional("ids") == nil ? TokenRun() : try TokenRun(members))
    case "tokens": self = .tokens(try node(), at: try members.int("at", from: 0), try TokenRun(members))
    case "source": self = .source(try node(), try Members.place(try members.value("source"), "source"))
    case "outcome": self = .outcome(try node(), try Outcome(members))
    case "label": self = .label(try place(), try members.optional("name", Members.text))
    case "mark": self = .mark(try place(), try members.flag("marked"))
    case "prune": self = .prune(try node(), from: try members.optional("from", Members.int))
    case "cut": self = .cut(try node(), count: try members.int("count", from: 0))
    case "root": self = .root(try node())
    case "remove": self = .remove(try node())
    case "cursor":
      var places: [Place]?
      if let values = try members.optional("places", Members.array) {
        places = []
        for value in values { places?.append(try Members.place(value, "places")) }
      }
      self = .cursor(CursorID(try members.int("cursor", from: 0)), places)
    default: return nil
    }
  }
}
