import Checkpoints
import JSONText
import Tensors
import TestSupport
import Testing

@testable import Models

@Suite("Models with a classification head")
struct LabelTests {
  static let texts =
    [
      "albert", "bert", "distilbert", "electra", "gemma2", "gemma3", "gpt2", "llama", "mistral", "modernbert", "olmo2",
      "phi3", "qwen2", "qwen3", "roberta", "xlm-roberta",
    ].map { $0 + "-texts" } + ["modernbert-texts-first"]
  static let tokens = [
    "albert", "bert", "distilbert", "electra", "gemma2", "gpt2", "llama", "modernbert", "phi3", "roberta",
    "xlm-roberta",
  ].map { $0 + "-tokens" }

  /// The logits of a fixture's text.
  private func logits(_ name: String, wanted: WantedRows = .all) throws -> (golden: Golden, logits: Tensor) {
    let golden = try Golden(name)
    let model = try golden.opened.labeling()
    let sequence = MaskedSequence(ids: try golden.ids(), wanted: wanted, types: try golden.types())
    return (golden, model.logits(try model.forward([sequence]).tensor))
  }

  @Test("logits equal those of transformers", arguments: texts + tokens)
  func golden(_ name: String) throws {
    let (golden, logits) = try logits(name)
    try golden.expect(logits, equals: "logits")
    let labels = try golden.opened.labeling().labels
    #expect(labels.subject == (name.contains("-texts") ? .texts : .tokens))
    #expect(golden.opened.description.family == golden.opened.model.family)
  }

  @Test("a text's logits have the same bits alone, in a batch, and for selected positions", arguments: texts + tokens)
  func batches(_ name: String) throws {
    let (golden, alone) = try logits(name)
    let (model, ids) = (try golden.opened.labeling(), try golden.ids())
    let sequence = MaskedSequence(ids: ids, types: try golden.types())
    let rows = try model.forward([MaskedSequence(ids: [5]), sequence, MaskedSequence(ids: Array(ids[3..<9]))])
    #expect(model.logits(rows.rows(ofSegment: 1)).bits == alone.bits)
    guard model.labels.subject == .tokens else { return }
    #expect(try logits(name, wanted: .positions([7, 2])).logits.bits == alone.gatherRows([7, 2]).bits)
  }

  @Test(
    "a packed folder of a classifier gives the same bits and labels as the original opened in that format",
    arguments: ["bert-texts", "llama-tokens"])
  func packed(_ name: String) throws {
    let original = try ModelLoader.open(folder: Fixtures.path("models/\(name)"), format: .q8)
    try PackedFolderTests.withPacked(name, .q8) { folder in
      let packed = try ModelLoader.open(folder: folder)
      #expect(packed.model.family == original.model.family)
      #expect(try packed.labeling().labels == original.labeling().labels)
      #expect(try PackedFolderTests.numbers(packed) == PackedFolderTests.numbers(original))
    }
  }

  @Test("a classifier that reads the last token ignores padding after it")
  func padding() throws {
    let model = try Golden("llama-texts").opened.labeling()
    func bits(_ ids: [Int]) throws -> [UInt32] {
      model.logits(try model.forward([MaskedSequence(ids: ids)]).tensor).bits
    }
    #expect(try bits([7, 8, 9, 0, 0]) == bits([7, 8, 9]))
    #expect(try bits([7, 8, 9, 0, 0]) != bits([7, 8]))
    #expect(try bits([0, 0]) == bits([0]))
  }

