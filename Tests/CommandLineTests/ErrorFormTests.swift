import EngineAPI
import Foundation
import TestSupport
import Testing

/// Every error of the program has the form of `ErrorForm`, whichever module finds it.
struct ErrorFormTests {
  private static let long = String(repeating: "x", count: 100_000)
  private static let acting = "a\u{1B}[2J\r\n\u{202E}\u{2028}\u{9B}b"

  /// Arguments that are wrong for the command line itself.
  private static let usage: [[String]] = [
    ["sing"], [long], [acting], ["help", "sing"], ["---completion"], ["--generate-completion-script", "tcsh"],
    ["--generate-completion-script=\(acting)"], ["generate", "--nope"], ["generate", "--\(long)"],
    ["generate", "-\(acting)"], ["generate", "-n5", "x"], ["generate", "x", "-n"], ["generate", "x", "-m"],
    ["generate", "x", "--model="], ["generate", "x", "--json=1"], ["generate", "x", "y"],
    ["generate", "x", long, long],
    ["generate", "x", "-="], ["generate", "--=x"], ["generate", "x", "--temperature", "nan"],
    ["generate", "x", "--temperature", long], ["generate", "x", "--temperature", acting],
    ["generate", "x", "--temperature", "\u{1E}a\u{1E}b\u{1E}c\u{1E}"], ["generate", "x", "--top-p", "2"],
    ["generate", "x", "--samplers", "top-k,top-k"], ["generate", "x", "--samplers", long],
    ["generate", "x", "--logit-bias", "1"],
    ["generate", "x", "--dtype", "q7"], ["generate", "x", "-m", "storyteller@q8", "--dtype", "q4"],
    ["generate", "x", "--json", "--jsonl"], ["generate", "x", "-f", "text"],
    ["generate", "x", "--num-beams", "2", "--top-k", "3"], ["generate", "x", "--num-beams", "2", "-N", "3"],
    ["generate", "x", "--draft-max", "3"], ["generate", "x", "-t", "500"], ["score", "x", "--stride", "0"],
    ["score", String(repeating: "sea ", count: 100), "--stride", "100"], ["score", "x", "--target", "y"],
    ["score", "-m", "interpreter", "x"],
    ["fill-mask", "[MASK]", "--targets", "no such word"], ["fill-mask", "[MASK]", "--targets", long],
    ["fill-mask", "--ids", "1 a"], ["translate", "x", "--from", "de"],
    ["translate", "x", "--to", "de"], ["translate", "x", "--to", "en"], ["translate", "x", "--from", acting],
    ["translate", "x", "-N", "900"], ["detokenize", "x"], ["detokenize", "-1"],
    ["detokenize", long], ["models", "x", "y"], ["bench", "--num-beams", "4"], ["bench", "--prompt-tokens", "1000"],
    ["quantize", "-m", "storyteller"], ["quantize", "-o", "x"], ["play", "--task", "sing"],
    ["tokenize", "x", "--color", "blue"], ["help", "generate", "--nope"],
  ]

  /// Arguments that fail only when the command runs.
  private static let running: [[String]] = [
    ["generate", "x", "--logit-bias", "999999=1"], ["generate", "x", "-m", "nowhere"], ["generate", "x", "-m", long],
    ["generate", "x", "-m", acting],
    ["generate", "x", "-m", "/dev/null"], ["generate", "x", "-m", "/"], ["generate", "x", "-m", "cloze"],
    ["generate", "-f", "nowhere"], ["generate", "-f", long], ["generate", "-f", "bytes"], ["generate"],
    ["generate", String(repeating: "sea ", count: 100)], ["next", String(repeating: "sea ", count: 100)],
    ["next", "x", "-m", "cloze"], ["score", "x", "-m", "nowhere"], ["fill-mask", "no gap"],
    ["fill-mask", "[MASK]", "-m", "storyteller"], ["fill-mask", String(repeating: "[MASK] ", count: 100)],
    ["fill-mask", ""], ["translate", "x", "-m", "storyteller"], ["tokenize", "x", "-m", "/dev"],
    ["generate", "x", "--draft", "nowhere"], ["generate", "x", "--draft", "cloze"], ["play"],
    ["quantize", "--dtype", "q4", "-o", "/proc/nowhere/model"], ["quantize", "--dtype", "q4", "-o", "/"],
    ["quantize", "--dtype", "q4", "-o", "/dev/null"],
  ]

