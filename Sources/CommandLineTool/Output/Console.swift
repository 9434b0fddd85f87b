import JSONText
import LocalFiles
import TerminalUI

/// The two streams that a command writes to: data to standard output, everything else to standard error.
struct Console: Sendable {
  private let output: any OutputSink
  private let error: any OutputSink
  private let isQuiet: Bool
  /// Whether standard output is a terminal.
  let isTerminal: Bool
  /// Colours for standard output.
  let ink: Ink
  /// Signs for standard output.
  let glyphs: Glyphs
  /// Columns of the terminal.
  let columns: Int
  /// The bar on standard error while something takes time.
  let progress: ProgressLine
  /// Where the text on the terminal ends, which standard error may share.
  private let line: TextLine

  init(_ context: CommandContext, isQuiet: Bool = false, color: ColorChoice = .auto) {
    output = context.standardOutput
    error = context.standardError
    self.isQuiet = isQuiet
    isTerminal = context.terminal.output
    columns = context.terminal.columns
    ink = Ink(choice: color, environment: context.environment, isTerminal: isTerminal)
    glyphs = isTerminal && !Self.showsUnicode(context.environment) ? .ascii : .unicode
    let shows = context.terminal.error && !isQuiet && context.environment["TERM"] != "dumb"
    line = TextLine(isShared: isTerminal && context.terminal.error)
    progress = ProgressLine(sink: shows ? context.standardError : nil, columns: context.terminal.columns, after: line)
  }

  /// Writes data as it is.
  func write(_ text: String) throws(CommandError) {
    progress.clear()
    do {
      try output.write(Array(text.utf8))
      line.note(text)
    } catch {
      switch error {
      case .closed: throw .outputClosed
      case .failed(let reason): throw .unwritable(reason)
      }
    }
  }

  /// Writes a line of data.
  func writeLine(_ line: String = "") throws(CommandError) { try write(line + "\n") }

  /// Writes a JSON object on a line of its own: the same value on a terminal, where what would act on it is escaped.
  func write(_ json: JSONObject) throws(CommandError) {
    let text = JSONValue.object(json).serialized()
    try writeLine(isTerminal ? text.safeJSONForTerminal : text)
  }

  /// A model's text: exact bytes into a pipe, nothing that acts on a terminal.
  func modelText(_ text: String) -> String { isTerminal ? text.safeForTerminal : text }

  /// The longest notice, in bytes.
  private static let longestNotice = 2000

  /// A notice, unless they are silenced. That standard error can't be written to is no reason to stop.
  func note(_ text: String) {
    guard !isQuiet else { return }
    say("note: \(text.onOneLine.shortenedInTheMiddle(to: Self.longestNotice))\n")
  }

  /// An error, and its hint.
  func report(_ problem: CommandError) {
    say("error: \(problem.description)\n" + (problem.hint.map { "hint: \($0)\n" } ?? ""))
  }

  /// Writes lines to standard error. On a terminal that both streams share, they begin on a line of their own.
  private func say(_ lines: String) {
    progress.clear()
    try? error.write(Array(((line.end() ? "\n" : "") + lines).utf8))
  }

  /// By the first of the three variables that is set, as the C library has it.
  private static func showsUnicode(_ environment: [String: String]) -> Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let letters = locale.lowercased().filter { $0.isLetter || $0.isNumber }
    return letters.contains("utf8")
  }
}
