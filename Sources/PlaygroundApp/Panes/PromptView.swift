import EngineAPI
import TerminalUI

/// The prompt: its text with faint token boundaries, and how much of the context it takes.
struct PromptView: Widget {
  var prompt: PromptState
  var context: PaneContext
  var title: String
  /// The tab's note after the token count.
  var note: String
  /// The id of a token to highlight, such as the mask.
  var loudToken: Int?
  /// The model's facts, once it is open.
  var information: ModelInformation?
  /// Whether the prompt has more tokens than fit into the model's context.
  var isTooLong: Bool
  /// What an empty prompt can begin with.
  var examples: [String]

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let count = countText(width: rect.width, separator: " \(grid.glyphs.separator) ")
    grid.box(rect, title: title, right: count.text, focused: context.isFocused)
    let inside = PromptView.room(context.pane)
    if count.loud > 0, let column = column(of: count.text, in: rect) {
      let loud = count.text.prefix(count.loud)
      grid.draw(String(loud), at: Point(column, rect.y), style: Style(.error, .bold))
    }
    let isFocused = context.isFocused && context.shell.overlay == nil
    let view = EditorView(prompt.editor, styles: styles(in: inside.size), isFocused: isFocused)
    grid.draw(view, in: inside)
    if prompt.editor.isEmpty { drawExample(in: inside, on: &grid) }
  }

  /// The rectangle of the text; a blank line stays above it if the pane is tall enough.
  static func room(_ pane: Layout.Pane) -> Rect {
    let inside = pane.frame.inset(columns: 2, rows: 1)
    let top = inside.height >= 4 ? 1 : 0
    return Rect(inside.x, inside.y + top, inside.width, inside.height - top)
  }

  private func column(of text: String, in rect: Rect) -> Int? {
    let column = rect.maxX - 3 - text.columnWidth
    return column > rect.x + 2 ? column : nil
  }

  /// `14 of 512 tokens · 2 masks`, shortened to fit `width`, and the number of leading characters to highlight: those
  /// of the count if it exceeds the context.
  private func countText(width: Int, separator: String) -> (text: String, loud: Int) {
    guard let information else { return ("", 0) }
    if let failure = prompt.failure {
      let text = failure.what.fitted(to: max(0, width - 9 - title.columnWidth))
      return (text, text.count)
    }
    let count = NumberText.grouped(prompt.tokens.count)
    let limit = information.contextLength.map { NumberText.grouped($0) }
    var text: String
    if width < 50 {
      text = limit.map { "\(count)/\($0)" } ?? "\(count) tok"
    } else {
      text = (limit.map { "\(count) of \($0)" } ?? count) + (count == "1" && limit == nil ? " token" : " tokens")
    }
    if information.context == .unknown { text += width < 50 ? "/?" : ", context not known" }
    // The total includes the task prefix and special tokens, so name the text's own count as well.
    if prompt.prefixLength > 0, width >= 50 {
      text += separator + "\(NumberText.grouped(prompt.ownCount)) of the text"
    }
    let loud = isTooLong ? text.prefix { $0 != " " }.count : 0
    if !note.isEmpty { text += separator + note }
    return (text, loud)
  }

  /// Every other token has a faint background; highlighted ones have the accent color. Tokens of an older text are used
  /// up to the first difference from the current text. Only the visible part is processed.
  private func styles(in size: Size) -> [StyledRange] {
    let text = prompt.editor.text
    let visible = prompt.editor.visibleBytes(in: size)
    let agreed = CommonBytes.prefix(text, prompt.tokenizedText)
    let isWhole = agreed == text.utf8.count && agreed == prompt.tokenizedText.utf8.count
    let shell = context.shell
    let scores = shell.colorsPrompt ? prompt.scores.heat(of: text, shell.heat) : nil
    var styles: [StyledRange] = []
    var end = 0
    prompt.tokens.forEachToken(endingAfter: prompt.prefixLength + visible.lowerBound) { index, span in
      guard let range = prompt.range(of: span), range.lowerBound >= end else { return true }
      guard range.lowerBound < visible.upperBound, isWhole || range.upperBound < agreed else { return false }
      end = range.upperBound
      if span.id == loudToken {
        styles.append(StyledRange(range, Style(.accent, .bold)))
      } else if span.isSpecial {
        styles.append(StyledRange(range, Style(.warning)))
      } else {
        let ground: Role? = index % 2 == 1 ? .tokenShade : nil
        let role = scores?(index, span.id, range.upperBound)
        if ground != nil || role != nil { styles.append(StyledRange(range, Style(role ?? .text, on: ground))) }
      }
      return true
    }
    return styles
  }

  /// An empty prompt shows the next example, dim, and the key that takes it.
  private func drawExample(in inside: Rect, on grid: inout CellGrid) {
    guard !examples.isEmpty else { return }
    let example = examples[prompt.example % examples.count]
    let wrapped = WrappedText(example, width: max(1, inside.width))
    for (row, line) in wrapped.lines.prefix(inside.height).enumerated() {
      let bytes = example.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count)
      let text = String(decoding: bytes, as: UTF8.self)
      grid.draw(text, at: Point(inside.x, inside.y + row), style: Style(.dim), maxWidth: inside.width)
    }
    guard inside.height > wrapped.lines.count else { return }
    let hint = "type, or take the example with \(grid.glyphs.isASCII ? "Right" : grid.glyphs.right)"
    let row = min(wrapped.lines.count + 1, inside.height - 1)
    grid.draw(hint, in: inside, row: row, style: Style(.dim, .italic))
  }
}
