@testable import CommandLineTool
import LocalFiles
import TestSupport
import Testing

/// Each help screen is compared with a recorded file, at 80 columns.
struct HelpTests {
  private static let commands = Triptych.commandNames.filter { $0 != "help" }
  /// The commands inside others, as typed: `data prepare`.
  private static let inner = ["train tokenizer", "data prepare", "data show", "data stats"]

  @Test func everyInnerCommandIsInTheList() throws {
    let program = try #require(CommandDescription.program)
    let names = program.subcommands.flatMap { command in
      command.subcommands.filter { $0.name != "help" }.map { "\(command.name) \($0.name)" }
    }
    #expect(names == Self.inner)
  }

  @Test(arguments: ["triptych"] + commands + inner)
  func helpScreensMatchTheRecordedOnes(name: String) async throws {
    let words = name.split(separator: " ").map(String.init)
    let outcome = await CommandWorld().run((name == "triptych" ? [] : words) + ["--help"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "")
    #expect(Array(outcome.output.utf8) == (try Fixtures.bytes("command-line/help/\(words.joined(separator: "-")).txt")))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test(arguments: commands)
  func helpTeachesByExample(name: String) async throws {
    let outcome = await CommandWorld().run("help", name)
    let examples = outcome.output.split(separator: "\n").filter {
      $0.hasPrefix("  triptych") || $0.hasPrefix("  echo ")
    }
    #expect(examples.count >= 2)
    #expect(outcome == (await CommandWorld().run(name, "-h")))
  }

  @Test func theREADMENamesEveryOption() throws {
    let text = String(decoding: try Fixtures.bytes("../../README.md"), as: UTF8.self)
    let named = Set(text.matches(of: /--[a-z][a-z0-9-]*/).map { String($0.0) })
    let program = try #require(CommandDescription.program)
    let options = program.subcommands.flatMap { [$0] + $0.subcommands }.flatMap(\.arguments).filter(\.isListed).flatMap(
      \.names)
    #expect(options.count > 100)
    for name in Set(options) where name.hasPrefix("--") {
      #expect(named.contains(name), "the README does not name \(name)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func everyShellGetsACompletionScript(shell: String) async {
    let outcome = await CommandWorld().run("--generate-completion-script", shell)
    #expect(outcome.exitCode == 0)
    for command in Self.commands { #expect(outcome.output.contains(command)) }
    for option in ["num-return-sequences", "repeat-penalty", "logit-bias", "fill-mask", "bf16"] {
      #expect(outcome.output.contains(option), "\(option)")
    }
  }

  @Test func anUnknownShellIsAnError() async {
    let outcome = await CommandWorld().run("--generate-completion-script", "tcsh")
    #expect(outcome.exitCode == 2)
    #expect(outcome.output == "")
    #expect(
      outcome.errors
        == "error: unknown shell, --generate-completion-script: expected bash, zsh or fish, found 'tcsh'\n")
  }

  @Test func theVersionIsPrinted() async {
    #expect(await CommandWorld().run("--version") == .init(exitCode: 0, output: "triptych 0.1.0\n", errors: ""))
    #expect(await CommandWorld().run("generate", "--version").output == "triptych 0.1.0\n")
  }

  @Test(arguments: [
    ("genrate", "generate"), ("fillmask", "fill-mask"), ("tokenise", "tokenize"), ("modles", "models"),
  ])
  func aMisspelledCommandGetsASuggestion(written: String, meant: String) {
    #expect(Spelling.nearest(to: written, among: Self.commands, count: 1) == [meant])
  }

  @Test(arguments: ["sing", "x", String(repeating: "generate", count: 100)])
  func distantNamesGetNoSuggestion(written: String) {
    #expect(Spelling.nearest(to: written, among: Self.commands).isEmpty)
  }
}
