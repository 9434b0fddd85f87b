import EngineAPI
import JSONText

/// A text and what a model made of it, best first; nothing for an empty text.
struct RewrittenText {
  let source: String
  let completions: [Completion]
  /// Whether the model read only the beginning of the source.
  var isCut = false
  /// The text that every completion continues.
  var begin = ""
  /// What is known of the best completion beyond its text.
  var depth: TranslationDepth?

  /// A completion with the text that it continues.
  func text(of completion: Completion) -> String { begin + completion.text }

  /// `{"source", "text", "score", "tokens", "candidates": [{"text", "score"}]}`, and `"truncated": true` where the
  /// source was cut.
  var json: JSONObject {
    let best = completions.first
    var object: JSONObject = [
      "source": .text(source), "text": .text(best.map(text) ?? ""), "score": .number(best?.score),
      "tokens": .objects((best?.tokens ?? []).map(\.generatedJSON)),
      "candidates": .objects(completions.map { ["text": .text(text(of: $0)), "score": .number($0.score)] }),
    ]
    if isCut { object["truncated"] = true }
    return object.followed(by: depth?.json ?? [:])
  }
}

/// Writes rewritten texts in one of the three output forms.
struct RewritingWriter {
  /// What the texts are.
  enum Kind: String {
    case translation, summary

    /// The key of the list in JSON.
    var key: String { self == .translation ? "translations" : "summaries" }
  }

  let kind: Kind
  let console: Console
  let form: OutputForm
  let model: ModelReference
  /// The number of candidates per text in text output.
  let shown: Int

  /// Writes a text, if the form allows it.
  func write(_ text: RewrittenText) throws(CommandError) {
    switch form {
    case .object: break
    case .lines:
      let head: JSONObject = ["type": .text(kind.rawValue)]
      try console.write(head.followed(by: text.json))
    case .text:
      guard shown > 1, !text.completions.isEmpty else {
        try console.writeLine(console.modelText(text.completions.first.map(text.text) ?? ""))
        for line in text.depth?.lines(console) ?? [] { try console.writeLine(line) }
        return
      }
      // The source of a summary is too long for a title.
      var table = Table([.right("score"), .left(kind == .translation ? text.source.onOneLine : kind.rawValue)])
      for completion in text.completions.prefix(shown) {
        table.add([Cells.number(completion.score), .init(text.text(of: completion).onOneLine)])
      }
      for line in table.lines(console.ink) + (text.depth?.lines(console) ?? []) { try console.writeLine(line) }
    }
  }

  /// Writes the end of the output.
  func finish(_ texts: [RewrittenText], interrupted: Bool) throws(CommandError) {
    var facts: JSONObject = ["model": .text(model.description)]
    if interrupted { facts["finish_reason"] = .text(FinishReason.interrupted.name) }
    var head: JSONObject
    switch form {
    case .text: return
    case .object:
      head = ["schema": 1]
      head[kind.key] = .objects(texts.map(\.json))
    case .lines:
      head = ["type": "finished", "schema": 1]
      head[kind.key] = .integer(texts.count)
    }
    try console.write(head.followed(by: facts))
  }
}
