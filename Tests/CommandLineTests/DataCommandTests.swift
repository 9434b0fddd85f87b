import Foundation
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `data`, `train tokenizer` and `copied`: output, files and errors.
struct DataCommandTests {
  private func run(_ files: [String: String] = [:], _ arguments: String..., input: String? = nil) async
    -> CommandWorld.Outcome
  {
    await CommandWorld(input: input.map { Array($0.utf8) }, files: files.mapValues { Array($0.utf8) }).run(arguments)
  }

  private func json(_ outcome: CommandWorld.Outcome) throws -> JSONValue {
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  private static let sentence = "Once upon a time there was a little girl who lived in a village near the forest."

  @Test func preparedDataIsReportedShownAndCounted() async throws {
    try await Fixtures.withScratchFolder { folder in
      let rows = (0..<40).map { "\($0 % 2 == 0 ? "good" : "bad"),text number \($0)\n" }.joined()
      let files = ["a.csv": "label,text\n" + rows + "good,text  number 0\n"]
      let made = try json(
        await run(
          files, "data", "prepare", "--train-file", "a.csv", "--test-share", "0.3", "-o", folder + "/d", "--json"))
      #expect(made["schema"] == 1 && made["cleaning"]?["duplicates"] == 1 && made["cleaning"]?["kept"] == 40)
      let counts = ["train", "validation", "test"].map { made["splits"]?[$0]?["records"]?.int ?? 0 }
      #expect(counts.reduce(0, +) == 40 && counts[2] > 4)
      let shown = try json(await run([:], "data", "show", folder + "/d", "-n", "2", "--first", "2", "--json"))
      #expect(shown["count"]?.int == counts[0] && shown["records"]?.array?.count == 2)
      #expect(shown["records"]?[0]?["number"] == 2)
      let text = await run([:], "data", "show", folder + "/d", "--split", "test", "-n", "1")
      #expect(text.output.hasPrefix("test 1 of \(counts[2])\nlabel ") && text.output.contains("\ntext text number "))
      let stats = try json(await run([:], "data", "stats", folder + "/d", "--json"))
      #expect(stats["splits"]?[0]?["columns"]?[0]?["labels"]?.object?.count == 2)
      #expect(stats["splits"]?[0]?["columns"]?[1]?["labels"] == .null)
      let again = await run(files, "data", "prepare", "--train-file", "a.csv", "-o", folder + "/d")
      #expect(again.exitCode == 1 && again.errors.hasPrefix("error: the folder has prepared data"))
      let replaced = await run(files, "data", "prepare", "--train-file", "a.csv", "-o", folder + "/d", "--force")
      #expect(replaced.exitCode == 0 && replaced.output.contains("duplicates"))
    }
  }

  @Test("a first line that is taken for names without any usual one is noted")
  func doubtfulNames() async throws {
    try await Fixtures.withScratchFolder { folder in
      let rows = (0..<9).map { "good,row number \($0)\n" }.joined()
      func prepare(_ first: String, _ options: String...) async -> CommandWorld.Outcome {
        await CommandWorld(files: ["a.csv": Array((first + rows).utf8)]).run(
          ["data", "prepare", "--train-file", "a.csv", "-o", folder + "/d", "--force"] + options)
      }
      let doubtful = await prepare("bad,the first row\n")
      #expect(doubtful.exitCode == 0, "\(doubtful.errors)")
      #expect(doubtful.errors.contains("line 1 was taken as the names of the columns: bad, the first row"))
      for outcome in [await prepare("label,text\n"), await prepare("bad,a row\n", "--column-names", "mood,said")] {
        #expect(outcome.exitCode == 0 && !outcome.errors.contains("line 1"), "\(outcome.errors)")
      }
    }
  }

  @Test("prepared data that lacks a part or a record is refused with the file")
  func missingParts() async throws {
    try await Fixtures.withScratchFolder { folder in
      let rows = (0..<40).map { "good,row number \($0)\n" }.joined()
      let files = ["a.csv": "label,text\n" + rows]
      _ = try json(
        await run(
          files, "data", "prepare", "--train-file", "a.csv", "--test-share", "0.3", "-o", folder + "/d", "--json"))
      let test = URL(fileURLWithPath: folder + "/d/test.jsonl")
      let whole = try Data(contentsOf: test)
      let cut = whole[..<(try #require(whole.firstIndex(of: 10)) + 1)]
      try Data(cut).write(to: test)
      let damaged = await run([:], "data", "stats", folder + "/d")
      #expect(damaged.exitCode == 1 && damaged.errors.contains("test.jsonl"), "\(damaged.errors)")
      try FileManager.default.removeItem(at: test)
      let missing = await run([:], "data", "stats", folder + "/d")
      #expect(missing.exitCode == 1 && missing.errors.contains("a part of the prepared data is missing"))
    }
  }

  @Test func leaksAreReportedAndRemovedIfAsked() async throws {
    try await Fixtures.withScratchFolder { folder in
      let files = ["a.txt": "one text\n\nanother text", "b.txt": "One  text\n\nnew words"]
      let arguments = [
        "data", "prepare", "--train-file", "a.txt", "--test-file", "b.txt", "-o", folder + "/d", "--force",
      ]
      let world = { CommandWorld(files: files.mapValues { Array($0.utf8) }) }
      let kept = await world().run(arguments)
      #expect(kept.exitCode == 0 && kept.errors.contains("note: 1 records of validation and test"))
      let removed = try json(await world().run(arguments + ["--remove-leaks", "--json"]))
      #expect(removed["leaks"]?["test"]?["exact"] == 1 && removed["splits"]?["test"]?["records"] == 1)
    }
  }

  @Test func linesThatAreNotUTF8AreNamed() async throws {
    try await Fixtures.withScratchFolder { folder in
      let files: [String: [UInt8]] = ["a.txt": Array("good\n\n".utf8) + [0xFF] + Array("\n\nalso good".utf8)]
      let arguments = ["data", "prepare", "--train-file", "a.txt", "-o", folder + "/d", "--validation-share", "0"]
      let refused = await CommandWorld(files: files).run(arguments)
      #expect(refused.exitCode == 1 && refused.errors.hasPrefix("error: text is not UTF-8, a.txt line 3: "))
      #expect(!FileManager.default.fileExists(atPath: folder + "/d"))
      let skipped = await CommandWorld(files: files).run(arguments + ["--skip-invalid-lines"])
      #expect(skipped.exitCode == 0 && skipped.errors.contains("1 lines that are not UTF-8 were left out: 3"))
    }
  }

  @Test(arguments: ["bpe", "wordpiece", "unigram"])
  func aTrainedTokenizerOpens(kind: String) async throws {
    try await Fixtures.withScratchFolder { folder in
      let text = String(repeating: Self.sentence + "\n", count: 20) + "The quick brown fox jumps over the lazy dog.\n"
      let files = ["a.txt": text, "d.txt": "Once upon a time"]
      let out = folder + "/t"
      let made = try json(
        await run(
          files, "train", "tokenizer", kind, "--train-file", "a.txt", "--vocab-size", "300", "-o", out, "--json"))
      #expect(made["kind"]?.string == kind && (made["tokens"]?.int ?? 0) <= 300)
      let prepared = try json(
        await run(
          files, "data", "prepare", "--train-file", "d.txt", "--validation-share", "0", "--tokenizer", out, "-o",
          folder + "/d", "--json"))
      #expect((prepared["splits"]?["train"]?["tokens"]?["text"]?.int ?? 0) >= 4)
      let again = await run(files, "train", "tokenizer", kind, "--train-file", "a.txt", "-o", out)
      #expect(again.exitCode == 1 && again.errors.contains("--force"))
      let more = await run(files, "train", "tokenizer", kind, "--train-file", "a.txt", "-o", out, "--force")
      #expect(more.exitCode == 0 && more.errors.contains("the text has no more pieces"))
    }
  }

  @Test func copiedRunsAreMarked() async throws {
    try await Fixtures.withScratchFolder { folder in
      try Self.sentence.write(toFile: folder + "/a.txt", atomically: true, encoding: .utf8)
      let files = [folder + "/a.txt": Self.sentence]
      let text = "He said: once upon a time there was a little girl, and no more."
      let first = await run(files, "copied", text, "--train-file", folder + "/a.txt")
      #expect(first.exitCode == 0 && first.errors == "note: making the index \(folder)/a.txt.copies\n")
      #expect(
        first.output.hasPrefix(
          "He said: [[once upon a time there was a little girl]], and no more.\n\n9 of 14 words (64 %)"))
      let second = try json(await run(files, "copied", "-", "--train-file", folder + "/a.txt", "--json", input: text))
      #expect(second["copied_words"] == 9 && second["longest"] == 9 && second["runs"]?[0]?["document"] == 1)
      #expect(second["runs"]?[0]?["source"]?.string == "Once upon a time there was a little girl")
      let none = try json(
        await run(files, "copied", text, "--train-file", folder + "/a.txt", "--min-words", "10", "--json"))
      #expect(none["runs"]?.array == [] && none["longest"] == 0)
    }
  }

  @Test(arguments: [
    (["train"], 2, "incomplete command, train: expected an objective"),
    (["data"], 2, "missing command, triptych data: expected prepare, show or stats, found none"),
    (["data", "prepar"], 2, "no such command, triptych data: expected prepare, show or stats, found 'prepar'"),
    (["data", "prepare", "-o", "x"], 2, "missing option, triptych data prepare: expected --train-file <file>"),
    (["data", "prepare", "--train-file", "x", "--nope"], 2, "missing option, triptych data prepare"),
    (["data", "prepare", "--train-file", "none.txt", "-o", "x"], 1, "can't read the text, none.txt"),
    (["data", "prepare", "--train-file", "e.txt", "-o", "x"], 1, "nothing to learn from, e.txt"),
    (
      ["data", "prepare", "--train-file", "e.txt", "-o", "x", "--language", "en"], 2, "wrong value, --language"
    ),
    (
      ["data", "prepare", "--train-file", "e.txt", "-o", "x", "--columns", "a,,b"], 2, "wrong value, --columns"
    ),
    (
      ["data", "prepare", "--train-file", "e.txt", "-o", "x", "--test-share", "0.6", "--validation-share", "0.5"], 2,
      "setting does not fit, shares of validation and test"
    ),
    (
      ["data", "prepare", "--train-file", "e.txt", "--test-file", "e.txt", "-o", "x", "--test-share", "0.6"], 2,
      "options that exclude each other"
    ),
    (["data", "show", "/nowhere"], 1, "no prepared data, /nowhere"),
    (["data", "stats", "/"], 1, "no prepared data, /"),
    (["train", "tokenizer", "bpe", "-o", "x"], 2, "missing option, triptych train tokenizer"),
    (["train", "tokenizer", "bpee", "--train-file", "a", "-o", "x"], 2, "wrong value, <kind>"),
    (
      ["train", "tokenizer", "bpe", "--train-file", "t.txt", "-o", "x", "--vocab-size", "100"], 2,
      "setting does not fit"
    ),
    (["train", "tokenizer", "bpe", "--train-file", "e.txt", "-o", "x"], 1, "no text, training files"),
    (
      ["train", "tokenizer", "bpe", "--train-file", "t.txt", "-o", "x", "--limit-alphabet", "5"], 2,
      "option without use, --limit-alphabet: expected another kind of tokenizer, found bpe"
    ),
    (
      ["train", "tokenizer", "wordpiece", "--train-file", "t.txt", "-o", "x", "--vocab-size", "7"], 2,
      "setting does not fit"
    ),
    (["copied", "x"], 2, "missing option, triptych copied"),
    (["copied", "x", "--data", "a", "--train-file", "b"], 2, "options that exclude each other"),
    (["copied", "x", "--data", "/nowhere"], 1, "no prepared data"),
    (["copied", "x", "--train-file", "e.txt", "--min-words", "3"], 2, "wrong value, --min-words"),
  ])
  func errorsAreNamed(arguments: [String], code: Int, expected: String) async {
    let world = CommandWorld(files: ["e.txt": [], "t.txt": Array("some text".utf8)])
    let outcome = await world.run(arguments)
    #expect(outcome.exitCode == Int32(code), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: " + expected), "\(outcome.errors)")
    #expect(outcome.output == "")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: Int32(code)) == nil)
  }
}
