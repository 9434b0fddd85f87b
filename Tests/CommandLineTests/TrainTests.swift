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
      (["--optim", "lion"], "adamw, sgd, adafactor, muon"), (["--load-best-model-at-end"], "--load-best-model-at-end"),
      (["--label-column", "mood"], "mood"), (["--freeze", "."], "nothing is trained"),
      (["--mlm-probability", "0.2"], "an option that has no effect, --mlm-probability"),
      (["--freeze", "nowhere"], "found nowhere"),
      (["--validation-split", "0.5", "--validation-file", "a.txt"], "--validation-split"),
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

  @Test("every recipe of the repository is complete, and its model is bundled")
  func recipes() throws {
    let models = URL(fileURLWithPath: Fixtures.path("../../models")).standardizedFileURL.path
    let names = try FileManager.default.contentsOfDirectory(atPath: models + "/recipes").filter {
      $0.hasSuffix(".yaml")
    }
    #expect(names.count >= 3)
    for name in names {
      let recipe = try TrainRecipe(path: "\(models)/recipes/\(name)")
      #expect(recipe.objective != nil && !recipe.trainFiles.isEmpty && !recipe.options.given.isEmpty)
      let model = try #require(recipe.model)
      #expect(FileBytes.exists("\(models)/\(model)/config.json"), "\(name)")
    }
  }

  @Test("a recipe names objective, model and files beside options; files count from its folder")
  func recipe() async throws {
    try await Fixtures.withScratchFolder { folder in
      let file = folder + "/recipe.yaml"
      try FileManager.default.copyItem(atPath: Fixtures.path("training/causal.jsonl"), toPath: folder + "/a.jsonl")
      try Data(
        """
        objective: causal
        model: \(Fixtures.path("program/causal"))
        train_file:
          - a.jsonl
          - a.jsonl
        output: out
        line_by_line: true
        max_steps: 2
        sample_prompt: [one, two]
        """.utf8
      ).write(to: URL(fileURLWithPath: file))
      let outcome = await train("--config", file, "--no-ui")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("12 examples") && outcome.output.contains("one →"), "\(outcome.output)")
      #expect(FileBytes.exists(folder + "/out/model.safetensors"))
      let other = await train("--config", file, "--sample-prompt", "three", "-o", folder + "/other")
      #expect(other.output.contains("three →") && !other.output.contains("one →"))
      try Data("objective: poetry\n".utf8).write(to: URL(fileURLWithPath: file))
      let wrong = await train("--config", file)
      #expect(wrong.exitCode == 2 && wrong.errors.contains("objective"), "\(wrong.errors)")
      for (text, place) in [
        ("seed: 1\nlearning_rate: fast\n", "line 2, learning_rate"), ("seed: 1\n\nlearning_rat: 1\n", "line 3"),
        ("seed: 1\nseed: 2\n", "seed again"), ("seed: {a: 1}\n", "line 1"),
      ] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let wrong = await train("--config", file)
        #expect(wrong.exitCode == 2 && wrong.errors.contains(file) && wrong.errors.contains(place), "\(wrong.errors)")
      }
    }
  }

  @Test("a number format is refused: weights are trained as they are stored")
  func numberFormat() async throws {
    try await Fixtures.withScratchFolder { folder in
      let outcome = await train(
        "causal", "-m", Fixtures.path("program/causal") + "@q4", "--train-file",
        Fixtures.path("training/causal.jsonl"), "-o", folder + "/out")
      #expect(outcome.exitCode == 2 && outcome.errors.contains("a number format"), "\(outcome.errors)")
    }
  }

  @Test("hints name options as the command line does")
  func optionNames() async throws {
    try await Fixtures.withScratchFolder { folder in
      let file = folder + "/a.tsv"
      try Data("a\tb\tc\nd\te\tf\n".utf8).write(to: URL(fileURLWithPath: file))
      let outcome = await train(
        "classify", "-m", Fixtures.path("program/masked"), "--train-file", file, "-o", folder + "/out")
      #expect(outcome.errors.contains("--label-column") && !outcome.errors.contains("label_column"))
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

  @Test("a line that is not UTF-8 is named; with --skip-invalid-lines it is left out, with a note")
  func invalidLines() async throws {
    try await Fixtures.withScratchFolder { folder in
      let file = folder + "/a.csv"
      let rows = "good,\"the cat, and the dog\"\n".utf8 + [0x61, 0x2C, 0xFF, 0x0A] + "bad,rain\n".utf8
      try Data(rows).write(to: URL(fileURLWithPath: file))
      let arguments = [
        "train", "classify", "-m", Fixtures.path("program/masked"), "--train-file", file, "--column-names", "mood,said",
        "--label-column", "mood", "--validation-file", Fixtures.path("training/classify.tsv.gz"), "--max-steps", "1",
        "-o", folder + "/out",
      ]
      let world = CommandWorld(engine: LocalEngine(catalog: .paths))
      let refused = await world.run(arguments)
      #expect(refused.exitCode == 1 && refused.errors.contains("\(file) line 2: expected UTF-8"), "\(refused.errors)")
      let unknown = await world.run(arguments + ["--skip-invalid-lines"])
      #expect(unknown.exitCode == 1 && unknown.errors.contains("classify.tsv.gz line 1: expected"), "\(unknown.errors)")
      let held = try #require(arguments.firstIndex(of: "--validation-file"))
      let outcome = await world.run(
        Array(arguments[..<held]) + Array(arguments[(held + 2)...]) + ["--skip-invalid-lines"])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect((outcome.output + outcome.errors).contains("1 line that is not UTF-8 was left out: 2"))
      let configuration = try JSONValue(contentsOfFile: folder + "/out/config.json")
      #expect(configuration["id2label"]?["0"]?.string == "bad" && configuration["id2label"]?["1"]?.string == "good")
      let wrong = await world.run(arguments + ["--column-names", "a,a"])
      #expect(wrong.exitCode == 2 && wrong.errors.contains("different names"), "\(wrong.errors)")
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