  @Test("a sentence type that the model has no embedding for is an error")
  func types() throws {
    let model = try Golden("bert-texts").opened.labeling()
    #expect(throws: ModelError.typeOutOfRange(type: 2, count: 2)) {
      try model.forward([MaskedSequence(ids: [4, 5], types: [0, 2])])
    }
    #expect(throws: ModelError.typeOutOfRange(type: -1, count: 2)) {
      try model.forward([MaskedSequence(ids: [4, 5], types: [-1, 0])])
    }
    // RoBERTa ignores types.
    let other = try Golden("roberta-texts").opened.labeling()
    let (typed, plain) = (
      try other.forward([MaskedSequence(ids: [4, 5], types: [0, 2])]), try other.forward([MaskedSequence(ids: [4, 5])])
    )
    #expect(typed.tensor.bits == plain.tensor.bits)
  }

  private func labels(_ text: String, _ subject: LabelSet.Subject = .texts) throws -> LabelSet {
    try LabelSet(subject, ConfigurationReader(JSONValue(parsing: Array(text.utf8)), path: "config.json"))
  }

  @Test("names and scores of labels are read as transformers reads them")
  func configuration() throws {
    let three = #""id2label": {"1": "b", "0": "a", "2": "c"}"#
    #expect(try labels("{}") == LabelSet(.texts, names: ["LABEL_0", "LABEL_1"], scoring: .softmax))
    #expect(try labels(#"{"num_labels": 1}"#) == LabelSet(.texts, names: ["LABEL_0"], scoring: .sigmoid))
    #expect(try labels("{\(three)}").names == ["a", "b", "c"])
    #expect(try labels("{\(three), \"problem_type\": \"multi_label_classification\"}").scoring == .sigmoid)
    #expect(try labels("{\(three), \"problem_type\": \"regression\"}").scoring == .identity)
    #expect(try labels(#"{"problem_type": null}"#).scoring == .softmax)
    #expect(try labels(#"{"problem_type": "regression"}"#, .tokens).scoring == .softmax)
  }

  @Test(
    "invalid or contradictory labels give an error with the key",
    arguments: [
      ("id2label", #"{"id2label": {"0": "a", "2": "c"}}"#), ("id2label", #"{"id2label": {}}"#),
      ("id2label", #"{"id2label": {"x": "a"}}"#), ("id2label", #"{"id2label": {"0": 7}}"#),
      ("id2label", #"{"id2label": ["a"]}"#), ("num_labels", #"{"id2label": {"0": "a"}, "num_labels": 2}"#),
      ("num_labels", #"{"num_labels": 0}"#), ("num_labels", #"{"num_labels": 9000000}"#),
      ("problem_type", #"{"problem_type": "ranking"}"#),
      ("problem_type", #"{"problem_type": "single_label_classification", "num_labels": 1}"#),
    ])
  func contradictions(_ key: String, _ text: String) throws {
    do { _ = try labels(text) } catch let error as ModelError {
      guard case .invalidConfiguration("config.json", key, _, _) = error else {
        Issue.record("\(error)")
        return
      }
      return
    }
    Issue.record("\(text) was taken")
  }

  @Test("an architecture without classification heads refuses them, and an unknown pooling is refused")
  func refused() throws {
    for (fixture, key, value) in [
      ("t5", "architectures", #"["T5ForSequenceClassification"]"#),
      ("modernbert-texts", "classifier_pooling", #""max""#),
    ] {
      guard
        case .invalidConfiguration(_, key, _, _)? = try ScratchModel.error(fixture, changing: [(key, value)])
      else {
        Issue.record("\(fixture) opened")
        continue
      }
    }
  }

  @Test("scores are probabilities")
  func scores() {
    let logits: [Float] = [1, 2, 4]
    func scores(_ scoring: LabelSet.Scoring) -> [Double] {
      LabelSet(.texts, names: ["a", "b", "c"], scoring: scoring).scores(logits)
    }
    #expect(abs(scores(.softmax).reduce(0, +) - 1) < 1e-6)
    #expect(abs(scores(.sigmoid)[0] - 0.731058578) < 1e-6)
    #expect(scores(.identity) == [1, 2, 4])
  }
}

extension Golden {
  /// The sentence types of the reference; empty if it has none.
  fileprivate func types() throws -> [Int] { names.contains("types") ? try ids("types") : [] }
}

extension OpenedModel {
  func labeling() throws -> any LabelingModel {
    guard case .labeling(let model) = model else { throw WrongFamily() }
    return model
  }
}
