import EngineAPI
import Foundation
import JSONText
import TestSupport
import Testing

@testable import Sessions

@Suite struct ExportTests {
  private func sample() -> Session {
    var session = Session(created: "2026-11-28T18:00:00Z")
    session.add(SessionModel(reference: storyteller, path: "/models/storyteller", sha256: "00ff"))
    let prompt = session.tree.type(
      "Once <b>", [TokenValue(id: 1, bytes: Array("Once".utf8)), TokenValue(id: 2, bytes: Array(" <b>".utf8))],
      model: storyteller)
    func made(_ id: Int, _ bytes: [UInt8], _ logprob: Double, top: [RankedToken] = []) -> ScoredToken {
      ScoredToken(
        token: TokenValue(id: id, bytes: bytes), logprob: logprob, rank: 1, entropy: 0.5, sampledLogprob: -0.25,
        top: top)
    }
    let candidate = RankedToken(token: TokenValue(id: 9, bytes: Array(" \"sea\"".utf8)), logprob: -1, rank: 2)
    let text = session.tree.branch(
      at: prompt,
      [made(3, [0xC3], -0.1, top: [candidate]), made(4, [0xA9], -0.5), made(5, Array("=1,\n```".utf8), -5)],
      by: session.tree.add(sampled(seed: 7)))
    session.tree.finish(text.node, Outcome(.length))
    session.tree.label(Place(text.node, 2), "the & place")
    session.tree.mark(text)
    let chosen = session.tree.branch(
      at: Place(text.node, 2), [made(6, Array(" end".utf8), -2)], by: session.tree.add(.chosen(model: storyteller)))
    session.tree.finish(chosen.node, Outcome(.endOfText))
    return session
  }

  @Test func aTextIsAPathToALeafWithItsPrompt() {
    let texts = sample().texts
    #expect(texts.map(\.text) == ["Once <b>é=1,\n```", "Once <b>é end"])
    #expect(texts.map(\.promptCount) == [2, 2] && texts.map(\.origin) == ["sampled, seed 7", "chosen"])
    #expect(texts[0].logprob == -0.1 + -0.5 + -5 && texts[0].names == [4: "the & place"] && texts[0].marks == [5])
    #expect(texts[1].names == [4: "the & place"] && texts[1].marks.isEmpty)
  }

  @Test func markdownFencesWhatTheTextHas() {
    let markdown = sample().markdown
    #expect(markdown.contains("> Once <b>\n") && markdown.contains("````text\né=1,\n```\n````\n"))
    #expect(markdown.contains("- place 4: the & place\n"))
  }

