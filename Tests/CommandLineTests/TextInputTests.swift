@testable import CommandLineTool
import EngineAPI
import LocalFiles
import TestSupport
import Testing

/// The source of a command's text, and the bytes that are used.
struct TextInputTests {
  private static let terminal = TerminalFacts(input: true)

  /// The text that reaches the tokenizer.
  private func text(_ world: (FakeEngine) -> CommandWorld, _ arguments: [String]) async -> [FakeEngine.Request] {
    let engine = FakeEngine()
    _ = await world(engine).run(["tokenize"] + arguments)
    return engine.asked.entries.filter { if case .tokenize = $0 { true } else { false } }
  }

  @Test func anArgumentIsTakenAsItIs() async {
    #expect(await text({ CommandWorld(engine: $0) }, ["a b\n\n"]) == [.tokenize("a b\n\n")])
    #expect(await text({ CommandWorld(engine: $0) }, [""]) == [.tokenize("")])
    #expect(await text({ CommandWorld(engine: $0) }, ["--", "-x"]) == [.tokenize("-x")])
  }

  @Test(arguments: [
    ("a\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("", ""), ("\n", ""), ("a\r\n", "a\r"), ("\0a\u{1}\n", "\0a\u{1}"),
    ("e\u{301}\u{FEFF}\n", "e\u{301}\u{FEFF}"),
  ])
  func oneFinalNewlineIsDropped(bytes: String, expected: String) async {
    let input = Array(bytes.utf8)
    for arguments in [[], ["-"], ["-f", "-"]] {
      let requests = await text({ CommandWorld(engine: $0, input: input) }, arguments)
      #expect(requests.count == 1)
      guard case .tokenize(let text)? = requests.first else { return }
      #expect(Array(text.utf8) == Array(expected.utf8))
    }
    let fromFile = await text({ CommandWorld(engine: $0, files: ["f.txt": input]) }, ["-f", "f.txt"])
    guard case .tokenize(let text)? = fromFile.first else { return }
    #expect(Array(text.utf8) == Array(expected.utf8))
  }

  @Test func aTerminalIsNotWaitedForUnlessAsked() async {
    let outcome = await CommandWorld(terminal: Self.terminal).run("generate")
    #expect(
      outcome
        == .init(
          exitCode: 2, output: "",
          errors: """
            error: no text, standard input: expected a pipe or a file, found a terminal
            hint: give the text as an argument, with -f FILE, or through a pipe

            """))
    let ids = await CommandWorld(terminal: Self.terminal).run("detokenize")
    #expect(ids.errors.hasPrefix("error: no ids, standard input: expected a pipe or a file, found a terminal\n"))
    let asked = await text({ CommandWorld(engine: $0, input: [0x61], terminal: Self.terminal) }, ["-"])
    #expect(asked == [.tokenize("a")])
  }

  @Test(
    arguments: [
      ([0x61, 0xFF], "0xFF at offset 1"), ([0xC3], "0xC3 at offset 0"), ([0xE2, 0x82, 0x28], "0xE2 at offset 0"),
      ([0xC3, 0xA9, 0xED, 0xA0, 0x80], "0xED at offset 2"), ([0xC0, 0x80], "0xC0 at offset 0"),
      ([0xF4, 0x90, 0x80, 0x80], "0xF4 at offset 0"),
    ] as [([UInt8], String)])
  func bytesThatAreNotUTF8(bytes: [UInt8], found: String) async {
    let hint = "\nhint: convert the text to UTF-8 first, for instance with iconv\n"
    let input = await CommandWorld(input: bytes).run("tokenize")
    #expect(input.exitCode == 1)
    #expect(input.output == "")
    #expect(input.errors == "error: text is not UTF-8, standard input: expected UTF-8, found byte \(found)\(hint)")
    let file = await CommandWorld(files: ["f": bytes]).run("score", "-f", "f")
    #expect(file.errors == "error: text is not UTF-8, f: expected UTF-8, found byte \(found)\(hint)")
    let argument = await CommandWorld().run(bytes: [Array("tokenize".utf8), bytes])
    #expect(argument.exitCode == 1)
    #expect(argument.errors == "error: text is not UTF-8, argument 2: expected UTF-8, found byte \(found)\(hint)")
  }

  @Test func filesThatCanNotBeReadAreErrors() async {
    let missing = await CommandWorld().run("tokenize", "-f", "nowhere")
    #expect(missing.exitCode == 1)
    #expect(missing.output == "")
    #expect(
      missing.errors
        == "error: can't read the text, nowhere: expected a file or pipe that can be read, "
        + "found no such file or directory\n")
    let long = await CommandWorld(input: [UInt8](repeating: 0x61, count: TextInput.limit + 1)).run("tokenize")
    #expect(
      long
        == .init(
          exitCode: 1, output: "",
          errors: "error: text too long, standard input: expected at most 67108864 bytes, found more\n"))
  }

  /// Compares with the standard library's validation: the bytes before the offset are valid, and no longer prefix is.
  @Test func offsetsAgreeWithTheStandardLibrary() {
    var random = SplitMix64(seed: 7)
    let interesting: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF3, 0xF4,
      0xF5, 0xFF,
    ]
    var wrong: [[UInt8]] = []
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        interesting[Int.random(in: 0..<interesting.count, using: &random)]
      }
      let isValid = { (end: Int) in String(validating: bytes[..<end], as: UTF8.self) != nil }
      let offset = bytes.firstInvalidUTF8Offset ?? bytes.count
      let longer = (offset + 1)..<max(offset + 1, bytes.count + 1)
      if !isValid(offset) || longer.contains(where: isValid) { wrong.append(bytes) }
    }
    #expect(wrong == [])
  }
}
