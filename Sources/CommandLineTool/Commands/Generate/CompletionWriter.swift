import EngineAPI
import JSONText
import TerminalUI

/// Writes texts while they grow, in one of the three forms.
struct CompletionWriter {
  let console: Console
  let form: OutputForm
  /// How many texts there will be.
  var total: Int

  /// A text begins. On a terminal the prompt stands before it, so that it reads on; into a pipe goes the new text
  /// alone.
  func begin(_ number: Int, prompt: String, score: Double? = nil) throws(CommandError) {
    guard form == .text else { return }
    if total > 1 {
      let dash = console.glyphs.rule + console.glyphs.rule
      let value = score.map { " \(console.glyphs.separator) score \(NumberText.fixed($0, decimals: 4))" } ?? ""
      try console.writeLine(console.ink("\(dash) \(number + 1) of \(total)\(value) \(dash)", .heading))
    }
    if console.isTerminal, !prompt.isEmpty { try console.write(console.ink(prompt.safeForTerminal, .dim)) }
  }

  /// A token was made, and with it some text became final.
  func write(_ token: ScoredToken, text: String, sequence: Int) throws(CommandError) {
    switch form {
    case .object: break
    case .lines:
      let head: JSONObject = ["type": "token", "sequence": .integer(sequence)]
      try console.write(head.followed(by: token.generatedJSON))
    case .text:
      if !text.isEmpty { try console.write(console.ink(console.modelText(text), probability: token.logprob)) }
    }
  }

  /// Text without a token of its own: what was held back, or all of it.
  func write(_ text: String) throws(CommandError) {
    if form == .text, !text.isEmpty { try console.write(console.modelText(text)) }
  }

  /// A text ends, with a newline.
  func end() throws(CommandError) {
    if form == .text { try console.writeLine() }
  }

  /// All texts have ended.
  func finish(_ report: GenerationReport) throws(CommandError) {
    if form != .text, report.ending == .time { console.note("ended by \(FinishReason.time.words)") }
    switch form {
    case .object: try console.write(report.json)
    case .lines: try console.write(report.lastLine)
    case .text:
      let speed = report.tokensPerSecond.map { ", \(NumberText.rate($0))" } ?? ""
      let ending = report.ending.map { ", ended by \($0.words)" } ?? ""
      let guesses =
        report.guesses.map { made, right in
          let share = NumberText.fixed(Double(right) / Double(made) * 100, decimals: 0)
          return ", \(share) % of \(NumberText.grouped(made)) guesses right"
        } ?? ""
      console.note("\(NumberText.grouped(report.tokens)) tokens\(speed)\(ending)\(guesses)")
    }
  }
}

extension FinishReason {
  /// For people.
  fileprivate var words: String {
    switch self {
    case .stop: "a stop string"
    case .length: "the limit of tokens"
    case .time: "the limit of time"
    case .endOfText: "end of text"
    case .interrupted: "a signal"
    case .failed: "an error"
    }
  }
}
