import JSONText
import LocalFiles
import Synchronization
import TerminalUI

/// The two streams that a command writes to: data to standard output, everything else to standard error.
struct Console: Sendable {
  private let output: any OutputSink
  private let error: any OutputSink
  private let isQuiet: Bool
  /// Whether standard output is a terminal.
  let isTerminal: Bool
  /// Colors for standard output.
  let ink: Ink
  /// Characters for standard output.
  let glyphs: Glyphs
  /// Columns of the terminal.
  let columns: Int
  /// The progress bar on standard error.
  let progress: ProgressLine
  /// Tracks whether the terminal's text, which standard error may share, ends in the middle of a line.
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

  /// Writes data unchanged.
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

  /// Writes a JSON object on a line of its own. On a terminal, characters that could act on it are escaped; the value
  /// is the same.
  func write(_ json: JSONObject) throws(CommandError) {
    let text = JSONValue.object(json).serialized()
    try writeLine(isTerminal ? text.safeJSONForTerminal : text)
  }

  /// A model's text: unchanged for a pipe, made safe for a terminal.
  func modelText(_ text: String) -> String { isTerminal ? text.safeForTerminal : text }

  /// The user ended a line at the terminal, so that the text continues on a new one.
  func didReadLine() { line.note("\n") }

  /// The maximum length of a notice, in bytes.
  private static let longestNotice = 2000

  /// Prints a notice, unless quiet. A failure to write to standard error is ignored.
  func note(_ text: String) {
    guard !isQuiet else { return }
    say("note: \(text.onOneLine.shortenedInTheMiddle(to: Self.longestNotice))\n")
  }

  /// Prints lines for the user that are no data: on a terminal to standard output, else to standard error.
  func aside(_ lines: [String]) throws(CommandError) {
    if isTerminal {
      for line in lines { try writeLine(line) }
    } else if !isQuiet {
      say(lines.map { $0 + "\n" }.joined())
    }
  }

  /// Prints an error and its hint.
  func report(_ problem: CommandError) {
    say("error: \(problem.description)\n" + (problem.hint.map { "hint: \($0)\n" } ?? ""))
  }

  /// Writes lines to standard error. If both streams share a terminal, they start on a new line.
  private func say(_ lines: String) {
    progress.clear()
    try? error.write(Array(((line.end() ? "\n" : "") + lines).utf8))
  }

  /// Uses the first of the three variables that is set, like the C library.
  private static func showsUnicode(_ environment: [String: String]) -> Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let letters = locale.lowercased().filter { $0.isLetter || $0.isNumber }
    return letters.contains("utf8")
  }
}

/// Colors text for a terminal, or leaves it unchanged.
struct Ink: Sendable {
  /// The color depth; `.none` leaves text unchanged.
  let depth: ColorDepth

  /// No color.
  static let plain = Ink(depth: .none)

  init(depth: ColorDepth) { self.depth = depth }

  /// The ink for the user's choice, the environment and the terminal.
  init(choice: ColorChoice, environment: [String: String], isTerminal: Bool) {
    let term = environment["TERM"] ?? ""
    let wanted =
      switch choice {
      case .always: true
      case .never: false
      case .auto: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && term != "dumb" && !term.isEmpty
      }
    depth = wanted ? Self.depth(term: term, colorTerm: environment["COLORTERM"] ?? "") : .none
  }

  private static func depth(term: String, colorTerm: String) -> ColorDepth {
    if ["truecolor", "24bit"].contains(colorTerm) || term.hasSuffix("-direct") { return .trueColor }
    return term.contains("256color") ? .indexed256 : .ansi16
  }

