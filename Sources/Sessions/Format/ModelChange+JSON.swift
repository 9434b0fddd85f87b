import EngineAPI
import JSONText

extension ModelChange {
  /// `{"scale": PART, "factor"}`, `{"patch": "L:POSITION=TEXT"}` or `{"control_vector": PATH, "factor", "layers"}`.
  var json: JSONObject {
    switch self {
    case .scale(let part, let factor):
      return ["scale": JSONValue(part.description), "factor": .double(factor)]
    case .patch(let patch): return ["patch": JSONValue(patch.description)]
    case .steer(let vector):
      var object: JSONObject = ["control_vector": JSONValue(vector.path), "factor": .double(vector.scale)]
      object["layers"] = vector.layers.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }
      return object
    }
  }

  init(_ members: Members) throws(RecordProblem) {
    if let value = members.optional("scale") {
      let text = try Members.text(value, "scale")
      guard let part = ModelPart(parsing: text) else {
        throw RecordProblem(expected: "a part of a model such as 3.1", found: "'\(text)'")
      }
      self = .scale(part, by: try members.double("factor"))
    } else if let value = members.optional("patch") {
      let text = try Members.text(value, "patch")
      guard let patch = ActivationPatch(parsing: text) else {
        throw RecordProblem(expected: "LAYER:POSITION=TEXT", found: "'\(text)'")
      }
      self = .patch(patch)
    } else {
      var vector = ControlVector(path: try members.text("control_vector"), scale: try members.double("factor"))
      if let layers = try members.optional("layers", Members.ints) {
        guard layers.count == 2, layers[0] <= layers[1] else {
          throw RecordProblem(expected: "the first and the last layer", found: "\(layers)")
        }
        vector.layers = layers[0]...layers[1]
      }
      self = .steer(vector)
    }
  }
}

extension Members {
  /// The changes of a model.
  static func changes(_ value: JSONValue, _ key: String) throws(RecordProblem) -> [ModelChange] {
    var changes: [ModelChange] = []
    for element in try array(value, key) { changes.append(try ModelChange(Members(element))) }
    return changes
  }
}
