import EngineAPI
import JSONText
import Models
import Terms

/// The configuration of the model that a run makes.
enum TrainedConfiguration {
  /// Reads `config.json` of a folder.
  static func read(_ folder: String) throws(TrainingError) -> JSONObject {
    let path = "\(folder)/config.json"
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue(contentsOfFile: path) } catch { throw TrainingError(.model, error) }
    guard let object = value.object else {
      throw TrainingError(.model, "not a configuration", at: path, expected: "a JSON object", found: value.kind)
    }
    return object
  }

  /// The configuration with the head that an objective needs.
  /// - Parameters:
  ///   - labels: the labels of a model that gives labels.
  ///   - dropout: the probability for all keys that set dropout; `nil` to leave them.
  static func make(
    _ source: JSONObject, _ objective: TrainingObjective, labels: [String], problemType: String?,
    dropout: (keys: [String], probability: Double)?
  ) -> JSONObject {
    var made = source
    for key in dropout?.keys ?? [] { made[key] = dropout.map { .double($0.probability) } }
    made["quantization_config"] = nil
    made["torch_dtype"] = nil
    made["dtype"] = "float32"
    guard objective == .classify || objective == .tag else { return made }
    let ending = objective == .classify ? "ForSequenceClassification" : "ForTokenClassification"
    made["architectures"] = .array([JSONValue(ArchitectureNames.stem(source) + ending)])
    made["num_labels"] = nil
    let outputs = problemType == "regression" ? ["LABEL_0"] : labels
    made["id2label"] = .object(
      JSONObject(outputs.enumerated().map { (key: ByteString("\($0)"), value: JSONValue($1)) }))
    made["label2id"] = .object(JSONObject(outputs.enumerated().map { (key: ByteString($1), value: .integer($0)) }))
    if objective == .classify {
      made["problem_type"] = JSONValue(problemType ?? "single_label_classification")
    }
    return made
  }

  /// The labels of a configuration, if it names them.
  static func labels(_ source: JSONObject) -> [String]? {
    guard let object = source["id2label"]?.object else { return nil }
    let names = (0..<object.count).map { object["\($0)"]?.string }
    return names.contains(nil) ? nil : names.compactMap(\.self)
  }
}
