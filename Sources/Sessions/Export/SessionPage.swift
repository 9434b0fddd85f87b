import EngineAPI
import Platform

/// A session as a self-contained web page: no scripts, no external resources. It has the whole tree (SessionPageTree);
/// each token has the color of its probability.
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
    var tree = SessionPageTree(self)
    body += tree.written()
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

  private static let legend = """
    <p class="facts">Probability of a token:
    <span class="p0">50 % or more</span> <span class="p1">10 to 50 %</span> <span class="p2">1 to 10 %</span>
    <span class="p3">below 1 %</span>. Underlined twice: chosen by hand. A token under the pointer shows its numbers
    and the likeliest candidates. A branch opens and closes at its first line.</p>

    """

  private static let style = """
    :root {
      --paper: #ffffff; --ink: #1b1b1b; --dim: #5d5d5d; --line: #c9c9c9; --p1: #fdf0c8; --p2: #fbd9a0; --p3: #f5b5a3;
      --box: #f4f4f4; --bar: #cfe0f2;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #15171a; --ink: #e4e4e4; --dim: #a0a4a8; --line: #3d4248; --p1: #3a3212; --p2: #573a10; --p3: #6b2718;
        --box: #23272b; --bar: #2f4258;
      }
    }
    body {
      background: var(--paper); color: var(--ink); font: 1rem/1.6 Georgia, serif; margin: 2rem auto;
      max-width: 50rem; padding: 0 1rem;
    }
    h1, h2, .facts, .c, summary { font-family: system-ui, sans-serif; }
    h2 { border-top: 1px solid var(--line); font-size: 1.1rem; margin: 2rem 0 0.5rem; padding-top: 1rem; }
    .facts, blockquote { color: var(--dim); }
    .facts { font-size: 0.85rem; }
    .text { margin: 0.2rem 0 0.6rem; }
    p.facts { margin: 0.4rem 0 0; }
    .text, blockquote { white-space: pre-wrap; overflow-wrap: anywhere; }
    .given { font-weight: bold; }
    details { border-left: 2px solid var(--line); margin: 0.5rem 0; padding-left: 0.8rem; }
    summary { cursor: pointer; font-size: 0.85rem; overflow-wrap: anywhere; }
    details[open] > summary > .words { display: none; }
    .words { font-family: Georgia, serif; }
    .p1 { background: var(--p1); } .p2 { background: var(--p2); } .p3 { background: var(--p3); }
    .hand { text-decoration: underline double; }
    .name { font: 0.75rem system-ui, sans-serif; color: var(--dim); padding: 0 0.3em; }
    .t { position: relative; border-radius: 2px; }
    .t:hover, .t:focus { outline: 1px solid var(--dim); }
    .c {
      display: none; position: absolute; left: 0; top: 1.6em; z-index: 1; background: var(--box); color: var(--ink);
      border: 1px solid var(--dim); border-radius: 4px; padding: 0.3em 0.6em; font-size: 0.8rem; font-weight: normal;
      min-width: 12em; white-space: pre;
    }
    .c i {
      display: block; font-style: normal; padding: 0 0.3em;
      background: linear-gradient(to right, var(--bar) var(--p), transparent var(--p));
    }
    .c i.taken { font-weight: bold; }
    .t:hover .c, .t:focus .c { display: block; }
    @media (max-width: 44rem) { .c { position: fixed; inset: auto 1rem 1rem 1rem; } }
    @media print { .c { display: none !important; } }
    """

  static func exponential(_ value: Double) -> Double { exp(value) }

  /// Text for HTML. Control characters, which HTML does not allow, become U+FFFD.
  static func escaped(_ text: String) -> String {
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
