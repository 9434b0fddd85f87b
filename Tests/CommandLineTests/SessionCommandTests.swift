@testable import CommandLineTool
import EngineAPI
import Foundation
import JSONText
import Sampling
import ScriptedSupport
import Sessions
import TestSupport
import Testing

/// `--session`, `sessions` and `replay`.
struct SessionCommandTests {
  private func run(_ arguments: String..., data: String = "/nowhere") async -> CommandWorld.Outcome {
    await CommandWorld(engine: TinyModels.engine(), environment: ["XDG_DATA_HOME": data]).run(arguments)
  }

  /// Every kind of command in one session.
  private func makeSession(_ path: String) async {
    for arguments in [
      ["generate", "The sea", "-N", "4", "-n", "6", "--seed", "7", "--temperature", "0.9", "--top-p", "0.95"],
      ["generate", "The sea", "-N", "2", "--num-beams", "3", "-n", "5"],
      ["generate", "-m", "interpreter", "How are you?", "-n", "5", "--temperature", "0", "--num-beams", "1"],
      ["fill-mask", "The [MASK] is [MASK].", "--top-k", "3"], ["fill-mask", "The [MASK] sea."],
      ["translate", "How are you?\n\nGood.", "-n", "5"], ["score", "The sea was calm."],
      ["translate", "How are you?", "-n", "5", "--begin", "Bien"],
      ["generate", "The sea", "-n", "20", "--cache-type", "bf16", "--seed", "3"],
      ["generate", "The sea", "-n", "20", "--seed", "3"],
      ["score", "-m", "interpreter", "How are you?", "--target", "Bien."],
    ] {
      let outcome = await CommandWorld(engine: TinyModels.engine()).run(arguments + ["--session", path, "-q"])
      #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errors)")
    }
  }

