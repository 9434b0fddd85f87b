import JSONText

extension LabelSet {
  /// The endings of the class names of models with a classification head.
  private static let subjects = [("ForSequenceClassification", Subject.texts), ("ForTokenClassification", .tokens)]

  /// The largest number of labels that a configuration may name.
  private static let most = 1 << 20

  /// Whether a configuration's model labels texts or tokens; `nil` if its class has no classification head.
  static func subject(_ file: ConfigurationReader) -> Subject? {
    let name = file.members["architectures"]?[0]?.string ?? ""
    return subjects.first { name.hasSuffix($0.0) }?.1
  }

  /// Reads the labels of a configuration as transformers does: the names of `id2label`, else `LABEL_0` and so on, as
  /// many as `num_labels`, else 2.
  init(_ subject: Subject, _ file: ConfigurationReader) throws(ModelError) {
    let asked = try file.value(["num_labels"]) == nil ? nil : file.size("num_labels", default: 2, atMost: Self.most)
    var names: [String] = []
    if let (key, value) = file.value(["id2label"]) {
      guard let object = value.object, object.count > 0, object.count <= Self.most else {
        throw file.failure(key, "an object of at least one label", value)
      }
      var found: [Int: String] = [:]
      for (number, name) in object.members {
        guard let index = Int(number.description), let name = name.string else {
          throw file.failure(key, "names of labels by their numbers", value)
        }
        found[index] = name
      }
      let ordered = (0..<object.count).map { found[$0] }
      guard !ordered.contains(nil) else { throw file.failure(key, "the labels 0 to \(object.count - 1)", value) }
      names = ordered.compactMap(\.self)
      if let asked, asked != names.count {
        throw file.failure("num_labels", "the \(names.count) of id2label", "\(asked)")
      }
    } else {
      names = (0..<(asked ?? 2)).map { "LABEL_\($0)" }
    }
    self.init(subject, names: names, scoring: try Self.scoring(subject, file, count: names.count))
  }

  /// How transformers' pipelines score: softmax for tokens; for texts, `problem_type` if present, otherwise softmax, or
  /// sigmoid if there is only one label.
  private static func scoring(
    _ subject: Subject, _ file: ConfigurationReader, count: Int
  ) throws(ModelError) -> Scoring {
    let kind = try file.word("problem_type")
    let kinds = ["regression", "single_label_classification", "multi_label_classification"]
    guard kind.map(kinds.contains) ?? true else {
      throw file.failure("problem_type", "one of \(kinds.joined(separator: ", "))", kind ?? "")
    }
    guard !(kind == kinds[1] && count == 1) else {
      throw file.failure("problem_type", "another than single_label_classification for one label", kinds[1])
    }
    guard subject == .texts else { return .softmax }
    switch kind {
    case "regression"?: return .identity
    case "multi_label_classification"?: return .sigmoid
    default: return count == 1 ? .sigmoid : .softmax
    }
  }
}
