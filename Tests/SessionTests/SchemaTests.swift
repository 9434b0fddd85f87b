import JSONText
import Terms
import TestSupport
import Testing

@testable import Sessions

/// `Session.schema.json` describes what is written.
@Suite struct SchemaTests {
  private let schema: Schema

  init() throws {
    let path = Fixtures.path("../../Sources/Sessions/Session.schema.json")
    schema = Schema(root: try JSONValue(contentsOfFile: path))
  }

  private func lines(_ path: String) throws -> [JSONValue] {
    try FileBytes.read(path).split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
  }

  @Test(arguments: NumberFormat.allCases) func modelsOfEveryNumberFormatFit(format: NumberFormat) throws {
    let name = JSONValue(format.rawValue)
    #expect(schema.fits(["type": "model", "reference": ["name": "m", "format": name], "path": "m", "format": name]))
  }

  @Test func everyLineOfFiftySessionsFitsTheSchema() throws {
    try Fixtures.withScratchFolder { folder in
      var kinds: Set<String> = []
      for seed in 0..<50 as Range<UInt64> {
        var dice = Dice(state: seed)
        let path = folder + "/\(seed)"
        var (file, session) = try SessionFile.open(path, .writing, created: "2026-11-28T18:00:00Z")
        if seed == 0 { makeEverything(&session) }
        session.tree.bounds = SessionTree.Bounds(tokens: 200, moves: 20, edits: 6, editBytes: 1_000)
        try grow(&session, steps: 25, &dice) { try file.append($0.takeRecords()) }
        for line in try lines(path) {
          #expect(schema.fits(line), "\(line.serialized().prefix(300))")
          kinds.insert((line["type"]?.string ?? "") + (line["kind"]?.string ?? ""))
        }
      }
      // Every kind of line has been seen.
      let known = schema.root["oneOf"]?.array?.compactMap { $0["$ref"]?.string?.split(separator: "_").last } ?? []
      #expect(kinds.count == known.count, "\(kinds.sorted())")
    }
  }

  @Test(arguments: [
    #"{"type":"node","node":0,"origin":0}"#, #"{"type":"node","node":-1,"parent":null,"origin":0}"#,
    #"{"type":"node","node":0,"parent":[1],"origin":0}"#,
    #"{"type":"tokens","node":0,"at":0,"ids":[1.5],"texts":["a"]}"#,
    #"{"type":"prune","node":0,"from":true}"#, #"{"type":"mark","place":[0,1],"marked":1}"#,
    #"{"type":"cut","node":0,"count":1,"more":2}"#, #"{"type":"song"}"#,
    #"{"type":"outcome","node":0,"reason":"bored"}"#, "[]",
  ]) func whatDoesNotFitIsSeen(line: String) throws {
    #expect(!schema.fits(try JSONValue(parsing: Array(line.utf8))))
  }
}

/// The keywords of JSON Schema that the schema of sessions uses. An unknown one fits nothing.
private struct Schema {
  let root: JSONValue

  func fits(_ value: JSONValue) -> Bool { fits(value, root) }

  private func fits(_ value: JSONValue, _ schema: JSONValue) -> Bool {
    guard let members = schema.object?.members else { return schema.bool ?? false }
    return members.allSatisfy { fits(value, $0.key.description, $0.value, schema) }
  }

  private func fits(_ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue) -> Bool {
    switch keyword {
    case "$schema", "$defs", "title", "description": true
    case "$ref":
      (rule.string?.split(separator: "/").last).flatMap { root["$defs"]?[String($0)] }.map { fits(value, $0) } ?? false
    case "oneOf": (rule.array ?? []).count { fits(value, $0) } == 1
    case "anyOf": (rule.array ?? []).contains { fits(value, $0) }
    case "const": value == rule
    case "enum": (rule.array ?? []).contains(value)
    case "type": (rule.array ?? [rule]).contains { isOfType(value, $0.string ?? "") }
    case "required": value.object == nil || (rule.array ?? []).allSatisfy { value[$0.string ?? ""] != nil }
    case "properties":
      (value.object?.members ?? []).allSatisfy { key, value in rule[key.description].map { fits(value, $0) } ?? true }
    case "additionalProperties":
      (value.object?.members ?? []).allSatisfy { key, value in
        schema["properties"]?[key.description] != nil || fits(value, rule)
      }
    case "items": (value.array ?? []).allSatisfy { fits($0, rule) }
    case "prefixItems": zip(value.array ?? [], rule.array ?? []).allSatisfy { fits($0, $1) }
    case "minItems": value.array.map { $0.count >= rule.int ?? 0 } ?? true
    case "maxItems": value.array.map { $0.count <= rule.int ?? 0 } ?? true
    case "minimum": value.double.map { $0 >= rule.double ?? 0 } ?? true
    case "maximum": value.double.map { $0 <= rule.double ?? 0 } ?? true
    case "pattern": value.string.map { $0.allSatisfy(\.isNumber) } ?? true
    default: false
    }
  }

  private func isOfType(_ value: JSONValue, _ type: String) -> Bool {
    switch type {
    case "object": value.object != nil
    case "array": value.array != nil
    case "string": value.string != nil
    case "number": value.double != nil
    case "integer": value.int != nil
    case "boolean": value.bool != nil
    case "null": value.isNull
    default: false
    }
  }
}
