/// Draws a `TextEditor` with styles by byte range.
public struct EditorView: Widget, Hashable {
  /// The text and its cursor.
  public var editor: TextEditor
  /// Styles by byte range, in ascending order and not overlapping; the rest is plain.
  public var styles: [StyledRange]
  /// Dim text shown while the field is empty.
  public var placeholder: String
  /// Whether the field shows the text cursor.
  public var isFocused: Bool

  /// A view of an editor.
  public init(_ editor: TextEditor, styles: [StyledRange] = [], placeholder: String = "", isFocused: Bool = true) {
    self.editor = editor
    self.styles = styles
    self.placeholder = placeholder
    self.isFocused = isFocused
  }

  /// Draws the visible lines and places the terminal's cursor.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    if editor.isEmpty, !placeholder.isEmpty {
      let lines = WrappedText(placeholder, width: rect.width)
      for (row, line) in lines.lines.prefix(rect.height).enumerated() {
        let text = placeholder.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count)
        grid.draw(String(decoding: text, as: UTF8.self), in: rect, row: row, style: Style(.dim))
      }
    }
    let layout = editor.layout(width: rect.width)
    let top = editor.visibleTop(in: rect.size, layout: layout)
    var next = styles[...]
    for row in 0..<min(rect.height, layout.count - top) {
      for grapheme in layout.graphemes(of: layout[top + row], in: editor.text, glyphs: grid.glyphs) {
        let offset = grapheme.range.lowerBound
        while let first = next.first, first.range.upperBound <= offset { next = next.dropFirst() }
        let style = next.first.map { $0.range.contains(offset) ? $0.style : .plain } ?? .plain
        let room = rect.width - grapheme.column
        grid.draw(grapheme.text, at: Point(rect.x + grapheme.column, rect.y + row), style: style, maxWidth: room)
      }
    }
    guard isFocused else { return }
    let place = layout.place(of: editor.cursor, in: editor.text)
    grid.cursor = Point(rect.x + min(place.x, rect.width - 1), rect.y + place.y - top)
  }
}

/// A style for a byte range of a text.
public struct StyledRange: Hashable, Sendable {
  /// UTF-8 bytes of the text.
  public var range: Range<Int>
  /// Their style.
  public var style: Style

  /// Creates a style for a range.
  public init(_ range: Range<Int>, _ style: Style) {
    self.range = range
    self.style = style
  }
}

/// A single-line text field, for searches and numbers. Inserted newlines become spaces.
public struct LineInput: Hashable, Sendable {
  /// The text and its cursor.
  public private(set) var editor: TextEditor

  /// A field with a text.
  public init(_ text: String = "") { editor = TextEditor(LineInput.oneLine(text)) }

  /// The text.
  public var text: String { editor.text }

  /// Inserts text at the cursor.
  public mutating func insert(_ text: String) { editor.insert(LineInput.oneLine(text)) }

  /// Performs a command. Commands that need several lines do nothing. Returns whether something changed.
  @discardableResult
  public mutating func apply(_ command: EditorCommand) -> Bool {
    switch command {
    case .newline, .lineUp, .lineDown: false
    default: editor.apply(command)
    }
  }

  /// Handles a keystroke. Returns false for keys without meaning in a single-line field: Enter, Up, Down and unknown
  /// keys.
  @discardableResult
  public mutating func handle(_ stroke: KeyStroke) -> Bool {
    if let command = EditorCommand(standard: stroke) {
      switch command {
      case .newline, .lineUp, .lineDown: return false
      default: apply(command)
      }
      return true
    }
    return stroke.typedCharacter != nil && editor.handle(stroke)
  }

  private static func oneLine(_ text: String) -> String {
    String(text.map { RunningForm.isNewline($0) || $0 == "\r" ? " " : $0 })
  }
}

/// Draws a `LineInput`, scrolled to show the cursor.
public struct LineInputView: Widget, Hashable {
  /// The field.
  public var input: LineInput
  /// The prompt before it, for example `/`.
  public var prompt: Span
  /// Dim text shown while the field is empty.
  public var placeholder: String
  /// Whether the field shows the text cursor.
  public var isFocused: Bool

  /// A view of a field.
  public init(_ input: LineInput, prompt: Span = Span(""), placeholder: String = "", isFocused: Bool = true) {
    self.input = input
    self.prompt = prompt
    self.placeholder = placeholder
    self.isFocused = isFocused
  }

  /// Draws into the first row of `rect`. `…` marks text that is cut at either side.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let start = grid.draw(prompt.text, at: rect.origin, style: prompt.style, maxWidth: rect.width)
    let field = Rect(rect.x + start, rect.y, rect.width - start, 1)
    guard field.width > 0 else { return }
    if input.text.isEmpty { grid.draw(placeholder, in: field, style: Style(.dim)) }
    let split = input.editor.cursorIndex
    let before = visible(input.text[..<split], glyphs: grid.glyphs, keepsSpaces: true)
    let behind = visible(input.text[split...], glyphs: grid.glyphs, keepsSpaces: true)
    let used = grid.draw(before.fitted(to: field.width - 1, .head, mark: grid.glyphs.ellipsis), at: field.origin)
    grid.draw(behind, at: Point(field.x + used, field.y), maxWidth: field.width - used, truncation: .tail)
    if isFocused { grid.cursor = Point(field.x + used, field.y) }
  }
}
