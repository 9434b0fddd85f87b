@testable import CommandLineTool
import EngineAPI
import Foundation
import ScriptedSupport
import TestSupport
import Testing

/// Every example on a help screen is a command line that runs.
struct ExampleTests {
  /// The bundled models, with the target words of the examples, and the folders that examples name.
  private static let engine = ScriptedEngine(
    catalogue: ScriptedModel.bundled.filter { $0.summary.name != "cloze" } + [
      ScriptedModel("cloze", family: .masked, words: ["opened", "closed"], fillings: [["paris"], ["rome"]]),
      ScriptedModel("./gpt2", family: .causal), ScriptedModel("./smollm2", family: .causal),
      ScriptedModel("./gpt2-q4", family: .causal),
    ] + ["./bart-large-cnn", "./t5-small"].map { ScriptedModel($0, family: .seq2seq, script: " The sea.") }
      + ["./sentiment", "./entailment", "./topics"].map { ScriptedModel($0, family: .classifier) }
      + ["./ner", "./parts-of-speech"].map { ScriptedModel($0, family: .tagger) })

  @Test(
    arguments: ["triptych"] + Triptych.commandNames.filter { !["help", "train", "data", "copied"].contains($0) })
  func everyExampleRuns(name: String) async throws {
    try await Fixtures.withScratchFolder { data in
      // A session in the data folder, under the name that examples use.
      try FileManager.default.createDirectory(atPath: data + "/triptych/sessions", withIntermediateDirectories: true)
      let kept = await CommandWorld(engine: Self.engine).run(
        "generate", "The sea", "--session", data + "/triptych/sessions/story")
      #expect(kept.exitCode == 0, "\(kept.errors)")
      try await everyExampleRuns(name: name, data: data)
    }
  }

  /// The commands that read and write files of training text, which examples name.
  @Test(arguments: ["train", "train tokenizer", "data", "data prepare", "data show", "data stats", "copied"])
  func everyExampleWithTrainingTextRuns(name: String) async throws {
    try await Fixtures.withScratchFolder { folder in
      let sentence = "once upon a time there was a little girl who lived in a village near the forest"
      let lines = (0..<80).map { "sentence \($0)\tphrase \($0)" }
      try (sentence + "\n").write(toFile: folder + "/books.txt", atomically: true, encoding: .utf8)
      try (["en\tfr"] + lines).joined(separator: "\n").write(
        toFile: folder + "/pairs.tsv", atomically: true, encoding: .utf8)
      try (["en\tfr"] + lines).joined(separator: "\n").write(
        toFile: folder + "/t.tsv", atomically: true, encoding: .utf8)
      let made = await CommandWorld(files: Self.files(folder)).run(
        "data", "prepare", "--train-file", folder + "/pairs.tsv", "--test-share", "0.2", "-o", folder + "/pairs")
      #expect(made.exitCode == 0, "\(made.errors)")
      try await everyExampleRuns(name: name, data: folder, folder: folder)
    }
  }

  /// The contents of the files in a folder.
  private static func files(_ folder: String) -> [String: [UInt8]] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(into: [:]) { files, name in
      files[folder + "/" + name] = FileManager.default.contents(atPath: folder + "/" + name).map { Array($0) }
    }
  }

  /// - Parameter folder: the folder of files that the examples name by relative paths, in place of the working folder.
  private func everyExampleRuns(name: String, data: String, folder: String? = nil) async throws {
    let path = name.split(separator: " ").map(String.init)
    let help = await CommandWorld().run((name == "triptych" ? [] : path) + ["--help"]).output
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != "EXAMPLES" }.dropFirst()
      .prefix { !$0.isEmpty }
    #expect(lines.count >= 2)
    #expect(lines.allSatisfy { $0.hasPrefix("  ") }, "an example is broken into two lines")
    for line in lines {
      var input: String?
      for part in line.split(separator: "|") {
        let words = Self.words(part)
        if words.first == "echo" { input = words[1] }
        if words.first == "jq" { input = "3 4" }
        guard words.first == "triptych" else { continue }
        let files =
          ["prompt.txt", "story.txt", "letter.txt", "article.txt"].map { ($0, Array("The sea".utf8)) }
          + [("prompts.jsonl", Array(#""The sea""#.utf8))]
        let chat = ["messages.json", "conversations.jsonl"].map {
          ($0, Array(#"[{"role": "user", "content": "The sea"}]"#.utf8))
        }
        // A dialogue at a terminal ends at once, and so do lines.
        let lines = words.dropFirst().first == "chat" || words.contains("--linear") ? [UInt8]() : nil
        let world = CommandWorld(
          engine: Self.engine, input: input.map { Array($0.utf8) } ?? lines,
          files: Dictionary(uniqueKeysWithValues: files + chat).merging(folder.map(Self.files) ?? [:]) { $1 },
          terminal: TerminalFacts(input: input == nil, output: true),
          environment: ["TERM": "xterm", "XDG_DATA_HOME": data])
        let arguments = words.dropFirst().prefix { $0 != ">" }.map { word in
          guard let folder else { return word }
          if word.hasPrefix("./") { return folder + word.dropFirst() }
          return ["books.txt", "pairs.tsv", "t.tsv"].contains(word) ? folder + "/" + word : word
        }
        let outcome = await world.run(Array(arguments))
        #expect(outcome.exitCode == 0, "\(line)")
        #expect(ErrorForm.fault(in: outcome.errors, exitCode: 0) == nil, "\(line)")
        #expect(!outcome.output.isEmpty || !world.played.isEmpty, "\(line)")
      }
    }
  }

  /// Splits a shell command into words at spaces outside of double quotes.
  private static func words(_ text: Substring) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, piece in
      index % 2 == 1 ? [String(piece)] : piece.split(separator: " ").map(String.init)
    }
  }
}
