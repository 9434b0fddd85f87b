@testable import CommandLineTool
import EngineAPI
import Foundation
import JSONText
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
      ["translate", "How are you?\n\nGood.", "-n", "5"],
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
