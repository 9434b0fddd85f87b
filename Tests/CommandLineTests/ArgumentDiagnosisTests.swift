@testable import CommandLineTool
import Testing

/// The diagnosis of arguments that ArgumentParser refuses.
struct ArgumentDiagnosisTests {
  @Test func theDescriptionListsWhatTheHelpScreensList() async throws {
    let program = try #require(CommandDescription.program)
    #expect(program.name == "triptych")
    #expect(program.defaultSubcommand == "play")
    #expect(program.subcommands.map(\.name) == Triptych.commandNames)
    for command in program.subcommands where command.name != "help" {
      let help = await CommandWorld().run(command.name, "--help").output
      for argument in command.arguments where argument.isListed {
        if argument.kind != .flag {
          #expect(help.contains("<\(argument.valueName)>"), "\(command.name) \(argument.synopsis)")
        }
        for name in argument.names { #expect(help.contains(name), "\(command.name) \(name)") }
      }
    }
  }

  @Test(arguments: [
    "", "{", "[]", "{}", #"{"serializationVersion":0}"#, #"{"serializationVersion":1,"command":{"commandName":"a"}}"#,
    #"{"serializationVersion":0,"command":{"commandName":"a","arguments":[{"kind":"word"}]}}"#,
    #"{"serializationVersion":0,"command":{"commandName":"a","subcommands":[{}]}}"#,
  ])
  func aDescriptionInAnUnknownFormIsRefused(dump: String) { #expect(CommandDescription(dump: dump) == nil) }

  /// A program with one command whose arguments follow every rule that a description can state.
  private static func program(_ arguments: String) throws -> CommandDescription {
    let dump = """
      {"serializationVersion":0,"command":{"commandName":"p","defaultSubcommand":"c","subcommands":
      [{"commandName":"c","aliases":["d"],"arguments":[\(arguments)]}]}}
      """
    return try #require(CommandDescription(dump: dump))
  }

  private static func argument(_ kind: String, _ name: String, strategy: String, isOptional: Bool = true) -> String {
    let names = kind == "positional" ? "null" : #"[{"kind":"\#(name.count > 1 ? "long" : "short")","name":"\#(name)"}]"#
    return """
      {"kind":"\(kind)","isOptional":\(isOptional),"isRepeating":false,"shouldDisplay":true,"valueName":"\(name)",
      "parsingStrategy":"\(strategy)","names":\(names)}
      """
  }

  @Test func everyRuleForValuesIsFollowed() throws {
    let options = [("next", "default"), ("value", "scanningForValue"), ("any", "unconditional")]
      .map { Self.argument("option", $0.0, strategy: $0.1) }
    let program = try Self.program((options + [Self.argument("flag", "f", strategy: "default")]).joined(separator: ","))
    let what = { (arguments: [String]) in
      ArgumentDiagnosis.facts(arguments, program: program).map { "\($0.what) \($0.found ?? "")" }
    }
    #expect(what(["c", "--next", "1", "--value", "2", "--any", "-3", "-f"]) == nil)
    #expect(what(["d", "--next=-1", "--any=", "--"]) == nil)
    #expect(what(["c", "--next", "-f"]) == "missing value none")
    #expect(what(["c", "--value", "-f", "2"]) == nil)
    #expect(what(["c", "--value", "-f", "--", "2"]) == "missing value none")
    #expect(what(["c", "--any", "--", "2"]) == "too many arguments '2'")
    #expect(what(["c", "--any", "-f", "-f"]) == nil)
    #expect(what(["c", "-fx"]) == "unknown option '-x'")
    #expect(what(["--next", "1", "--nope=1"]) == "unknown option '--nope'")
    #expect(what(["c", "--=1"]) == "unknown option '--=1'")
  }

  @Test func whatTheDescriptionCannotSayHasNoDiagnosis() throws {
    let rest = try Self.program(Self.argument("option", "rest", strategy: "remaining"))
    #expect(ArgumentDiagnosis.facts(["c", "--rest", "1", "--nope"], program: rest) == nil)
    #expect(ArgumentDiagnosis.facts(["c", "--nope"], program: rest)?.what == "unknown option")
    let all = try Self.program(Self.argument("positional", "all", strategy: "allRemainingInput"))
    #expect(ArgumentDiagnosis.facts(["c", "--nope"], program: all) == nil)
    let flag = try Self.program(Self.argument("flag", "must", strategy: "default", isOptional: false))
    #expect(ArgumentDiagnosis.facts(["c"], program: flag) == nil)
  }

  @Test func requiredPositionalArgumentsAreNamed() throws {
    let program = try Self.program(Self.argument("positional", "text", strategy: "default", isOptional: false))
    let facts = ErrorFacts(
      "missing argument", at: "p c", expected: "<text>", found: "none", hint: "see 'p c --help'")
    #expect(ArgumentDiagnosis.facts(["c"], program: program) == facts)
  }

  @Test func messagesWithoutADiagnosisAreQuotedWhole() {
    let message = "The value 'a', b: expected 'c' is invalid for '--d <d>'"
    let facts = unexplained(message)
    #expect(facts.what == message)
    #expect(facts.line == "\(message), command line: expected arguments that the help lists, found others")
  }

  @Test func errorsOfValuesAreFoundInsideOtherErrors() {
    struct Outer: Error { let inner: (Int, (any Error)?) }
    let own = CommandError.wrongValue("x", of: "--top-k", expected: "a number")
    #expect(ownError(in: Outer(inner: (1, Outer(inner: (2, own))))) == own)
    #expect(ownError(in: Outer(inner: (1, nil))) == nil)
  }
}
