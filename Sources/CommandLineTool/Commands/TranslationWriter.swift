import EngineAPI
import JSONText
import TerminalUI

/// A line and its translations, the best first; none of an empty line.
struct TranslatedLine {
  let source: String
  let completions: [Completion]

  /// `{"source", "text", "score", "tokens", "candidates": [{"text", "score"}]}`.
  var json: JSONObject {
    let best = completions.first
    return [
      "source": .text(source), "text": .text(best?.text ?? ""), "score": .number(best?.score),
      "tokens": .objects((best?.tokens ?? []).map(\.generatedJSON)),
      "candidates": .objects(completions.map { ["text": .text($0.text), "score": .number($0.score)] }),
    ]
  }
}

/// Writes translations in one of the three forms.
struct TranslationWriter {
  let console: Console
  let form: OutputForm
  let model: ModelReference
  /// How many candidates of each line are written as text.
  let shown: Int

  /// Writes a line as soon as it is translated, where the form allows it.
  func write(_ line: TranslatedLine) throws(CommandError) {
    switch form {
    case .object: break
    case .lines: try console.write(JSONObject(["type": "translation"]).followed(by: line.json))
    case .text:
      guard shown > 1, !line.completions.isEmpty else {
        return try console.writeLine(console.modelText(line.completions.first?.text ?? ""))
      }
      var table = Table([.right("score"), .left(line.source.onOneLine)])
      for completion in line.completions.prefix(shown) {
        table.add([Cells.number(completion.score), .init(completion.text.onOneLine)])
      }
      for line in table.lines(console.ink) { try console.writeLine(line) }
    }
  }

  /// Writes what comes after the last line.
  func finish(_ lines: [TranslatedLine], interrupted: Bool) throws(CommandError) {
    var facts: JSONObject = ["model": .text(model.description)]
    if interrupted { facts["finish_reason"] = .text(FinishReason.interrupted.name) }
    switch form {
    case .text: break
    case .object:
      let head: JSONObject = ["schema": 1, "translations": .objects(lines.map(\.json))]
      try console.write(head.followed(by: facts))
    case .lines:
      let head: JSONObject = ["type": "finished", "schema": 1, "translations": .integer(lines.count)]
      try console.write(head.followed(by: facts))
    }
  }
}
