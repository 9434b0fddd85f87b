@testable import CommandLineTool
import TestSupport
import Testing

/// Generated arguments, parsed only. The same seed makes the same cases; `TRIPTYCH_FUZZ_CASES` sets their number.
struct ArgumentFuzzTests {
  /// For a fault planted in a valid command line, the error names the fault, its place and what was found.
  @Test(arguments: [UInt64(11), 12])
  func everyPlantedFaultIsNamed(seed: UInt64) throws {
    var maker = try ArgumentMaker(seed: seed)
    for number in 0..<generatedCases(default: 120) / 2 {
      var line = maker.rightLine()
      let label: Comment = "case \(number) of seed \(seed): \(line.words)"
      if number.isMultiple(of: 4) { #expect(throws: Never.self, label) { try parse(line.words, columns: 80) } }
      let expected = maker.plant(in: &line)
      let error = #expect(throws: CommandError.self, "\(line.words)") { try parse(line.words, columns: 80) }
      let facts = try #require(error?.facts)
      #expect(error?.exitCode == 2)
      #expect(facts.what == expected.what, "\(line.words)")
      #expect(facts.place == expected.place, "\(line.words)")
      #expect(facts.found == expected.found, "\(line.words)")
    }
  }

  /// For any arguments, an error has the documented form and is never a quoted message of ArgumentParser.
  @Test(arguments: [UInt64(21), 22])
  func anyArgumentsEndInAWholeError(seed: UInt64) throws {
    var maker = try ArgumentMaker(seed: seed)
    let unexplained = unexplained("").expected
    var errors = 0
    for number in 0..<generatedCases(default: 120) / 2 {
      let words = maker.anyLine()
      do throws(CommandError) {
        _ = try parse(words, columns: 80)
      } catch {
        errors += 1
        let label: Comment = "case \(number) of seed \(seed): \(words)"
        #expect(error.exitCode == 2, label)
        #expect(error.facts.expected != unexplained, label)
        let printed = "error: \(error)\n" + (error.hint.map { "hint: \($0)\n" } ?? "")
        #expect(ErrorForm.fault(in: printed, exitCode: 2) == nil, label)
      }
    }
    #expect(errors > generatedCases(default: 120) / 8)
  }
}

/// Makes command lines from the description of the program.
private struct ArgumentMaker {
  /// A command line and the range in which options may be inserted.
  struct Line {
    var words: [String]
    let command: CommandDescription
    /// Where the options begin and end.
    var options: Range<Int>
    /// How many positional arguments are given.
    var positionals = 0
  }

  /// The facts of a planted fault.
  struct Expected {
    let what: String
    let place: String
    let found: String
  }

  private var random: SplitMix64
  private let commands: [CommandDescription]

  init(seed: UInt64) throws {
    random = SplitMix64(seed: seed)
    let top = try #require(CommandDescription.program).subcommands.filter { $0.name != "help" }
    commands = top.flatMap { command in
      // Commands inside a command are named by both words.
      let inner = command.subcommands.filter { $0.name != "help" }.map { inner in
        var inner = inner
        inner.name = "\(command.name) \(inner.name)"
        return inner
      }
      let isGroup = command.arguments.allSatisfy { Self.answered.contains($0.preferredName ?? "") }
      return (isGroup ? [] : [command]) + inner
    }
  }

  /// Values that the options take, by the placeholders of the help screens.
  private static let values: [String: [String]] = [
    "n": ["1", "2"], "k": ["1"], "x": ["1"], "p": ["0.5"], "seconds": ["2"], "format": ["f32", "bf16"],
    "form": ["md", "csv"],
    "when": ["never"],
    "task": ["generate"], "id=bias": ["5=-1"], "id,…=bias": ["5,6=-1.5"], "start,factor": ["4,1.05"],
    "a,b,…": ["temperature,top-k"],
    "part": ["3.1", "cross.0"], "part=x": ["0.ffn=2"], "L:position=text": ["0:1=a"], "file:x": ["v.gguf:2"],
    "type": ["csv"], "unicode": ["nfkc"], "where": ["line"], "share": ["0.5"], "split": ["test"], "words": ["9"],
    "column=code": ["fr=fr"],
    "first-last": ["0-3"], "id": ["7"], "id|file": ["7"],
  ]

  /// Positional arguments that take certain words only.
  private static let positionals = ["action": "list", "kind": "bpe", "objective": "causal"]

  /// Flags that print a text regardless of all other arguments.
  private static let answered = ["--help", "--version"]

