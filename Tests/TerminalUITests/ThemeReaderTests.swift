import Testing

@testable import TerminalUI

@Suite("Reading theme files")
struct ThemeReaderTests {
  private let digits = (0..<24).map { String($0, radix: 16, uppercase: true) }.map { $0.count < 2 ? "0" + $0 : $0 }

  private func palette(_ count: Int, indent: String = "", quote: String = "\"") -> String {
    digits.prefix(count).enumerated().map { "\(indent)base\($1): \(quote)\(["1a2b3c", "d0e0f0"][$0 % 2])\(quote)\n" }
      .joined()
  }

  private func read(_ text: String) throws(ThemeError) -> Theme {
    try Theme(yaml: Array(text.utf8), name: "mine", file: "mine.yaml")
  }

  private func problem(_ text: String) -> ThemeError? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return error
    }
  }

  @Test("Old and new forms, base16 and base24 are read")
  func forms() throws {
    let old = try read("scheme: \"Old One\"\nauthor: \"Me\"\n" + palette(16))
    #expect(old.title == "Old One")
    #expect(old.author == "Me")
    #expect(old.color(.background) == RGB(0x1A, 0x2B, 0x3C))
    let new = try read("system: base16\nname: New\nauthor: Me\nvariant: dark\npalette:\n" + palette(16, indent: "  "))
    #expect(new.title == "New")
    #expect(new.color(.text) == old.color(.text))
    let base24 = try read("system: base24\npalette:\n" + palette(24, indent: "  "))
    #expect(base24.color(.text) == old.color(.text))
    let hashed = try read(palette(16, quote: "\"").replacingFirst("1a2b3c", "#1A2B3C"))
    #expect(hashed.color(.background) == RGB(0x1A, 0x2B, 0x3C))
    let small = try read(palette(16).replacingFirst("base0A", "base0a"))
    #expect(small.color(.text) == old.color(.text))
    #expect(try read(palette(16, quote: "")).color(.text) == old.color(.text))
  }

  @Test("The block `triptych` overrides colors")
  func overrides() throws {
    let own = """
      triptych:
        roles:
          focused-border: "ff0000"
          stream-c: "00ff00"
        bold: [key]
        heat: ["000000", "ffffff"]
        warmth: ["123456"]
      """
    let theme = try read(palette(16) + own)
    #expect(theme.color(.focusedBorder) == RGB(255, 0, 0))
    #expect(theme.color(.streamC) == RGB(0, 255, 0))
    #expect(theme.isBold(.key))
    #expect(theme.diverging[0] == RGB(0, 0, 0))
    #expect(theme.diverging[255] == RGB(255, 255, 255))
    #expect(theme.sequential[255] == RGB(0x12, 0x34, 0x56))
    #expect(theme.paint(Style(.key), depth: .none).attributes.contains(.bold))
  }

  @Test("Secondary text is readable in every scheme")
  func legible() throws {
    let dark = palette(16).replacingFirst("base03: \"d0e0f0\"", "base03: \"1b2c3d\"")
    let theme = try read(dark)
    #expect(theme.color(.dim).contrast(to: theme.color(.background)) >= 3)
  }

  @Test("Errors name file, line and key")
  func errors() {
    #expect(problem(palette(15)) == .missing(file: "mine.yaml", key: "base0F"))
    #expect(problem("palette:\n  base00: \"111111\"\n") == .missing(file: "mine.yaml", key: "base01"))
    let wrong = palette(16).replacingFirst("base02: \"1a2b3c\"", "base02: \"1a2b3\"")
    #expect(
      problem(wrong)
        == .wrongValue(
          file: "mine.yaml", line: 3, key: "base02", expected: "six hexadecimal digits", found: "“1a2b3”"))
    #expect(
      problem(palette(16) + "triptych:\n  heat: red\n")
        == .wrongValue(
          file: "mine.yaml", line: 18, key: "heat", expected: "a list of 2 to 16 colors", found: "“red”"))
    #expect(
      problem("palette: [1]\n")
        == .wrongValue(file: "mine.yaml", line: 1, key: "palette", expected: "keys and values", found: "a list"))
    guard case .wrongValue(_, 19, "roles", _, "“dimm”") = problem(palette(16) + "triptych:\n  roles:\n    dimm: 0\n")
    else {
      Issue.record("an unknown role passes")
      return
    }
    guard case .notYAML("mine.yaml", 3, _) = problem("a: b\nc: [1, 2\n  d: }") else {
      Issue.record("broken YAML passes, or its line is wrong")
      return
    }
    #expect(problem("") == .notYAML(file: "mine.yaml", line: 1, problem: "nothing"))
    #expect(problem("- 1\n") != nil)
  }

  @Test("Malformed themes are rejected")
  func hostile() throws {
    let huge = Array(repeating: UInt8(ascii: "a"), count: Theme.byteLimit + 1)
    #expect(throws: ThemeError.tooLarge(file: "f", bytes: huge.count, limit: Theme.byteLimit)) {
      try Theme(yaml: huge, name: "f", file: "f")
    }
    #expect(throws: ThemeError.notYAML(file: "f", line: 1, problem: "bytes that are not UTF-8")) {
      try Theme(yaml: [0xFF, 0xFE, 0xFF], name: "f", file: "f")
    }
    for text in [
      String(repeating: "[", count: 60_000), String(repeating: "- ", count: 30_000),
      String(repeating: "{a: ", count: 15_000),
      "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "a: 1\na: 2\n", "\u{0}", "%YAML 9.9\n---\n", "? [a]\n: b\n",
    ] {
      #expect(problem(text) != nil)
    }
    let whole = Array(palette(16).utf8)
    for cut in 0..<(whole.count - 1) {
      #expect(throws: ThemeError.self) { try Theme(yaml: Array(whole[..<cut]), name: "f", file: "f") }
    }
  }

  @Test("Themes with aliases are rejected before parsing")
  func aliases() {
    var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, before) in zip("bcdefghijklmnop", "abcdefghijklmno") {
      bomb += "\(name): &\(name) [*\(before), *\(before), *\(before), *\(before), *\(before), *\(before)]\n"
    }
    guard case .notYAML("mine.yaml", 1, _) = problem(bomb + "? *p\n: x\n") else {
      Issue.record("the aliases were followed")
      return
    }
  }

  @Test("Error messages name problem, position, expected and found value")
  func sentences() {
    let error = ThemeError.wrongValue(file: "a.yaml", line: 3, key: "base02", expected: "six digits", found: "“x”")
    #expect(error.description == "wrong value of base02, a.yaml:3: expected six digits, found “x”")
    #expect(error.hint?.isEmpty == false)
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, _ new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return replacingCharacters(in: range, with: new)
  }

  private func replacingCharacters(in range: Range<Index>, with new: String) -> String {
    String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
