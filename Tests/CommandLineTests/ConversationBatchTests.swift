import EngineAPI
import Foundation
import JSONText
import ScriptedSupport
import TestSupport
import Testing

/// `generate --chat FILE.jsonl`: a batch of conversations.
struct ConversationBatchTests {
  private static let conversations = [
    #"{"messages": [{"role": "user", "content": "Why is the sea salty?"}], "id": "a"}"#,
    #"[{"role": "system", "content": "Be calm."}, {"role": "user", "content": "Who are you?"}]"#, "",
    #"[{"role": "user", "content": "Go on"}, {"role": "assistant", "content": "The sea"}]"#,
  ]

  private func run(
    _ arguments: [String], conversations: [String] = Self.conversations, engine: any Engine = TinyModels.engine()
  ) async -> CommandWorld.Outcome {
    let files = ["c.jsonl": Array((conversations.joined(separator: "\n") + "\n").utf8)]
    return await CommandWorld(engine: engine, files: files).run(["generate", "--chat", "c.jsonl", "-q"] + arguments)
  }

  private func lines(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test func everyConversationHasTheAnswerThatItHasAlone() async throws {
    let outcome = await run(["-n", "6", "--seed", "7", "--json"])
    let answers = try lines(outcome.output)
    #expect(outcome.exitCode == 0 && answers.map { $0["line"]?.int } == [1, 2, 4], "\(outcome)")
    #expect(answers.map { $0["seed"]?.int } == [7, 8, 9] && answers[0]["id"] == "a" && answers[1]["id"] == nil)
    for (index, answer) in answers.enumerated() {
      let text = Self.conversations.filter { !$0.isEmpty }[index]
      let alone = await CommandWorld(engine: TinyModels.engine(), files: ["m": Array(text.utf8)])
        .run("chat", "--messages", "m", "-n", "6", "--seed", "\(7 + index)", "--json", "-q")
      let expected = try #require(lines(alone.output).first)
      #expect(answer["message"] == expected["message"] && answer["completions"] == expected["completions"])
    }
  }

  @Test func anInterruptedRunIsContinuedToTheSameBytes() async throws {
    try await Fixtures.withScratchFolder { folder in
      let whole = folder + "/whole.jsonl"
      #expect(await run(["-n", "4", "--seed", "3", "-o", whole]) == .init(exitCode: 0, output: "", errors: ""))
      let bytes = try FileBytes.read(whole)
      #expect(bytes.filter { $0 == 0x0A }.count == 3)
      for (cut, seed) in [(0, ["--seed", "3"]), (40, ["--seed", "3"]), (bytes.count - 9, [])] {
        let path = folder + "/\(cut).jsonl"
        try Data(bytes[..<cut]).write(to: URL(filePath: path))
        #expect(await run(["-n", "4", "-o", path] + seed).exitCode == 0)
        #expect(try FileBytes.read(path) == bytes, "cut at \(cut)")
      }
      let other = await run(["-n", "4", "-o", whole], conversations: [Self.conversations[0]])
      #expect(other.exitCode == 1 && other.errors.contains("at most 1 answers, found 3"), "\(other.errors)")
      let changed = await run(
        ["-n", "4", "-o", whole], conversations: [#"[{"role": "user", "content": "x"}]"#] + Self.conversations)
      #expect(changed.exitCode == 1 && changed.errors.contains("expected the same"), "\(changed.errors)")
      #expect(try FileBytes.read(whole) == bytes)
    }
  }

  @Test func oneConversationThatFailsLeavesTheOthers() async throws {
    var model = ScriptedModel("talker", family: .causal, script: " The sea is calm.", contextLength: 64)
    model.hasTemplate = true
    let long = String(repeating: "word ", count: 80)
    let conversations = ["Hello", long, "Bye"].map { #"[{"role": "user", "content": "\#($0)"}]"# }
    let outcome = await run(
      ["-m", "talker", "-n", "5", "--seed", "1"], conversations: conversations,
      engine: ScriptedEngine(catalogue: [model]))
    let answers = try lines(outcome.output)
    #expect(outcome.exitCode == 1 && answers.map { $0["message"] != nil } == [true, false, true], "\(outcome)")
    #expect(answers[1]["error"]?["what"] == "the context is full" && answers[1]["seed"]?.int == 2)
    #expect(answers[1]["error"]?["where"] == "c.jsonl line 2")
  }
}
