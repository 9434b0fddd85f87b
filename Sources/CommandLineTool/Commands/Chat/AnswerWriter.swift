import EngineAPI
import JSONText
import TerminalUI

/// Writes an answer as it grows: calm prose, on a terminal with its reasoning dimmed.
struct AnswerWriter {
  let console: Console
  let form: OutputForm
  let reading: AnswerReading
  /// What the model has written, with its marks of reasoning.
  private var seen = ""
  /// Newlines that are written when text follows them.
  private var held = ""

  init(console: Console, form: OutputForm, reading: AnswerReading) {
    (self.console, self.form, self.reading) = (console, form, reading)
  }

  /// Writes a token with the text that became final with it.
  mutating func write(_ token: ScoredToken, _ text: String) throws(CommandError) {
    if form == .lines {
      let head: JSONObject = ["type": "token"]
      try console.write(head.followed(by: token.generatedJSON))
    }
    // Decoding leaves special tokens out, but marks of reasoning can be special.
    let mark = token.token.text
    let isMark = text.isEmpty && ReasoningMarks.known.contains { $0.open == mark || $0.close == mark }
    try write(isMark ? mark : text)
  }

  /// Writes text.
  mutating func write(_ text: String) throws(CommandError) {
    var text = text
    if seen.isEmpty, reading.dropsLeadingSpace, text.first == " " { text.removeFirst() }
    guard !text.isEmpty else { return }
    let wasReasoning = !seen.isEmpty && ReasonedText(seen, opened: reading.opened).isReasoning
    seen += text
    guard form == .text else { return }
    let isReasoning = wasReasoning || ReasonedText(seen, opened: reading.opened).isReasoning
    var shown = Substring(held + text)
    held = ""
    while let last = shown.last, last.isNewline {
      held = String(last) + held
      shown.removeLast()
    }
    let safe = console.modelText(String(shown))
    try console.write(isReasoning && console.isTerminal ? console.ink(safe, .dim) : safe)
  }

  /// Ends the answer with a newline.
  func end() throws(CommandError) {
    if form == .text { try console.writeLine() }
  }
}
