import EngineAPI
import JSONText

/// A session as text for other programs.
extension Session {
  /// Markdown: a heading for each text, with its source, prompt and continuation.
  public var markdown: String {
    var lines = ["# Session", ""]
    if let created { lines += ["Begun \(created).", ""] }
    for model in models {
      let hash = model.sha256.map { ", SHA-256 `\($0)`" } ?? ""
      lines.append("- model `\(model.reference)`\(hash)")
    }
    for (number, text) in texts.enumerated() {
      let logprob = text.logprob.map { ", log p \($0)" } ?? ""
      let score = text.outcome?.score.map { ", score \($0)" } ?? ""
      lines += ["", "## Text \(number + 1)", "", "\(text.model), \(text.origin)\(logprob)\(score)", ""]
      if let source = text.source { lines += Session.quoted(source) + [""] }
      let prompt = text.text(0..<text.promptCount)
      if !prompt.isEmpty { lines += Session.quoted(prompt) + [""] }
      lines += Session.fenced(text.text(text.promptCount..<text.tokens.count))
      for (count, name) in text.names.sorted(by: { $0.key < $1.key }) {
        lines += ["", "- place \(count): \(Session.onOneLine(name))"]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// JSON Lines: an object for each text, with its tokens as in the JSON of `generate`.
  public var jsonLines: String {
    texts.map { text in
      var object: JSONObject = ["schema": 1, "node": .integer(text.place.node.number)]
      object["model"] = JSONValue(text.model.description)
      object["origin"] = JSONValue(text.origin)
      object["source"] = text.source.map { JSONValue($0) }
      object["prompt"] = JSONValue(text.text(0..<text.promptCount))
      object["text"] = JSONValue(text.text(text.promptCount..<text.tokens.count))
      object["finish_reason"] = text.outcome.map { JSONValue($0.reason.name) } ?? .null
      object["score"] = text.outcome?.score.map { .double($0) }
      object["logprob"] = text.logprob.map { .double($0) } ?? .null
      object["tokens"] = .array(
        text.tokens.map { token in
          [
            "id": .integer(token.token.id), "text": JSONValue(token.token.text),
            "bytes": .array(token.token.bytes.map { .integer(Int($0)) }),
            "logprob": token.logprob.map { .double($0) } ?? .null, "rank": token.rank.map { .integer($0) } ?? .null,
            "entropy": token.entropy.map { .double($0) } ?? .null,
            "sampled_logprob": token.sampledLogprob.map { .double($0) } ?? .null,
          ]
        })
      return JSONValue.object(object).serialized() + "\n"
    }.joined()
  }

  /// CSV (RFC 4180): a row for each token of each text. A cell that a spreadsheet would take for a formula begins with
  /// an apostrophe.
  public var csv: String {
    var rows = [
      ["text", "node", "position", "id", "token", "logprob", "probability_percent", "rank", "entropy", "by_hand"]
    ]
    for (number, text) in texts.enumerated() {
      for (index, token) in text.tokens.enumerated() {
        let logprob = token.logprob
        rows.append([
          "\(number + 1)", "\(text.tokens.node(at: index).number)", "\(index)", "\(token.token.id)", token.token.text,
          logprob.map { "\($0)" } ?? "", logprob.map { "\(100 * Session.exponential($0))" } ?? "",
          token.rank.map { "\($0)" } ?? "", token.entropy.map { "\($0)" } ?? "",
          text.tokens.isByHand(at: index) ? "true" : "false",
        ])
      }
    }
    return rows.map { $0.enumerated().map { Session.cell($1, isText: $0 == 4) }.joined(separator: ",") + "\r\n" }
      .joined()
  }

  private static func cell(_ text: String, isText: Bool) -> String {
    var text = text
    if isText, let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + text }
    guard
      text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) || text.hasPrefix(" ")
        || text.hasSuffix(" ")
    else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private static func quoted(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "> " + $0 }
  }

  /// A code block whose fence is longer than any in the text.
  private static func fenced(_ text: String) -> [String] {
    var (longest, run) = (2, 0)
    for character in text.unicodeScalars {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return [fence + "text", text, fence]
  }

  static func onOneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
