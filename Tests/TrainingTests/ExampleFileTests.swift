import Corpora
import EngineAPI
import Foundation
import TestSupport
import Testing

@testable import Training

/// How files of examples become examples, and which errors name what is wrong in them.
@Suite struct ExampleFileTests {
  private func read(
    _ content: [UInt8], as name: String, _ change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> ExampleFile {
    try Fixtures.withScratchFolder { folder in
      let path = "\(folder)/\(name)"
      try Data(content).write(to: URL(fileURLWithPath: path))
      var options = TrainingOptions()
      change(&options)
      return try ExampleFile(path: path, options)
    }
  }

  private func read(
    _ content: String, as name: String, _ change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> ExampleFile {
    try read(Array(content.utf8), as: name, change)
  }

  /// The error of a training run whose files have these contents.
  private func failure(
    _ objective: TrainingObjective, _ content: String, as name: String, validation: String? = nil,
    model: String = "program/masked", _ change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> TrainingError? {
    try Fixtures.withScratchFolder { folder in
      let source = folder + "/model"
      try TrainedModels.copy(model, to: source)
      try Data(content.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      if let validation { try Data(validation.utf8).write(to: URL(fileURLWithPath: "\(folder)/held-\(name)")) }
      var options = TrainingOptions()
      change(&options)
      let request = TrainRequest(
        model: ModelReference("model"), objective: objective, trainFiles: ["\(folder)/\(name)"],
        validationFile: validation.map { _ in "\(folder)/held-\(name)" }, output: folder + "/out", options: options)
      do throws(TrainingError) {
        _ = try Trainer(request, source: source)
        return nil
      } catch {
        var error = error
        error.facts.place = error.facts.place?.replacing(folder + "/", with: "")
        return error
      }
    }
  }

  @Test("a compressed file has the records of the plain one, and columns without names are numbered")
  func compressed() throws {
    let plain = try ExampleFile(path: Fixtures.path("training/classify.tsv"), TrainingOptions())
    let packed = try ExampleFile(path: Fixtures.path("training/classify.tsv.gz"), TrainingOptions())
    #expect(plain.rows == packed.rows && plain.rows.map(\.line) == packed.rows.map(\.line))
    #expect(plain.columns == ["1", "2"] && plain.rows.count == 6)
    #expect(try packed.texts("1") == ["short", "short", "long", "wet", "long", "long"])
  }

  @Test("a quoted value of a CSV file may have commas, quotes and line breaks")
  func quotes() throws {
    let file = try read("text,label\n\"a, \"\"b\"\"\nc\",x\nd,y\n", as: "a.csv")
    #expect(file.columns == ["text", "label"])
    #expect(try file.texts("text") == ["a, \"b\"\nc", "d"])
    #expect(file.rows.map(\.line) == [2, 4])
  }

  @Test("the first row of a table has names if it has those of the options or usual ones; otherwise it is an example")
  func headers() throws {
    #expect(try read("id,text,label\n1,a,b\n", as: "a.csv").columns == ["id", "text", "label"])
    #expect(try read("text\na\n", as: "a.csv").columns == ["text"])
    #expect(try read("rain\train\nsun\tdry\n", as: "a.tsv").texts("2") == ["rain", "dry"])
    #expect(try read("mood\tsaid\ngood\tyes\n", as: "a.tsv") { $0.labelColumn = "mood" }.texts("mood") == ["good"])
    #expect(try read("mood\tsaid\ngood\tyes\n", as: "a.tsv").columns == ["1", "2"])
    let named = try read("good\tyes\nbad\tno\n", as: "a.tsv") { $0.columnNames = ["mood", "said"] }
    #expect(try named.texts("mood") == ["good", "bad"])
  }

  @Test("text is one example as a whole, or one for each line")
  func text() throws {
    let text = "first line\r\n\nthird line\n"
    #expect(try read(text, as: "a.txt").texts("text") == ["first line\n\nthird line"])
    let lines = try read(text, as: "a.txt") { $0.lineByLine = true }
    #expect(try lines.texts("text") == ["first line", "third line"])
    #expect(lines.rows.map(\.line) == [1, 3])
  }

  @Test("numbers are texts, lists may have numbers, and sentences with tags are lists of words")
  func values() throws {
    let objects = try read(#"{"text": "a", "label": 1, "tags": [1, 0]}"# + "\n", as: "a.json")
    #expect(objects.rows[0].plainText("label") == "1" && objects.rows[0].words("tags") == ["1", "0"])
    let several = try read("text\tlabel\nx\ta b, c ,\n", as: "a.tsv")
    #expect(several.rows[0].words("label") == ["a b", "c"])
    let words = try read("Anna B-PER\nran O\n\nhome O\n", as: "a.conll")
    #expect(words.columns == ["tokens", "tags"])
    #expect(words.rows.map { $0.words("tags") } == [["B-PER", "O"], ["O"]] && words.rows.map(\.line) == [1, 4])
  }

  @Test("a line that is not UTF-8 is an error with file and line, and is left out only if an option says so")
  func invalidLines() throws {
    let bytes = Array("a\tb\n".utf8) + [0x63, 0x09, 0xFF, 0x0A] + Array("d\te\n".utf8)
    let error = #expect(throws: TrainingError.self) { try read(bytes, as: "a.tsv") }
    #expect(error?.facts.place?.hasSuffix("/a.tsv line 2") == true && error?.facts.expected == "UTF-8")
    let rest = try read(bytes, as: "a.tsv") { $0.skipInvalidLines = true }
    #expect(try rest.texts("1") == ["a", "d"] && rest.skippedLines == [2])
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/a.txt"
      try Data("the cat sat\n".utf8 + [0xFF, 0x0A] + "on the mat\n".utf8).write(to: URL(fileURLWithPath: path))
      var options = TrainingOptions()
      options.skipInvalidLines = true
      options.maxSteps = 1
      options.saveStrategy = .no
      let request = TrainRequest(
        model: ModelReference("causal"), objective: .causal, trainFiles: [path], output: folder + "/out",
        options: options)
      var notices: [String] = []
      _ = try Trainer(request, source: Fixtures.path("program/causal")).run(report: {
        if case .notice(let text) = $0 { notices.append(text) }
      })
      #expect(notices == ["\(path): 1 line that is not UTF-8 was left out: 2"])
    }
  }

  @Test("files without examples are named")
  func empty() throws {
    for (content, name, found) in [
      ("", "a.csv", "an empty file"), ("text,label\n", "a.csv", "none"), ("\n \n", "a.txt", "none"),
      ("", "a.jsonl", "an empty file"), ("\n\n", "a.conll", "none"),
    ] {
      let error = #expect(throws: TrainingError.self) { try read(content, as: name) }
      #expect(error?.facts.expected == "examples" && error?.facts.found == found && error?.kind == .data)
    }
    let damaged = #expect(throws: TrainingError.self) {
      try read(Array(Fixtures.bytes("training/classify.tsv.gz").dropLast(9)), as: "a.tsv.gz")
    }
    #expect(damaged?.facts.what == "damaged gzip file")
  }

  @Test("columns that are missing are named with those that are there")
  func missingColumns() throws {
    let table = "text,label\nthe cat,a\nrain,b\n"
    for (change, place, expected) in [
      ({ $0.labelColumn = "mood" }, "a.csv", "a column 'mood'"),
      ({ $0.textColumn = "said" }, "a.csv", "a column 'said'"),
      ({ $0.pairColumn = "second" }, "a.csv", "a column 'second'"),
    ] as [((inout TrainingOptions) -> Void, String, String)] {
      let error = try failure(.classify, table, as: "a.csv", change)
      #expect(error?.facts.place == place && error?.facts.expected == expected)
      #expect(error?.facts.found == "columns text, label")
    }
    let row = try failure(.classify, #"{"text": "a", "label": "x"}"# + "\n" + #"{"label": "y"}"#, as: "a.jsonl")
    #expect(row?.facts.place == "a.jsonl line 2" && row?.facts.expected == "a text in column 'text'")
    let ragged = try failure(.classify, "x\ta\ny\n", as: "a.tsv")
    #expect(ragged?.facts.place?.hasSuffix("a.tsv line 2") == true && ragged?.facts.expected == "2")
    let tags = try failure(.tag, "Anna\nran\n", as: "a.conll")
    #expect(tags?.facts.expected == "a column 'tags'")
    let lengths = try failure(
      .tag, #"{"tokens": ["a", "b"], "tags": ["O"]}"# + "\n" + #"{"tokens":["a"],"tags":["B"]}"#, as: "a.jsonl")
    #expect(lengths?.facts.place == "a.jsonl line 1" && lengths?.facts.found == "1")
    let talk = try failure(.masked, #"{"messages": [{"role": "user", "content": "a"}]}"#, as: "a.json")
    #expect(talk?.facts.found == "columns messages" && talk?.hint?.contains("template") == true)
  }

  @Test("labels that the model does not have are errors with file and line")
  func unknownLabels() throws {
    let held = try failure(.classify, "a\tthe cat\nb\train\n", as: "a.tsv", validation: "a\tthe dog\nc\tsun\n")
    #expect(held?.facts.place == "held-a.tsv line 2" && held?.facts.found == "c")
    #expect(held?.facts.expected == "one of the labels a, b")
    // The model's own labels are long, short and wet.
    let trained = try failure(.classify, "wet\train\ndry\tthe cat\n", as: "a.tsv", model: "training/classifier")
    #expect(trained?.facts.place == "a.tsv line 2" && trained?.facts.found == "dry")
    #expect(trained?.facts.expected == "one of the labels long, short, wet")
    #expect(try failure(.classify, "yes\train\nno\tthe cat\n", as: "a.tsv", model: "training/classifier") == nil)
    let one = try failure(.classify, "text,label\na,x\nb,x\n", as: "a.csv")
    #expect(one?.facts.expected == "at least two labels" && one?.facts.found == "x")
    let none = try failure(.classify, "text,label\na,x\nb,\n", as: "a.csv")
    #expect(none?.facts.place == "a.csv line 3" && none?.facts.expected == "a label")
  }
}
