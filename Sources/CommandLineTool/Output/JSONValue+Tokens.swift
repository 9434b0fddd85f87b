import EngineAPI
import JSONText
import Platform
import TerminalUI

extension JSONValue {
  /// A number, or `null`.
  static func number(_ value: Double?) -> JSONValue { value.map(JSONValue.double) ?? .null }

  /// A whole number, or `null`.
  static func whole(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

  /// A text, or `null`.
  static func text(_ value: String?) -> JSONValue { value.map { .string(ByteString($0)) } ?? .null }

  /// An array of integers.
  static func wholes(_ values: some Sequence<Int>) -> JSONValue { .array(values.map(JSONValue.integer)) }

  /// Objects.
  static func objects(_ values: some Sequence<JSONObject>) -> JSONValue { .array(values.map(JSONValue.object)) }
}

extension JSONObject {
  /// This object, followed by the members of another.
  func followed(by other: JSONObject) -> JSONObject {
    var object = self
    for member in other.members { object.setValue(member.value, forKey: member.key) }
    return object
  }
}

extension TokenValue {
  /// `{"id", "text", "bytes"}`.
  var json: JSONObject { ["id": .integer(id), "text": .text(text), "bytes": .wholes(bytes.lazy.map(Int.init))] }
}

extension TokenSpan {
  /// `{"id", "text", "bytes", "start", "end", "special"}`.
  var json: JSONObject {
    token.json.followed(by: [
      "start": .integer(range.lowerBound), "end": .integer(range.upperBound), "special": .bool(isSpecial),
    ])
  }
}

extension RankedToken {
  /// `{"id", "text", "logprob"}`.
  var json: JSONObject { ["id": .integer(token.id), "text": .text(token.text), "logprob": .number(logprob)] }

  /// `{"id", "text", "logprob", "rank"}`.
  var rankedJSON: JSONObject { json.followed(by: ["rank": .whole(rank)]) }
}

extension ScoredToken {
  /// `{"id", "text", "bytes", "logprob", "rank", "entropy", "top"}`.
  var scoredJSON: JSONObject {
    numbers.followed(by: ["top": .objects(top.map(\.json))]).followed(by: coverage.json)
  }

  /// `{"id", "text", "bytes", "logprob", "rank", "entropy", "sampled_logprob", "top"}`.
  var generatedJSON: JSONObject {
    numbers.followed(by: ["sampled_logprob": .number(sampledLogprob), "top": .objects(top.map(\.json))])
      .followed(by: coverage.json)
  }

  private var numbers: JSONObject {
    token.json.followed(by: ["logprob": .number(logprob), "rank": .whole(rank), "entropy": .number(entropy)])
  }
}

extension StageSummary {
  /// `{"name", "kept", "removed", "entropy", "top": [{"id", "text", "probability"}]}`.
  var json: JSONObject {
    [
      "name": .text(stage.rawValue), "kept": .integer(kept), "removed": .integer(removed), "entropy": .double(entropy),
      "top": .objects(
        top.map {
          ["id": .integer($0.token.id), "text": .text($0.token.text), "probability": .double($0.probability)]
        }),
    ]
  }
}

extension RankedToken {
  /// The model's own probability, 0…1.
  var probability: Double? { logprob.map { exp($0) } }
}

extension Coverage {
  /// `{"coverage": {"candidates", "mass"}}`; nothing where the whole distribution is known.
  var json: JSONObject {
    guard let candidates else { return [:] }
    return ["coverage": ["candidates": .integer(candidates), "mass": .double(mass)]]
  }

  /// `20 candidates, ≥ 93.1 % of the probability`; `nil` if the whole distribution is known.
  func words(glyphs: Glyphs) -> String? {
    candidates.map {
      "\(NumberText.grouped($0)) candidates, \(NumberText.atLeast(mass, glyphs: glyphs)) of the probability"
    }
  }
}
