import EngineAPI
import Engines
import Foundation
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `triptych train` with the local engine and tiny models.
@Suite(.serialized) struct TrainTests {
  private func train(_ arguments: String...) async -> CommandWorld.Outcome {
    await CommandWorld(engine: LocalEngine(catalog: .paths)).run(["train"] + arguments)
  }

  @Test("a classifier is trained from a masked model, opens here, and log.jsonl has a line for each step")
  func classifier() async throws {
    try await Fixtures.withScratchFolder { folder in
      let out = folder + "/out"
      let outcome = await train(
        "classify", "-m", Fixtures.path("program/masked"), "--train-file", Fixtures.path("training/classify.tsv"),
        "--max-steps", "3", "-o", out, "--jsonl")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      #expect(lines.map { $0["type"]?.string } == ["start", "step", "step", "step", "saved", "finished"])
      let log = try String(decoding: FileBytes.read(out + "/log.jsonl"), as: UTF8.self).split(separator: "\n")
      #expect(log.count == 3)
      let result = await CommandWorld(engine: LocalEngine(catalog: .paths)).run([
        "classify", "-m", out, "rain", "--json",
      ])
      #expect(result.exitCode == 0, "\(result.errors)")
      for label in ["long", "short", "wet"] { #expect(result.output.contains("\"\(label)\"")) }
    }
  }

  @Test("options of a file are read, those of the command line take precedence, unknown names are errors")
  func optionsFile() async throws {
    try await Fixtures.withScratchFolder { folder in
      let file = folder + "/options.yaml"
      try Data("max_steps: 5\nlearning_rate: 1e-3\nline_by_line: true\n".utf8).write(to: URL(fileURLWithPath: file))
      let arguments = [
        "train", "causal", "-m", Fixtures.path("program/causal"), "--train-file",
        Fixtures.path("training/causal.jsonl"),
        "--config", file,
      ]
      let world = CommandWorld(engine: LocalEngine(catalog: .paths))
      let outcome = await world.run(arguments + ["--max-steps", "2", "-o", folder + "/out"])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("step 2/2"))
      try Data("learning_rat: 1e-3\n".utf8).write(to: URL(fileURLWithPath: file))
      let wrong = await world.run(arguments + ["-o", folder + "/other"])
      #expect(wrong.exitCode == 2)
      #expect(wrong.errors.contains("found learning_rat") && wrong.errors.contains("learning_rate"))
    }
  }

  @Test(
    "bad input is an error with place, expectation and finding",
    arguments: [
      (["--max-steps", "0"], "--max-steps"), (["--learning-rate", "fast"], "--learning-rate"),
      (["--optim", "lion"], "adamw, sgd, adafactor, muon"), (["--load-best-model-at-end"], "load_best_model_at_end"),
      (["--label-column", "mood"], "mood"), (["--freeze", "."], "nothing is trained"),
    ])
  func badInput(_ options: [String], _ words: String) async throws {
    try await Fixtures.withScratchFolder { folder in
      let outcome = await CommandWorld(engine: LocalEngine(catalog: .paths)).run(
        [
          "train", "classify", "-m", Fixtures.path("program/masked"), "--train-file",
          Fixtures.path("training/classify.tsv"), "-o", folder + "/out",
        ] + options)
      #expect(outcome.exitCode != 0)
      #expect(outcome.errors.contains(words) && outcome.errors.contains("expected"), "\(outcome.errors)")
    }
  }

  @Test("files that are no examples are named with their line")
  func badFiles() async throws {
    try await Fixtures.withScratchFolder { folder in
      let file = folder + "/a.jsonl"
      for (content, words) in [
        (Data(), "an empty file"), (Data("{\"text\": \"a\"}\n{\"text\": \"\u{ff}".utf8) + Data([0xFF]), "line 2"),
        (Data("{\"text\": \"a b c\"}\n[1]\n".utf8), "line 2"),
        (Data("{\"text\": \"a b c\"}\n{\"label\": 1}\n".utf8), "line 2"),
      ] {
        try content.write(to: URL(fileURLWithPath: file))
        let outcome = await train(
          "causal", "-m", Fixtures.path("program/causal"), "--train-file", file, "-o", folder + "/out")
        #expect(outcome.exitCode != 0)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
      }
    }
  }

  @Test("incomplete commands say what is missing")
  func incomplete() async {
    for (arguments, words) in [
      ([], "an objective"), (["causal"], "-m"), (["causal", "-m", "x"], "--train-file"),
      (["causal", "-m", "x", "--train-file", "y"], "-o"),
    ] {
      let outcome = await CommandWorld().run(["train"] + arguments)
      #expect(outcome.exitCode == 2)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
  }
}
