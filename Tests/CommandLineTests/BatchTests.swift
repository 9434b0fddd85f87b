@testable import CommandLineTool
import EngineAPI
import Foundation
import JSONText
import TestSupport
import Testing

/// `-f FILE.jsonl` of `generate`, `fill-mask`, `translate` and `score`.
struct BatchTests {
  private static let prompts = [
    #"{"text": "The sea", "id": "a"}"#, #""Once upon a time""#, "", #"{"prompt": "The king was", "topic": 3}"#,
    #"{"text": "A fox", "id": [1, 2]}"#, #""The sea""#,
  ]

  private func run(
    _ arguments: String..., prompts: [String] = Self.prompts, engine: (any Engine)? = nil
  ) async -> CommandWorld.Outcome {
    let files = ["p.jsonl": Array((prompts.joined(separator: "\n") + "\n").utf8)]
    return await CommandWorld(engine: engine ?? TinyModels.engine(), files: files).run(arguments)
  }

  private func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

  private func lines(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test func everyPromptHasTheTextsThatItHasAlone() async throws {
    let outcome = await run("generate", "-f", "p.jsonl", "-n", "6", "-N", "2", "--seed", "7", "--json")
    #expect(outcome.exitCode == 0 && outcome.errors.contains("p.jsonl: members without effect: topic"))
    let answers = try lines(outcome.output)
    #expect(answers.map { $0["line"]?.int } == [1, 2, 4, 5, 6])
    #expect(answers[0]["id"] == "a" && answers[3]["id"] == [1, 2] && answers[1]["id"] == nil)
    for (index, answer) in answers.enumerated() {
      let text = try #require(answer["prompt"]?.string)
      let alone = await run("generate", text, "-n", "6", "-N", "2", "--seed", "\(7 + index)", "--json")
      let expected = try #require(lines(alone.output).first)
      #expect(answer["completions"] == expected["completions"] && answer["seed"] == expected["seed"])
    }
    #expect(answers[0]["completions"] != answers[4]["completions"], "the same prompt has another seed")
  }

  @Test func anInterruptedRunIsContinuedToTheSameBytes() async throws {
    try await Fixtures.withScratchFolder { folder in
      let command = ["generate", "-f", "p.jsonl", "-n", "5", "--seed", "3", "-q", "-o"]
      func answer(_ path: String) async -> CommandWorld.Outcome {
        let files = ["p.jsonl": Array(Self.prompts.joined(separator: "\n").utf8)]
        return await CommandWorld(engine: TinyModels.engine(), files: files).run(command + [path])
      }
      let whole = folder + "/whole.jsonl"
      #expect(await answer(whole) == .init(exitCode: 0, output: "", errors: ""))
      let bytes = try FileBytes.read(whole)
      #expect(bytes.filter { $0 == 0x0A }.count == 5)
      for cut in [0, 1, 40, bytes.count / 2, bytes.count - 1, bytes.count] {
        let path = folder + "/\(cut).jsonl"
        try write(Array(bytes[..<cut]), to: path)
        #expect(await answer(path).exitCode == 0)
        #expect(try FileBytes.read(path) == bytes, "cut at \(cut)")
      }
    }
  }

  @Test func anUnfinishedRunKeepsItsRandomSeed() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/answers.jsonl"
      _ = await run("generate", "-f", "p.jsonl", "-n", "5", "--seed", "99", "-o", path)
      let bytes = try FileBytes.read(path)
      try write(Array(bytes[..<(bytes.count / 2)]), to: path)
      let outcome = await run("generate", "-f", "p.jsonl", "-n", "5", "-o", path)
      #expect(outcome.exitCode == 0 && outcome.errors.contains("seed 99") && outcome.errors.contains("of 5 prompts"))
      #expect(try FileBytes.read(path) == bytes)
    }
  }

  @Test func aFileOfOtherAnswersIsNotContinued() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/answers.jsonl"
      _ = await run("generate", "-f", "p.jsonl", "-n", "5", "--seed", "3", "-o", path)
      let bytes = try FileBytes.read(path)
      for (arguments, prompts, found) in [
        (["-n", "6"], Self.prompts, "expected the same options, found others"),
        (["-n", "5", "--temperature", "0.5"], Self.prompts, "expected the same options, found others"),
        (["-n", "5"], [#""The moon""#], "expected the same prompt"),
        (["-n", "5"], [#"{"text": "The sea", "id": "a"}"#], "expected at most 1 answers, found 5"),
        (["-n", "5", "-m", "interpreter"], Self.prompts, "expected the same model"),
      ] {
        let files = ["p.jsonl": Array(prompts.joined(separator: "\n").utf8)]
        let outcome = await CommandWorld(engine: TinyModels.engine(), files: files).run(
          ["generate", "-f", "p.jsonl", "--seed", "3", "-q", "-o", path] + arguments)
        #expect(outcome.exitCode == 1 && outcome.errors.contains(found), "\(outcome.errors)")
        #expect(try FileBytes.read(path) == bytes)
      }
      try write(Array("a letter\n".utf8), to: path)
      let outcome = await run("generate", "-f", "p.jsonl", "-o", path)
      #expect(outcome.exitCode == 1 && outcome.errors.contains("answers.jsonl line 1: expected an answer"))
      #expect(try FileBytes.read(path) == Array("a letter\n".utf8))
    }
  }

  @Test func onePromptThatFailsLeavesTheOthers() async throws {
    let outcome = await run(
      "fill-mask", "-f", "p.jsonl", "--top-k", "2",
      prompts: [#""The [MASK] sea.""#, #""no gap""#, #""[MASK] and [MASK].""#])
    #expect(outcome.exitCode == 1 && outcome.errors.contains("1 of 3 prompts have no answer"))
    let answers = try lines(outcome.output)
    #expect(answers.map { $0["masks"]?.array?.count } == [1, nil, 2])
    let problem = try #require(answers[1]["error"])
    for part in ["what", "where", "expected", "found"] { #expect(problem[part]?.string?.isEmpty == false) }
  }

  @Test func fillingsTranslationsAndScoresAreThoseOfTheCommandsAlone() async throws {
    for (command, text, keys) in [
      (["fill-mask"], "The [MASK] is [MASK].", ["tokens", "masks", "joint"]),
      (["translate", "-n", "5"], "How are you?\n\nGood.", ["translations"]),
      (["score", "--top-logprobs", "2"], "The sea was calm.", ["tokens", "total_logprob", "bits_per_byte"]),
    ] {
      let prompt = JSONValue.array([JSONValue(text)]).serialized().dropFirst().dropLast()
      let files = ["p.jsonl": Array(prompt.utf8)]
      let batch = await CommandWorld(engine: TinyModels.engine(), files: files).run(
        command + ["-f", "p.jsonl", "--json"])
      let alone = await CommandWorld(engine: TinyModels.engine()).run(command + [text, "--json"])
      #expect(batch.exitCode == 0 && alone.exitCode == 0, "\(batch.errors) \(alone.errors)")
      let (answer, expected) = (try #require(lines(batch.output).first), try #require(lines(alone.output).first))
      for key in keys { #expect(answer[key] != nil && answer[key] == expected[key], "\(command) \(key)") }
    }
  }

  @Test(arguments: [
    ([""], "no prompts, p.jsonl: expected a prompt in each line, found none"),
    ([#""a""#, "3"], "not a prompt, p.jsonl line 2: expected a string or an object"),
    ([#"{"words": "a"}"#], "not a prompt, p.jsonl line 1: expected a string under 'text', found none"),
    ([#""a""#, "", #"{"text": "#], "p.jsonl line 3"),
    ([#"{"text": "a", "target": 4}"#], "expected a string under 'target'"),
  ])
  func aFileThatHasNoPromptsIsAnError(prompts: [String], message: String) async {
    let outcome = await run("generate", "-f", "p.jsonl", prompts: prompts)
    #expect(outcome.exitCode == 1 && outcome.output == "" && outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func theOutputNeedsAFileOfPrompts() async {
    for command in ["generate", "fill-mask", "translate", "score"] {
      let outcome = await run(command, "The sea", "-o", "answers.jsonl")
      #expect(outcome.exitCode == 2 && outcome.errors.contains("-f with a file of prompts"), "\(outcome.errors)")
    }
  }
}