  /// A command line that parses.
  mutating func rightLine() -> Line {
    let command = pick(commands)
    var line = Line(
      words: command.name.split(separator: " ").map(String.init), command: command, options: 1..<1)
    let named = command.arguments.filter {
      $0.kind != .positional && !Self.answered.contains($0.preferredName ?? "")
    }
    let required = named.filter { !$0.isOptional }
    for argument in required + (0..<Int.random(in: 0...4, using: &random)).map({ _ in pick(named) }) {
      let name = pick(argument.names)
      guard argument.kind == .option else {
        line.words.append(name)
        continue
      }
      let value = value(for: argument)
      line.words += chance(3) ? ["\(name)=\(value)"] : [name, value]
    }
    line.options = command.name.split(separator: " ").count..<line.words.count
    if chance(4) { line.words.append("--") }
    for argument in command.arguments where argument.kind == .positional {
      // What follows an action would take its place.
      guard argument.valueName == "action" || !argument.isOptional || chance(2) else { continue }
      line.words.append(Self.positionals[argument.valueName] ?? "7")
      line.positionals += argument.isRepeating ? 0 : 1
    }
    return line
  }

  /// A value that parses.
  private mutating func value(for argument: ArgumentDescription) -> String {
    if argument.names.contains("--early-stopping") { return pick(["true", "false", "never"]) }
    if argument.names.contains("--lesson") { return "3" }
    if argument.names.contains("--strategy") { return "first" }
    return pick(Self.values[argument.valueName] ?? ["word"])
  }

  /// Plants one fault in a valid line.
  mutating func plant(in line: inout Line) -> Expected {
    let place = "triptych \(line.command.name)"
    let switches = line.command.arguments.filter { $0.kind == .flag && !Self.answered.contains($0.preferredName ?? "") }
    let named = line.command.arguments.filter { $0.kind == .option && $0.valuePlace == .next }
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      let name = pick(["--nope", "--tempreture", "-Z", "--model-", "--ŝeed", "-Z y", "---", "----json"])
      line.words.insert(name, at: line.options.upperBound)
      return Expected(what: "unknown option", place: place, found: "'\(name)'")
    case 1:
      let name = pick(switches.flatMap(\.names))
      line.words.insert("\(name)=1", at: line.options.upperBound)
      return Expected(what: "unexpected value", place: name, found: "'1'")
    case 2:
      let name = pick(named.flatMap(\.names))
      line.words = Array(line.words[..<line.options.upperBound]) + [name]
      return Expected(what: "missing value", place: name, found: "none")
    case 3:
      let name = pick(named.flatMap(\.names))
      line.words.insert(contentsOf: [name, pick(["-5", "--color", "-x y"])], at: line.options.upperBound)
      return Expected(what: "missing value", place: name, found: "none")
    case 4:
      let slots = line.command.arguments.filter { $0.kind == .positional }
      if slots.contains(where: \.isRepeating) { fallthrough }
      line.words +=
        slots.dropFirst(line.positionals).map { Self.positionals[$0.valueName] ?? "text" } + ["one", "an'other"]
      return Expected(what: "too many arguments", place: place, found: "'one', 'an'other'")
    case 5:
      line.words.insert(contentsOf: ["--color", "pale"], at: line.options.upperBound)
      return Expected(what: "wrong value", place: "--color", found: "'pale'")
    case 6:
      line.words.insert("--generate-completion-script=tcsh", at: line.options.upperBound)
      return Expected(what: "unknown shell", place: "--generate-completion-script", found: "'tcsh'")
    default:
      line.words = ["quantize", "--dtype", "q4"]
      return Expected(what: "missing option", place: "triptych quantize", found: "none")
    }
  }

  /// Arguments of any kind: options with and without values, groups of letters, terminators, awkward texts.
  mutating func anyLine() -> [String] {
    let command = pick(commands)
    var words = chance(4) ? [] : [chance(8) ? "help" : command.name]
    for _ in 0..<Int.random(in: 0...6, using: &random) { words.append(anyWord(command)) }
    return words
  }

  private mutating func anyWord(_ command: CommandDescription) -> String {
    let argument = pick(command.arguments.filter { !$0.names.isEmpty && $0.preferredName != "--help" })
    let name = pick(argument.names)
    switch Int.random(in: 0..<10, using: &random) {
    case 0...2: return name
    case 3: return "\(name)=\(value(for: argument))"
    case 4: return "\(name)\(pick(["=", "x", "5", " ", "=-1", "\u{301}"]))"
    case 5: return value(for: argument)
    case 6:
      return "-"
        + (0..<Int.random(in: 1...3, using: &random)).map { _ in pick(["q", "n", "m", "t", "5", "Z"]) }.joined()
    case 7: return pick(["--", "-", "-1", "-0.5", "", "--generate-completion-script", "bash", "generate", "---"])
    default: return String(decoding: pick(CommandLineGenerator.awkward), as: UTF8.self)
    }
  }

  private mutating func pick<T>(_ elements: [T]) -> T { elements[Int.random(in: 0..<elements.count, using: &random)] }

  /// True once in `count` times.
  private mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
}
