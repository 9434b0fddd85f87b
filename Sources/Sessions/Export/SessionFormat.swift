import EngineAPI
import TerminalUI

/// The forms in which a session can be exported. The raw value is the usual ending of file names.
public enum SessionFormat: String, CaseIterable, Sendable {
  /// Markdown.
  case md
  /// JSON Lines, an object for each text.
  case jsonl
  /// Comma-separated values, a row for each token.
  case csv
  /// A web page with the whole tree.
  case html
  /// Text with colors for terminals.
  case ansi

  /// The form that a file name asks for by its ending, whatever its case; `nil` if its ending is no form's.
  public init?(fileName: String) {
    guard let dot = fileName.lastIndex(of: "."), !fileName[dot...].contains("/") else { return nil }
    switch fileName[fileName.index(after: dot)...].lowercased() {
    case "markdown": self = .md
    case "htm": self = .html
    case let ending: self.init(rawValue: ending)
    }
  }

  /// What it is, in words.
  public var words: String {
    switch self {
    case .md: "Markdown"
    case .jsonl: "JSON Lines: an object a text"
    case .csv: "a table: a row a token"
    case .html: "a web page: the whole tree"
    case .ansi: "colored text"
    }
  }

  /// A session in this form.
  public func text(of session: Session) -> String {
    switch self {
    case .md: session.markdown
    case .jsonl: session.jsonLines
    case .csv: session.csv
    case .html: session.html
    case .ansi: session.ansi
    }
  }
}

extension Session {
  /// The texts for a terminal of 256 colors: the prompt dim, each token in the color of its probability. Characters
  /// that a terminal would take for commands are spelled out.
  public var ansi: String {
    var result = ""
    for (number, text) in texts.enumerated() {
      let title = visible("── \(number + 1) · \(text.model) · \(text.origin) ──", keepsSpaces: true)
      result += Session.painted(title, "1") + "\n"
      if let source = text.source { result += Session.painted(source, "2") + "\n" }
      result += Session.painted(text.text(0..<text.promptCount), "2")
      // A character can span several tokens; it is written with the last of them.
      var held: [UInt8] = []
      for (index, token) in text.tokens.enumerated().dropFirst(text.promptCount) {
        held += token.token.bytes
        guard index + 1 == text.tokens.count || String(validating: held, as: UTF8.self) != nil else { continue }
        result += Session.painted(String(decoding: held, as: UTF8.self), Session.color(token.logprob))
        held = []
      }
      result += "\n"
    }
    return result
  }

  /// The code of the color of a probability; empty above 50 %, or if it is not known.
  private static func color(_ logprob: Double?) -> String {
    guard let logprob else { return "" }
    let probability = exponential(logprob)
    return probability >= 0.5 ? "" : probability >= 0.1 ? "38;5;136" : probability >= 0.01 ? "38;5;166" : "1;38;5;166"
  }

  private static func painted(_ text: String, _ codes: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map { visible($0, keepsSpaces: true) } }
      .map { $0.joined(separator: "\t") }
    return lines.map { $0.isEmpty || codes.isEmpty ? $0 : "\u{1B}[\(codes)m\($0)\u{1B}[0m" }.joined(separator: "\n")
  }
}
