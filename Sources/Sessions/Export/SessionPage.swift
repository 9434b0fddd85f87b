import EngineAPI
import Platform

/// A session as a self-contained web page: no scripts, no external resources. Each token has the color of its
/// probability. Its numbers and candidates appear under the pointer; the numbers are also its `title`, for screen
/// readers.
extension Session {
  /// The page.
  public var html: String {
    var body = "<h1>Session</h1>\n"
    if let created { body += "<p>Begun \(Session.escaped(created)).</p>\n" }
    if !models.isEmpty {
      body += "<ul>\n"
      for model in models {
        let hash = model.sha256.map { ", SHA-256 <code>\(Session.escaped($0))</code>" } ?? ""
        body += "<li>Model <code>\(Session.escaped(model.reference.description))</code>\(hash)</li>\n"
      }
      body += "</ul>\n"
    }
    body += Session.legend
    for (number, text) in texts.enumerated() { body += Session.article(text, number + 1) }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Session</title>
      <style>
      \(Session.style)
      </style>
      </head>
      <body>
      \(body)</body>
      </html>

      """
  }

  private static func article(_ text: SessionText, _ number: Int) -> String {
    var facts = [escaped(text.model.description), escaped(text.origin)]
    if let logprob = text.logprob { facts.append("log p \(rounded(logprob))") }
    if let score = text.outcome?.score { facts.append("score \(rounded(score))") }
    if let reason = text.outcome?.reason { facts.append("ended: \(escaped(reason.name))") }
    var html = "<article>\n<h2>Text \(number)</h2>\n<p class=\"facts\">\(facts.joined(separator: " · "))</p>\n"
    if let source = text.source { html += "<blockquote>\(escaped(source))</blockquote>\n" }
    html += "<p class=\"text\">"
    // A character can span several tokens; it is written with the last of them.
    var held: [UInt8] = []
    for (index, token) in text.tokens.enumerated() {
      held += token.token.bytes
      let isLast = index + 1 == text.tokens.count
      guard isLast || String(validating: held, as: UTF8.self) != nil else { continue }
      html += span(String(decoding: held, as: UTF8.self), token, isByHand: text.tokens.isByHand(at: index))
      held = []
      if let name = text.names[index + 1] { html += "<b class=\"name\">\(escaped(name))</b>" }
      if text.marks.contains(index + 1) { html += "<b class=\"name\">★</b>" }
    }
    return html + "</p>\n</article>\n"
  }

  private static func span(_ text: String, _ token: ScoredToken, isByHand: Bool) -> String {
    guard let logprob = token.logprob else { return "<span>\(escaped(text))</span>" }
    var facts = ["\(percent(logprob))"]
    if let rank = token.rank { facts.append("rank \(rank)") }
    if let entropy = token.entropy { facts.append("\(rounded(entropy)) bits") }
    let candidates = token.top.map { top in
      "\(escaped(visible(top.token.text))) \(top.logprob.map(percent) ?? "not known")"
    }
    let classes = "t p\(step(logprob))" + (isByHand ? " hand" : "")
    let list = ([facts.joined(separator: ", ")] + candidates).map { "<i>\($0)</i>" }.joined()
    return
      "<span class=\"\(classes)\" tabindex=\"0\" title=\"\(facts.joined(separator: ", "))\">\(escaped(text))<span class=\"c\">\(list)</span></span>"
  }

  /// The step of the color scale: 0 above 50 %, 3 below 1 %.
  private static func step(_ logprob: Double) -> Int {
    let probability = exponential(logprob)
    return probability >= 0.5 ? 0 : probability >= 0.1 ? 1 : probability >= 0.01 ? 2 : 3
  }

  private static let legend = """
    <p class="facts">Probability of a token:
    <span class="p0">50 % or more</span> <span class="p1">10 to 50 %</span> <span class="p2">1 to 10 %</span>
    <span class="p3">below 1 %</span>. Underlined twice: chosen by hand.</p>

    """

  private static let style = """
    :root { --paper: #ffffff; --ink: #1b1b1b; --dim: #5d5d5d; --p1: #fdf0c8; --p2: #fbd9a0; --p3: #f5b5a3; --box: #f4f4f4; }
    @media (prefers-color-scheme: dark) {
      :root { --paper: #15171a; --ink: #e4e4e4; --dim: #a0a4a8; --p1: #3a3212; --p2: #573a10; --p3: #6b2718; --box: #23272b; }
    }
    body { background: var(--paper); color: var(--ink); font: 1rem/1.6 Georgia, serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
    h1, h2, .facts, .c { font-family: system-ui, sans-serif; }
    .facts, blockquote { color: var(--dim); }
    .facts { font-size: 0.85rem; }
    .text, blockquote { white-space: pre-wrap; overflow-wrap: anywhere; }
    .p1 { background: var(--p1); } .p2 { background: var(--p2); } .p3 { background: var(--p3); }
    .hand { text-decoration: underline double; }
    .name { font: 0.75rem system-ui, sans-serif; color: var(--dim); padding: 0 0.3em; }
    .t { position: relative; border-radius: 2px; }
    .c { display: none; position: absolute; left: 0; top: 1.5em; z-index: 1; background: var(--box); color: var(--ink); border: 1px solid var(--dim); border-radius: 4px; padding: 0.3em 0.6em; font-size: 0.8rem; white-space: pre; }
    .c i { display: block; font-style: normal; }
    .t:hover .c, .t:focus .c { display: block; }
    @media print { .c { display: none !important; } }
    """

  private static func percent(_ logprob: Double) -> String { rounded(100 * exponential(logprob)) + " %" }

  /// Three significant digits.
  private static func rounded(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value != 0 else { return "0" }
    let places = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
    guard places < 16 else { return "\(value)" }
    let scale = pow(10, Double(places))
    let text = "\((value * scale).rounded() / scale)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  static func exponential(_ value: Double) -> Double { exp(value) }

  /// Spaces and line breaks as visible characters.
  private static func visible(_ text: String) -> String {
    text.replacing(" ", with: "·").replacing("\n", with: "⏎").replacing("\t", with: "→")
  }

  /// Text for HTML. Control characters, which HTML does not allow, become U+FFFD.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}
