import EngineAPI
import TerminalUI

/// The tree of a session as HTML: a paragraph for each stretch of text from one fork to the next, and a `details`
/// element for each branch, which folds without a script. The numbers and candidates of a token appear while the
/// pointer is over it; its `title` attribute has the numbers for screen readers. They are formatted as on the screen.
struct SessionPageTree {
  /// Branches are open at first if there are no more than this.
  private static let mostOpen = 60
  /// Branches below this level stand beside those above them, because browsers limit how deep elements lie.
  private static let deepest = 100
  /// The characters of its text that a folded branch shows.
  private static let summaryLength = 72

  private let session: Session
  private let outline: TreeOutline
  private let namesModels: Bool
  private var html = ""

  private var tree: SessionTree { session.tree }

  init(_ session: Session) {
    self.session = session
    outline = TreeOutline(session.tree)
    let tree = session.tree
    namesModels = Set(outline.rows.compactMap { tree.origin(of: $0.start.node)?.model }).count > 1
  }

  /// The elements: an article for each text that begins on its own, and one for all results of a request.
  mutating func written() -> String {
    for (number, group) in groups().enumerated() {
      html += "<article>\n<h2>Text \(number + 1)</h2>\n"
      if let source = source(of: group[0]) { html += "<blockquote>\(Session.escaped(source))</blockquote>\n" }
      write(group.count == 1 ? [.stretch(group[0], level: 0, hasFacts: true)] : group.map { .branch($0, level: 0) })
      html += "</article>\n"
    }
    return html
  }

  /// The rows without a parent; those of the same source and request together.
  private func groups() -> [[Int]] {
    var groups: [[Int]] = []
    for row in outline.roots {
      let node = tree[outline.rows[row].start.node]
      let last = groups.last.flatMap { tree[outline.rows[$0[0]].start.node] }
      if let node, let last, node.source != nil, node.source == last.source, node.origin == last.origin {
        groups[groups.count - 1].append(row)
      } else {
        groups.append([row])
      }
    }
    return groups
  }

  /// The text that a row is a translation or a filling of.
  private func source(of row: Int) -> String? {
    tree[outline.rows[row].start.node]?.source.map { place in
      tree.typedText(before: place) ?? String(decoding: tree.path(to: place).flatMap(\.token.bytes), as: UTF8.self)
    }
  }

  /// What is to be written next. A list of these takes the place of recursion, so the depth of a tree has no limit.
  private enum Part {
    /// A row with what continues it.
    case stretch(Int, level: Int, hasFacts: Bool)
    /// The same, to be folded.
    case branch(Int, level: Int)
    /// The end of a branch.
    case end
  }

  private mutating func write(_ parts: [Part]) {
    var open = Array(parts.reversed())
    while let next = open.popLast() {
      switch next {
      case .end: html += "</details>\n"
      case .branch(let row, let level):
        let isOpen = outline.rows.count <= Self.mostOpen
        html += "<details\(isOpen ? " open" : "")><summary>\(summary(of: row))</summary>\n"
        open += [.end, .stretch(row, level: level, hasFacts: false)]
      case .stretch(let row, let level, let hasFacts):
        if hasFacts { html += "<p class=\"facts\">\(facts(of: row).joined(separator: " · "))</p>\n" }
        writeText(of: row)
        let children = outline.rows[row].children
        if children.count == 1 {
          open.append(.stretch(children[0], level: level, hasFacts: true))
        } else if level < Self.deepest {
          open += children.reversed().map { .branch($0, level: level + 1) }
        } else {
          open += children.reversed().map { .stretch($0, level: level, hasFacts: true) }
        }
      }
    }
  }

  // MARK: Facts

  /// The line of a branch: the probability of its first token, its first words while it is folded, and its facts.
  private func summary(of row: Int) -> String {
    let tokens = path(of: row)
    var html = ""
    if let logprob = tokens.first?.logprob {
      html += "<span class=\"p\(Self.step(logprob))\">\(Self.percent(logprob))</span> "
    }
    let bytes = tokens.prefix(Self.summaryLength).flatMap(\.token.bytes)
    let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if !text.isEmpty {
      let isCut = text.count > Self.summaryLength || tokens.count > Self.summaryLength
      let words = Session.escaped(String(text.prefix(Self.summaryLength))) + (isCut ? "…" : "")
      html += "<span class=\"words\">\(words)</span> "
    }
    return html + "<span class=\"facts\">\(facts(of: row).joined(separator: " · "))</span>"
  }