  /// The text in the color of a role.
  func callAsFunction(_ text: String, _ role: Role, _ attributes: Style.Attributes = []) -> String {
    guard depth != .none, !text.isEmpty, let theme = Self.theme else { return text }
    if case .heat(let place) = role, HeatPlace.step(place) == 0 { return text }
    var paint = theme.paint(Style(role, attributes), depth: depth)
    if case .heat(let place) = role, depth == .ansi16 { paint = Self.heat(place) }
    let codes = Self.codes(paint)
    return codes.isEmpty ? text : "\u{1B}[\(codes.joined(separator: ";"))m\(text)\u{1B}[0m"
  }

  /// The text in the color of a probability: plain above 50 %, warmer the more surprising it is.
  func callAsFunction(_ text: String, probability logprob: Double?) -> String {
    guard let logprob, let role = Cells.heat(logprob) else { return text }
    return self(text, role)
  }

  /// The background is the terminal's own, dark or light. Colors of medium lightness are readable on both.
  private static let theme: Theme? = {
    let gray = RGB(128, 128, 128)
    var colors = [RGB](repeating: gray, count: 16)
    colors[0] = RGB(0, 0, 0)
    colors[8] = RGB(214, 69, 65)
    colors[10] = RGB(176, 124, 10)
    colors[11] = RGB(63, 143, 74)
    colors[13] = RGB(58, 129, 200)
    return Scheme(colors).map { scheme in
      Theme(
        name: "command-line", scheme: scheme, overrides: [.accent: colors[13], .dim: gray, .text: gray],
        warmth: [RGB(176, 124, 10), RGB(222, 84, 20)])
    }
  }()

  /// A position beyond the first step, in colors of the 16-color palette that are readable on dark and light
  /// backgrounds. The last step has the color of the one before and an underline.
  private static func heat(_ place: UInt8) -> Paint {
    let step = HeatPlace.step(place)
    return Paint(foreground: .indexed(step < 2 ? 5 : 1), attributes: step < 3 ? [] : [.bold, .underline])
  }

  private static func codes(_ paint: Paint) -> [String] {
    var codes: [String] = []
    if paint.attributes.contains(.bold) { codes.append("1") }
    if paint.attributes.contains(.dim) { codes.append("2") }
    if paint.attributes.contains(.underline) { codes.append("4") }
    switch paint.foreground {
    case .standard: break
    case .indexed(let place) where place < 8: codes.append("\(30 + place)")
    case .indexed(let place) where place < 16: codes.append("\(82 + place)")
    case .indexed(let place): codes.append("38;5;\(place)")
    case .rgb(let color): codes.append("38;2;\(color.red);\(color.green);\(color.blue)")
    }
    return codes
  }
}

/// A progress line on a terminal, removed when other text is written. It is not shown while a text ends in the middle
/// of a line, which it would overwrite.
final class ProgressLine: Sendable {
  private let sink: (any OutputSink)?
  private let columns: Int
  private let text: TextLine
  /// The current content, so that the line is written only when it changes.
  private let shown = Mutex<String?>(nil)

  /// - Parameters:
  ///   - sink: The terminal; `nil` shows nothing.
  ///   - text: The text on the same terminal.
  init(sink: (any OutputSink)?, columns: Int, after text: TextLine) {
    self.sink = sink
    self.columns = columns
    self.text = text
  }

  /// Shows the progress of `title`.
  func show(_ title: String, _ fraction: Double) {
    guard let sink, !text.isOpen else { return }
    let percent = NumberText.wholePercent(fraction)
    let bar = Bar.text(fraction, width: 20)
    let padding = String(repeating: " ", count: 20 - bar.columnWidth)
    let line = "\(title.onOneLine) \(bar)\(padding) \(percent)".fitted(to: max(1, columns - 1))
    shown.withLock { shown in
      guard shown != line else { return }
      shown = line
      try? sink.write(Array("\r\u{1B}[K\(line)".utf8))
    }
  }

  /// Removes the line.
  func clear() {
    guard let sink else { return }
    shown.withLock { shown in
      guard shown != nil else { return }
      shown = nil
      try? sink.write(Array("\r\u{1B}[K".utf8))
    }
  }
}