  @Test func aReplayOfEveryCommandHasTheSameBytes() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/all.session"
      await makeSession(path)
      for threads in ["1", "3"] {
        let outcome = await run("replay", path, "--verify", "--threads", threads, "--json")
        #expect(outcome.exitCode == 0, "\(outcome)")
        let object = try JSONValue(parsing: Array(outcome.output.utf8))
        #expect(object["verified"]?.bool == true && object["first_difference"]?.isNull == true)
        #expect(object["texts"]?.int ?? 0 >= 4 + 2 + 1 + 5 + 5 + 2 && object["tokens"]?.int ?? 0 > 40)
      }
      let text = await run("replay", path, "-q")
      #expect(text.exitCode == 0 && text.output.hasSuffix("every byte is the same\n"))
    }
  }

  /// A request with each stage of the chain, with guesses, and with beams that are drawn.
  @Test func aReplayOfEveryStageHasTheSameBytes() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/stages.session"
      let all: [[String]] = [
        ["--temperature", "0.8", "--top-p", "0.9"], ["--min-p", "0.05", "--typical-p", "0.9"],
        ["--repeat-penalty", "1.2", "--presence-penalty", "0.5", "--frequency-penalty", "0.5"],
        ["--top-n-sigma", "1"], ["--top-h", "0.6"], ["--epsilon-cutoff", "0.002"], ["--eta-cutoff", "0.002"],
        ["--temperature", "1.3", "--dynatemp-range", "0.5", "--dynatemp-exp", "1.5"], ["--top-k", "20"],
        ["--mirostat-tau", "4"], ["--dry-multiplier", "0.8", "--dry-base", "1.5", "--dry-allowed-length", "1"],
        ["--xtc-probability", "0.7", "--xtc-threshold", "0.05"], ["--no-repeat-ngram-size", "2"],
        ["--logit-bias", "262=-5", "--logit-bias", "11=2"], ["--sequence-bias", "262=-3.5"],
        ["--exponential-decay-length-penalty", "3,1.1"], ["--min-tokens", "6"], ["--prompt-lookup"],
        ["--stop", "e"], ["--samplers", "top-k,temperature", "--top-k", "9", "--temperature", "0.7"],
        ["--sample", "--num-beams", "3"],
        ["--num-beams", "4", "--num-beam-groups", "2", "--diversity-penalty", "0.5", "-N", "4"],
      ]
      for options in all {
        let outcome = await CommandWorld(engine: TinyModels.engine()).run(
          ["generate", "The sea", "-n", "8", "--seed", "11", "--session", path, "-q"] + options)
        #expect(outcome.exitCode == 0, "\(options): \(outcome.errors)")
      }
      let tree = try SessionFile.open(path, .reading).session.tree
      let made = tree.allNodes.compactMap { tree.generationRequest(of: $0.id)?.settings }
      for stage in SamplerStage.allCases { #expect(made.contains { $0.isActive(stage) }, "\(stage)") }
      for threads in ["1", "3"] {
        let outcome = await run("replay", path, "--verify", "--threads", threads)
        #expect(outcome.exitCode == 0, "\(outcome)")
      }
    }
  }

  @Test func aTranslationIsKeptWithItsGivenBeginning() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/begun.session"
      let outcome = await run("translate", "How are you?", "-n", "5", "--begin", "Bien", "-q", "--session", path)
      let session = try SessionFile.open(path, .reading).session
      // The command leaves special tokens out of what it prints.
      let texts = session.texts.map { $0.text.replacing("<pad>", with: "") }
      #expect(texts.contains { $0.hasPrefix("Bien") && outcome.output.hasPrefix($0) }, "\(texts), \(outcome.output)")
    }
  }

  @Test func aScoredTextKeepsItsProbabilities() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/score.session"
      let scored = await run("score", "The sea was calm.", "--session", path, "-q", "--json")
      _ = await run("score", "-m", "interpreter", "How are you?", "--target", "Bien.", "--session", path, "-q")
      let total = try JSONValue(parsing: Array(scored.output.utf8))["total_logprob"]?.double
      let session = try SessionFile.open(path, .reading).session
      let text = try #require(session.texts.first { $0.text == "The sea was calm." })
      #expect(text.logprob == total && total != nil)
      #expect(session.texts.contains { $0.source == "How are you?" && $0.text.hasPrefix("Bien.") })
    }
  }

  @Test func aFilledTextReadsAsTheTokenizerWritesIt() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/filled.session"
      let outcome = await run(
        "fill-mask", "Hello, my name is [MASK].", "--top-k", "3", "--session", path, "-q", "--json")
      let first = try JSONValue(parsing: Array(outcome.output.utf8))["masks"]?[0]?["candidates"]?[0]
      let word = try #require(first?["text"]?.string)
      let texts = try SessionFile.open(path, .reading).session.texts.map(\.text)
      let written = word.hasPrefix("##") ? "Hello, my name is\(word.dropFirst(2))." : "Hello, my name is \(word)."
      #expect(texts.contains(written), "\(texts)")
      let shown = await run("sessions", "show", path)
      #expect(shown.output.contains(written) && !shown.output.contains("[CLS]"))
    }
  }

  @Test func aReplayNamesTheFirstDifference() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/changed.session"
      _ = await run("generate", "The sea", "-n", "6", "--seed", "7", "-q", "--session", path)
      let bytes = try FileBytes.read(path)
      let text = String(decoding: bytes, as: UTF8.self)
      // The third token is another one.
      let lines = text.split(separator: "\n").map(String.init)
      let third = try #require(lines.indices.filter { lines[$0].hasPrefix("{\"type\":\"tokens\"") }.dropFirst(1).first)
      let id = try #require(lines[third].firstMatch(of: /"ids":\[(\d+)\]/)?.1)
      var changed = lines
      changed[third] = lines[third].replacing("\"ids\":[\(id)]", with: "\"ids\":[99999]")
      try write(changed.joined(separator: "\n") + "\n", path + "2")
      let outcome = await run("replay", path + "2", "--verify", "--json")
      #expect(outcome.exitCode == 1)
      let difference = try JSONValue(parsing: Array(outcome.output.utf8))["first_difference"]
      #expect(difference?["node"]?.int == 1 && difference?["index"]?.int != nil)
      #expect(await run("replay", path + "2").exitCode == 0, "without --verify a difference is told, no failure")
    }
  }

  @Test func otherWeightsAreADifference() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/weights.session"
      _ = await run("generate", "The sea", "-n", "2", "-q", "--session", path)
      let text = String(decoding: try FileBytes.read(path), as: UTF8.self)
      let hash = try #require(text.firstMatch(of: /"sha256":"([0-9a-f]{64})"/)?.1)
      try write(text.replacing(hash, with: String(repeating: "0", count: 64)), path + "2")
      let outcome = await run("replay", path + "2", "--verify")
      #expect(outcome.exitCode == 1 && outcome.output.contains("SHA-256 \(hash)"))
      // Texts stay with the weights that made them when the session goes on with others.
      _ = await run("generate", "A king", "-n", "2", "-q", "--session", path + "2")
      let later = await run("replay", path + "2", "--verify")
      #expect(later.exitCode == 1 && later.output.contains("SHA-256 \(hash)"))
    }
  }

  @Test func sessionsAreListedShownSearchedExportedAndRemoved() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/tale"
      await makeSession(path)
      try write("no session\n", folder + "/other")
      let list = await run("sessions", "list", "--folder", folder)
      #expect(list.exitCode == 0 && list.output.contains("tale") && !list.output.contains("other"))
      #expect(list.errors.contains("not a session, \(folder)/other"))
      let found = await run("sessions", "search", "SEA storyteller", "--folder", folder, "--json", "-q")
      #expect(try JSONValue(parsing: Array(found.output.utf8))["sessions"]?[0]?["id"]?.string == "tale")
      let none = await run("sessions", "search", "unheard-of", "--folder", folder, "--json", "-q")
      #expect(try JSONValue(parsing: Array(none.output.utf8))["sessions"]?.array?.isEmpty == true)
      let shown = await run("sessions", "show", path)
      #expect(shown.output.contains("The sea") && shown.output.contains("How are you?"))
      let session = try SessionFile.open(path, .reading).session
      for (format, start) in [
        ("md", "# Session"), ("jsonl", "{\"schema\":1"), ("csv", "text,node"), ("html", "<!DOCTYPE html>"),
        ("ansi", "\u{1B}["),
      ] {
        let outcome = await run("sessions", "export", path, "--format", format)
        #expect(outcome.exitCode == 0 && outcome.output.hasPrefix(start), "\(format)")
      }
      #expect(session.jsonLines.split(separator: "\n").count == session.texts.count)
      let removed = await run("sessions", "remove", "tale", "--folder", folder)
      #expect(removed.output == "removed \(path)\n" && !FileBytes.exists(path))
    }
  }

  @Test func damagedSessionsAreListedAndAMissingFolderIsAnError() async throws {
    try await Fixtures.withScratchFolder { folder in
      await makeSession(folder + "/tale")
      try write("{\"type\":\"session\",\"format\":1}\n{}\n", folder + "/torn")
      let list = await run("sessions", "list", "--folder", folder)
      #expect(list.exitCode == 0 && list.errors.isEmpty && list.output.contains("tale"))
      #expect(list.output.contains("damaged at line 2: expected a value for 'type', found none"))
      let json = try JSONValue(parsing: Array(await run("sessions", "--folder", folder, "--json").output.utf8))
      #expect(json["sessions"]?[0]?["problem"] == nil && json["sessions"]?[1]?["id"]?.string == "torn")
      #expect(json["sessions"]?[1]?["problem"]?.string?.hasPrefix("damaged at line 2") == true)
      for arguments in [["sessions", "list"], ["sessions", "search", "sea"]] {
        let missing = await CommandWorld(engine: TinyModels.engine()).run(arguments + ["--folder", folder + "/none"])
        #expect(missing.exitCode == 1 && missing.output.isEmpty)
        #expect(missing.errors.hasPrefix("error: cannot read the session, \(folder)/none: "))
      }
    }
  }

  @Test func aFailingCommandLeavesNoSession() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/new"
      for arguments in [
        ["generate", "The sea", "-m", "/no/model"], ["generate", "--file", "/no/file"],
        ["fill-mask", "no mask here"], ["score", "--file", "/no/file"], ["translate", "--file", "/no/file"],
      ] {
        let outcome = await CommandWorld(engine: TinyModels.engine()).run(arguments + ["--session", path])
        #expect(outcome.exitCode != 0 && !FileBytes.exists(path), "\(arguments): \(outcome.errors)")
      }
    }
  }

  @Test func aSessionIsContinuedByTheNextCommand() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/two.session"
      for seed in ["1", "2"] {
        _ = await run("generate", "The sea", "-n", "3", "--seed", seed, "-q", "--session", path)
      }
      let session = try SessionFile.open(path, .reading).session
      #expect(session.models.count == 1 && session.tree.roots.count == 1, "the prompt is the same")
      #expect(session.texts.map(\.origin) == ["sampled, seed 1", "sampled, seed 2"])
      #expect(session.texts.allSatisfy { $0.text.hasPrefix("The sea") && $0.logprob != nil })
    }
  }

  @Test func whatIsNoSessionIsKeptAndNamed() async throws {
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/story.txt"
      try write("Once upon a time\n", path)
      for arguments in [
        ["generate", "The sea", "--session", path], ["sessions", "show", path], ["sessions", "remove", path],
        ["replay", path],
      ] {
        let outcome = await CommandWorld(engine: TinyModels.engine()).run(arguments)
        #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("error: not a session, \(path): expected"))
      }
      #expect(try FileBytes.read(path) == Array("Once upon a time\n".utf8))
      let (file, _) = try SessionFile.open(folder + "/busy", .writing)
      let busy = await run("generate", "The sea", "--session", folder + "/busy")
      #expect(busy.exitCode == 1 && busy.errors.contains("the session is open for reading only"))
      #expect(!file.isReadOnly)
    }
  }

  @Test func optionsThatDoNotGoTogetherAreRefused() async {
    for arguments in [
      ["sessions", "show"], ["sessions", "export", "x"], ["sessions", "sing"],
      ["sessions", "show", "x", "--format", "md"],
      ["replay"], ["sessions", "export", "x", "--format", "pdf"],
    ] {
      let outcome = await CommandWorld().run(arguments)
      #expect(outcome.exitCode == 2 && outcome.output.isEmpty, "\(arguments)")
    }
  }

  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}
