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

  @Test(arguments: ["triptych"] + Triptych.commandNames.filter { $0 != "help" })
  func everyExampleRuns(name: String) async throws {
    try await Fixtures.withScratchFolder { data in
      // A session in the data folder, under the name that examples use.
      try FileManager.default.createDirectory(atPath: data + "/triptych/sessions", withIntermediateDirectories: true)
      let kept = await CommandWorld(engine: Self.engine).run(
        "generate", "The sea", "--session", data + "/triptych/sessions/story")
      #expect(kept.exitCode == 0, "\(kept.errors)")
      await everyExampleRuns(name: name, data: data)
    }
  }

  private func everyExampleRuns(name: String, data: String) async {
    let help = await CommandWorld().run((name == "triptych" ? [] : [name]) + ["--help"]).output
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
          files: Dictionary(uniqueKeysWithValues: files + chat),
          terminal: TerminalFacts(input: input == nil, output: true),
          environment: ["TERM": "xterm", "XDG_DATA_HOME": data])
        let outcome = await world.run(Array(words.dropFirst().prefix { $0 != ">" }))
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