  @Test(arguments: usage)
  func errorsOfWrongUsageHaveTheForm(arguments: [String]) async {
    let outcome = await run(arguments)
    #expect(outcome.exitCode == 2)
    expectForm(outcome)
  }

  @Test(arguments: running)
  func errorsOfRunningCommandsHaveTheForm(arguments: [String]) async {
    let outcome = await run(arguments)
    #expect(outcome.exitCode == 1 || outcome.exitCode == 2)
    expectForm(outcome)
  }

  @Test func errorsOfArgumentsThatAreNotUTF8HaveTheForm() async {
    let outcome = await CommandWorld(engine: TinyModels.engine()).run(bytes: [Array("tokenize".utf8), [0x61, 0xFF]])
    #expect(outcome.exitCode == 1)
    expectForm(outcome)
  }

  /// A file of a model folder and its damaged content; `nil` removes it.
  private static let damages: [(String, String?)] = [
    ("config.json", nil), ("config.json", ""), ("config.json", "{"), ("config.json", "[]"), ("config.json", "{}"),
    ("config.json", "\u{1B}[2J"), ("config.json", #"{"model_type":"\#(acting)"}"#),
    ("config.json", #"{"model_type":"gpt2","n_layer":-1}"#), ("config.json", #"{"model_type":"gpt2","vocab_size":7}"#),
    ("config.json", #"{"model_type":"gpt2","n_layer":900}"#),
    ("config.json", #"{"model_type":"gpt2","n_layer":"\#(long)"}"#),
    ("generation_config.json", "{"), ("generation_config.json", #"{"temperature":"hot"}"#),
    ("tokenizer.json", nil), ("tokenizer.json", "{"), ("tokenizer.json", #"{"model":{"type":"\#(long)"}}"#),
    ("tokenizer.json", #"{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}"#),
    ("model.safetensors", nil), ("model.safetensors", ""), ("model.safetensors", "12345678"),
    ("model.safetensors", "\u{2}\0\0\0\0\0\0\0{}"), ("model.safetensors", "\u{9}\0\0\0\0\0\0\0{\"a\":\u{1B}[]}"),
  ]

  @Test(arguments: damages)
  func errorsOfDamagedFoldersHaveTheForm(file: String, text: String?) async throws {
    let outcome = try await withModelFolder { folder in
      try? FileManager.default.removeItem(atPath: folder + "/" + file)
      if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + file)) }
      return await run(["generate", "x", "-m", folder])
    }
    #expect(outcome.exitCode == 1)
    expectForm(outcome)
  }

  @Test func longValuesAreShortenedInTheMiddle() async {
    let value = "begin" + Self.long + "end"
    let outcome = await run(["generate", "x", "--top-k", value])
    #expect(
      outcome.errors.hasPrefix("error: wrong value, --top-k: expected a whole number of at least 0, found 'begin"))
    #expect(outcome.errors.contains("xxx...("))
    #expect(outcome.errors.contains(" bytes left out)...xxx"))
    #expect(outcome.errors.hasSuffix("xxend'\n"))
  }

  private func run(_ arguments: [String]) async -> CommandWorld.Outcome {
    await CommandWorld(
      engine: TinyModels.engine(), input: arguments == ["generate"] ? [0x61, 0xFF] : [],
      files: ["text": Array("The sea".utf8), "bytes": [0xC3, 0x28]]
    ).run(arguments)
  }

  private func expectForm(_ outcome: CommandWorld.Outcome) {
    #expect(outcome.output == "")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: outcome.exitCode) == nil)
  }

  /// A copy of the tiny causal model.
  private func withModelFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)").path
    try FileManager.default.copyItem(atPath: Fixtures.path("program/causal"), toPath: folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
  }
}
