import TerminalUI
import Testing

@testable import PlaygroundApp

/// Reading cards in Markdown.
@Suite struct CardLineTests {
  private func text(_ card: String, _ width: Int = 40) -> [String] {
    CardLine.lines(of: card, width: width).map(\.text)
  }

  @Test func headingsStandWithoutTheirMarks() {
    let lines = CardLine.lines(of: "# One #\ntext\n### Three\nTwo\n---\nend", width: 40)
    #expect(lines.map(\.text) == ["One", "", "text", "", "Three", "", "Two", "", "end"])
    let style = { (line: Int) in lines[line].spans[0].style }
    #expect(style(0) == Style(.heading, .bold) && style(6) == Style(.heading, .bold))
    #expect(style(4) == Style(.heading) && style(2) == .plain)
  }

  @Test func linesOfAParagraphRunOnUnlessTheyAreBroken() {
    #expect(text("one\ntwo  \nthree\\\nfour\n\nfive") == ["one two", "three", "four", "", "five"])
  }

  @Test func listsHangTheirTextBehindTheirMarks() {
    #expect(
      text("* a word and another\n  one\n+ next\n  1. inner\n10) ten", 14) == [
        "- a word and", "  another one", "- next", "  1. inner", "10) ten",
      ])
  }

  @Test func emphasisCodeAndLinksAreLooks() {
    let card = "An *old* **bold** `x * y` [page](https://a.b/c) and ![a cat](cat.png), snake_case_name, 2 * 3 * 4."
    let line = CardLine.lines(of: card, width: 99)[0]
    #expect(line.text == "An old bold x * y page and a cat, snake_case_name, 2 * 3 * 4.")
    let style = { (word: String) in line.spans.first { $0.text.contains(word) }?.style }
    #expect(style("old") == Style(.text, .italic))
    #expect(style("bold") == Style(.text, .bold))
    #expect(style("x * y") == Style(.key))
    #expect(style("snake") == .plain)
  }

  @Test func marksWithoutAPartnerStay() {
    #expect(text("a * b, *c, `d, [e], f](g) & <h") == ["a * b, *c, `d, [e], f & <h"])
    #expect(text(#"\*no\* \[x\](y)"#) == ["*no* [x](y)"])
  }

  @Test func aRunOfBackticksWithoutAPartnerHidesNoLaterCode() {
    let code = { (card: String) in
      CardLine.lines(of: card, width: 99)[0].spans.filter { $0.style == Style(.key) }.map(\.text)
    }
    #expect(code("a ``` b `one` c `` d `two` e") == ["one", "two"])
    #expect(code("`a` ``` `b`") == ["a", "b"])
    #expect(text("a ``` b `one`") == ["a ``` b one"])
  }

  @Test func tagsAndCommentsAreLeftOut() {
    #expect(text("a <!-- no --><b>c</b><br>d &amp; &lt;e&gt; <https://f.g>") == ["a c", "d & <e> https://f.g"])
  }

  @Test func codeKeepsItsLines() {
    #expect(text("```sh\none  two\n  three # x\n```\n\n    four") == ["  one  two", "    three # x", "", "  four"])
  }

  @Test func frontMatterIsForMachines() {
    #expect(text("---\nlicense: x\ntags: [a]\n---\n# T") == ["T"])
    #expect(text("---\nlicense: x") == ["license: x"])
  }

  @Test func quotesHaveABar() { #expect(text("> a\n> b\n\nc") == ["| a b", "", "c"]) }

  @Test func columnsOfATableStandBelowOneAnother() {
    let card = """
      | name | what | |
      | --- | :-: | --- |
      | a | first \\| one | `x|y` |
      | long name | b |
      """
    let lines = CardLine.lines(of: card, width: 40)
    #expect(
      lines.map(\.text) == ["name       what", "a          first | one  x|y", "long name  b"])
    #expect(lines[0].spans[0].style == Style(.heading, .bold))
    // An empty head is left out.
    #expect(text("| | |\n|---|---|\n| data | books |") == ["data  books"])
  }

  @Test func cellsWrapWithinTheirColumns() {
    #expect(
      text("| | |\n|-|-|\n| data | twelve novels and story books |\n| x | y |", 20) == [
        "data  twelve novels", "      and story", "      books", "x     y",
      ])
    // If columns would be too narrow, the cells become running text.
    #expect(text("| aaaaaaaaa | bbbbbbbbb | ccccccccc |", 12).allSatisfy { $0.columnWidth <= 12 })
  }

  @Test(arguments: [1, 2, 3, 8, 20, 76])
  func noLineIsWiderThanTheCard(width: Int) {
    let card =
      Cards.story + "\n\n> q *r*\n\n1. a\n   - b `c`\n\n```\ncode code code\n```\n| a | b |\n|--|--|\n| ccc ddd | eee |"
    // Marks and wide characters need a few columns of their own.
    for line in CardLine.lines(of: card, width: width) {
      #expect(line.text.columnWidth <= max(width, 8), "\(line.text)")
    }
  }

  @Test func onlyAsManyLinesAreMadeAsAreShown() {
    let card = String(repeating: "word *word*\n\n", count: 9_000)
    #expect(CardLine.lines(of: card, width: 40, limit: 12).count == 12)
  }
}