  @Test func jsonLinesHaveTheNumbersOfTheTree() throws {
    let lines = try sample().jsonLines.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.count == 2 && lines[0]["prompt"]?.string == "Once <b>" && lines[0]["text"]?.string == "é=1,\n```")
    #expect(lines[0]["tokens"]?[2]?["bytes"]?[0]?.int == 0xC3 && lines[0]["tokens"]?[2]?["logprob"]?.double == -0.1)
    #expect(lines[1]["finish_reason"]?.string == "eos")
  }

  @Test func cellsOfCSVAreQuotedAndNoFormulas() {
    let rows = sample().csv.components(separatedBy: "\r\n")
    #expect(rows[0] == "text,node,position,id,token,logprob,probability_percent,rank,entropy,by_hand")
    #expect(rows[5].hasPrefix("1,1,4,5,\"'=1,\n```\",-5.0,0.67"))
    #expect(rows.last == "" && rows.count == 1 + 5 + 5 + 1)
    #expect(rows[10].hasPrefix("2,2,4,6,\" end\",-2.0,") && rows[10].hasSuffix(",true"))
  }

  @Test func thePageHasNoScriptAndEscapesTexts() {
    let page = sample().html
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("prefers-color-scheme: dark"))
    #expect(page.contains("Once</span><span class=\"given\"> &lt;b&gt;</span>"))
    #expect(page.contains("é<span class=\"c\">"), "a character of two tokens stands at the second")
    #expect(page.ranges(of: "Once").count == 1, "what branches share is written once")
    #expect(page.contains("<span class=\"facts\">chosen · 1 tok · log p -2.6 · ended: eos</span></summary>"))
    #expect(page.contains("the &amp; place") && page.contains("★"))
    for word in ["<script", "http:", "https:", "url(", "<b>é", "@import"] { #expect(!page.contains(word), "\(word)") }
    // Every element that is opened is closed.
    for tag in [
      "html", "head", "body", "article", "span", "p", "style", "ul", "li", "i", "b", "h1", "h2", "details", "summary",
    ] {
      let opened = page.ranges(of: "<\(tag)>").count + page.ranges(of: "<\(tag) ").count
      #expect(opened == page.ranges(of: "</\(tag)>").count, "\(tag)")
    }
  }

  @Test func candidatesStandBesideTheirToken() {
    var session = sample()
    let prompt = session.tree.begin(by: session.tree.add(typed))
    let top = RankedToken(token: TokenValue(id: 9, bytes: Array(" \"sea\"\n".utf8)), logprob: -1, rank: 2)
    let token = ScoredToken(
      token: TokenValue(id: 5, bytes: Array("x".utf8)), logprob: 0, rank: 1, entropy: 0, top: [top])
    _ = session.tree.branch(at: prompt, [token], by: session.tree.add(sampled(seed: 1)))
    #expect(
      session.html.contains(
        "<i>100.00 %, rank 1, entropy 0.00 bits</i><i style=\"--p:36.8%\">36.79 % ·&quot;sea&quot;⏎</i>"))
  }

  @Test func everyTextOfATreeStandsOnThePageOnceAndItsBranchesFold() {
    for seed in 0..<6 as Range<UInt64> {
      var dice = Dice(state: seed)
      var session = Session()
      try? grow(&session, steps: 60, &dice) { _ in }
      makeEverything(&session)
      let outline = TreeOutline(session.tree)
      let page = session.html
      let forks = outline.rows.indices.filter { outline.siblings(of: $0).count > 1 && outline.rows[$0].parent != nil }
      #expect(page.ranges(of: "<details").count == page.ranges(of: "</details>").count)
      #expect(page.ranges(of: "<details").count >= forks.count, "seed \(seed)")
      #expect(page.ranges(of: "<details open").isEmpty == (outline.rows.count > 60))
      let tokens = page.ranges(of: "<span class=\"t p").count + page.ranges(of: "<span class=\"given\">").count
      let shown = outline.rows.indices.reduce(0) { count, row in
        count + session.tree.length(of: outline.end(of: row, in: session.tree))
          - session.tree.length(of: outline.beginning(of: row, in: session.tree))
      }
      // Tokens that end inside of a character stand with the next one.
      #expect((0...4).contains(shown - tokens), "seed \(seed): \(tokens) of \(shown)")
    }
  }

  @Test func resultsOfOneRequestStandTogetherBelowTheirSource() {
    var session = Session()
    let source = session.tree.type("The [MASK].", [TokenValue(id: 1, bytes: Array("The".utf8))], model: storyteller)
    let filling = session.tree.add(
      .filling(FillMaskRequest(context: ModelContext(model: storyteller, ids: []), topK: 2)))
    for id in [3, 4] { _ = session.tree.begin([token(id)], by: filling, source: source) }
    let page = session.html
    #expect(page.ranges(of: "<article>").count == 1 && page.contains("<blockquote>The [MASK].</blockquote>"))
    #expect(page.ranges(of: "<details open><summary>").count == 2)
  }

  @Test func aTreeDeeperThanBrowsersAllowIsWritten() {
    var session = Session()
    var place = session.tree.begin([token(1)], by: session.tree.add(typed))
    for step in 0..<400 as Range<UInt64> {
      _ = session.tree.branch(at: place, [token(2)], by: session.tree.add(sampled(seed: 2 * step)))
      place = session.tree.branch(at: place, [token(3)], by: session.tree.add(sampled(seed: 2 * step + 1)))
    }
    var (level, deepest) = (0, 0)
    for line in session.html.split(separator: "\n") {
      if line.hasPrefix("<details") { level += 1 }
      if line.hasPrefix("</details") { level -= 1 }
      deepest = max(deepest, level)
    }
    #expect(level == 0 && deepest == 100)
    #expect(session.html.ranges(of: ">t3<span class=\"c\">").count == 400)
  }

  @Test func theEndingOfAFileNameChoosesTheForm() {
    for form in SessionFormat.allCases { #expect(SessionFormat(fileName: "a.b/tale.\(form.rawValue)") == form) }
    #expect(SessionFormat(fileName: "x.HTM") == .html && SessionFormat(fileName: "x.Markdown") == .md)
    for name in ["tale", "tale.", "a.html/tale", "tale.pdf", ""] { #expect(SessionFormat(fileName: name) == nil) }
  }

  @Test func textForTerminalsHasNoCommandsOfTheModel() {
    var session = Session()
    let bytes = Array("a\u{1B}[2J\tb\nc".utf8)
    _ = session.tree.begin(
      [ScoredToken(token: TokenValue(id: 1, bytes: bytes), logprob: -5, rank: 1, entropy: 1)],
      by: session.tree.add(sampled(seed: 1)))
    let lines = session.ansi.split(separator: "\n")
    #expect(lines.count == 3 && lines[1] == "\u{1B}[1;38;5;166ma\\x1b[2J\tb\u{1B}[0m")
    #expect(lines[2] == "\u{1B}[1;38;5;166mc\u{1B}[0m")
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]) func hashesAreThoseOfTheStandard(text: String, hash: String) {
    let bytes = Array(text.utf8)
    var whole = SHA256()
    whole.update(bytes)
    #expect(whole.finished() == hash)
    for size in [1, 63, 64, 65, 1_000] where bytes.count < 1_000 || size > 60 {
      var pieces = SHA256()
      var start = 0
      while start < bytes.count {
        pieces.update(Array(bytes[start..<min(start + size, bytes.count)]))
        start += size
      }
      #expect(pieces.finished() == hash, "in pieces of \(size)")
    }
  }
}