  /// Who made a row, its length and, at the end of a text, its probability and why it ended.
  private func facts(of row: Int) -> [String] {
    var facts: [String] = []
    if namesModels, let model = tree.origin(of: outline.rows[row].start.node)?.model {
      facts.append(Session.escaped(model.description))
    }
    for segment in outline.rows[row].segments {
      let words = Session.escaped(tree.origin(of: segment.node)?.words ?? "")
      if !words.isEmpty, !facts.contains(words) { facts.append(words) }
    }
    facts.append("\(NumberText.grouped(path(of: row).count)) tok")
    guard outline.rows[row].children.isEmpty else { return facts }
    let end = outline.end(of: row, in: tree)
    if let logprob = session.text(to: end).logprob { facts.append("log p \(NumberText.fixed(logprob, decimals: 1))") }
    guard let outcome = tree[end.node]?.outcome, end == tree.end(of: end.node) else { return facts }
    if let score = outcome.score { facts.append("score \(Session.escaped(NumberText.fixed(score, decimals: 2)))") }
    return facts + ["ended: \(Session.escaped(outcome.reason.name))"]
  }

  // MARK: Text

  private func path(of row: Int) -> TokenPath {
    tree.path(
      to: outline.end(of: row, in: tree), from: tree.length(of: outline.beginning(of: row, in: tree)))
  }

  private mutating func writeText(of row: Int) {
    let tokens = path(of: row)
    let signs = signs(of: row)
    guard !tokens.isEmpty || !signs.isEmpty else { return }
    html += "<p class=\"text\">"
    html += signs[0] ?? ""
    // A character can span several tokens; it is written with the last of them.
    var held: [UInt8] = []
    for (index, token) in tokens.enumerated() {
      held += token.token.bytes
      let isLast = index + 1 == tokens.count
      if isLast || String(validating: held, as: UTF8.self) != nil {
        let text = String(decoding: held, as: UTF8.self)
        writeToken(text, token, top: tokens.top(at: index), isByHand: tokens.isByHand(at: index))
        held = []
      }
      html += signs[index + 1] ?? ""
    }
    html += "</p>\n"
  }

  /// The names and marks of places on a row, by the number of its tokens before the place.
  private func signs(of row: Int) -> [Int: String] {
    var signs: [Int: String] = [:]
    var start = 0
    for segment in outline.rows[row].segments {
      guard let node = tree[segment.node] else { continue }
      let end = segment.to ?? node.tokens.count
      let isOn = { (count: Int) in count > segment.from && count <= end || count == 0 && segment.from == 0 }
      for (count, name) in node.labels where isOn(count) {
        signs[start + count - segment.from, default: ""] += "<b class=\"name\">\(Session.escaped(name))</b>"
      }
      for count in node.marks where isOn(count) {
        signs[start + count - segment.from, default: ""] += "<b class=\"name\">★</b>"
      }
      start += end - segment.from
    }
    return signs
  }

  private mutating func writeToken(_ text: String, _ token: ScoredToken, top: [RankedToken], isByHand: Bool) {
    guard let logprob = token.logprob else {
      html += "<span class=\"\(isByHand ? "hand" : "given")\">\(Session.escaped(text))</span>"
      return
    }
    var facts = [Self.percent(logprob)]
    if let rank = token.rank { facts.append("rank \(NumberText.grouped(rank))") }
    if let entropy = token.entropy { facts.append("entropy \(NumberText.fixed(entropy, decimals: 2)) bits") }
    let words = facts.joined(separator: ", ")
    html += "<span class=\"t p\(Self.step(logprob))\(isByHand ? " hand" : "")\" tabindex=\"0\" title=\"\(words)\">"
    html += Session.escaped(text) + "<span class=\"c\"><i>\(words)</i>"
    for ranked in top {
      let share = ranked.logprob.map { Session.exponential($0) } ?? 0
      html += "<i\(ranked.token.id == token.token.id ? " class=\"taken\"" : "")"
      html += " style=\"--p:\(NumberText.fixed(100 * min(max(share, 0), 1), decimals: 1))%\">"
      html +=
        "\(ranked.logprob.map(Self.percent) ?? "not known") \(Session.escaped(visible(bytes: ranked.token.bytes)))</i>"
    }
    html += "</span></span>"
  }

  /// The step of the color scale: 0 above 50 %, 3 below 1 %.
  private static func step(_ logprob: Double) -> Int {
    let probability = Session.exponential(logprob)
    return probability >= 0.5 ? 0 : probability >= 0.1 ? 1 : probability >= 0.01 ? 2 : 3
  }

  /// A probability as on the screen: `21.31 %`.
  private static func percent(_ logprob: Double) -> String {
    Session.escaped(String(NumberText.percent(Session.exponential(logprob)).drop { $0 == " " }))
  }
}
