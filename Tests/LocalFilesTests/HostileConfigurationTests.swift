import TerminalUI
import TestSupport
import Testing

@testable import LocalFiles

/// Malicious configuration files: reading them ends soon and without a trap.
@Suite struct HostileConfigurationTests {
  @Test func aliasBombsAreRefusedBeforeTheyAreRead() {
    var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, before) in zip("bcdefghijklmnop", "abcdefghijklmno") {
      bomb += "\(name): &\(name) [*\(before), *\(before), *\(before), *\(before), *\(before), *\(before)]\n"
    }
    bomb += "? *p\n: x\n"
    let problems = ConfigurationFile.parse(bomb, path: "c.yaml", tabs: tabNames).problems
    #expect(problems == [.alias(ConfigurationPlace(path: "c.yaml", line: 1, column: 4))])
  }

  @Test(arguments: [
    "a: &x 1", "a: *x", "[&x 1]", "[*x]", "{&x a: 1}", "- &x", "--- &x 1", "!!str &x 1", "? &x 1", "\"a\":*x",
    "a: [\" # \", &x 1]", "a: [' # ', &x 1]", "a: [\"\n # \", &x 1]", "a: 'it\n # ', &x 1", "a: 1\r&x b: 1",
    "a: 1\u{85}&x b: 1",
  ])
  func everyWayToWriteAnAliasIsSeen(text: String) {
    #expect(YAMLAlias.first(in: text) != nil)
  }

  @Test(arguments: [
    "# &x", "a: b # *x", "a: \"*\"", "a: '&'", "a: b&c", "a: 2*3", "a: [\"*\", '&']", "a: & b", "# a: it *b\nb: c",
  ])
  func whatIsNoAliasPasses(text: String) {
    #expect(YAMLAlias.first(in: text) == nil)
  }

  @Test(arguments: ["[", "{", "- ", "? ", "{a: ", "[[{", "!a [", "a: {", "- - ? "])
  func deepNestingEnds(opening: String) {
    let text = String(repeating: opening, count: 100_000 / opening.utf8.count)
    let (configuration, problems) = ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames)
    #expect(configuration == Configuration())
    #expect(problems.count == 1)
  }

  @Test func manyCommentSignsBeforeAQuoteAreReadInLinearTime() {
    // Searching for the quote again at each `#` would take a minute.
    let text = "theme: ember\n" + String(repeating: " #", count: 60_000) + "\"\n"
    #expect(YAMLAlias.first(in: text) == nil)
    #expect(ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames).configuration.theme == "ember")
  }

  @Test func aHugeFileIsRefused() throws {
    try Scratch.with { scratch in
      let path = try scratch.write("config.yaml", String(repeating: "# long\n", count: 30_000))
      #expect(
        ConfigurationFile.read(path, tabs: tabNames).problems == [.file(.tooLarge(path: path, limit: 128 * 1024))])
    }
  }

  @Test func manyProblemsAreCutShort() {
    let text = (0..<5000).map { "k\($0): 1\n" }.joined()
    #expect(ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames).problems.count == 50)
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    try Scratch.with { scratch in
      let path = try scratch.write("config.yaml", bytes: Array("theme: a".utf8) + [0xFF, 0x41])
      #expect(ConfigurationFile.read(path, tabs: tabNames).problems == [.file(.notUTF8(path: path, offset: 8))])
      let folder = try scratch.folder("folder")
      #expect(
        ConfigurationFile.read(folder, tabs: tabNames).problems == [
          .file(.unreadable(path: folder, reason: "a folder"))
        ])
      #expect(ConfigurationFile.read(scratch.path + "/missing", tabs: tabNames).problems.isEmpty)
    }
  }

  @Test func randomTextNeverTraps() {
    var random = SplitMix64(seed: 11)
    let pieces = [
      "theme", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ", ", "? ", "\"", "'", "|", ">", "#", "!", "!!int ", "%",
      "@",
      "`", "~", "keys", "sampling", "\t", "\u{0}", "\u{FEFF}", "é", "🙂", "\u{2028}", "---\n", "...\n", "1e999", "0x",
      "\\u12",
    ]
    for _ in 0..<4000 {
      let count = Int.random(in: 0..<24, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      let (_, problems) = ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames)
      for problem in problems { #expect(!problem.description.isEmpty && !problem.description.contains("\n")) }
    }
  }
}
