import EngineAPI
import TerminalUI

/// The prompt of a task: its text, the tokens of it, and the prompts sent before.
public struct PromptState: Sendable, Equatable {
  /// The text and its cursor.
  public internal(set) var editor: TextEditor
  /// The tokens of `tokenizedText`, prefix included; they may be behind what is typed.
  var tokens: [TokenSpan] = []
  /// The text that `tokens` are of, without the prefix.
  var tokenizedText = ""
  /// UTF-8 bytes that stood before the text when it was tokenized: the task prefix of a translation.
  var prefixLength = 0
  /// The family of the models that it is for.
  let family: ModelFamily
  /// The latest request for tokens.
  var asked: TokenQuestion?
  /// The version of that request, until it is answered.
  var awaited: Int?
  /// Why the text has no tokens.
  var failure: EngineError?
  /// Earlier prompts.
  var history: PromptHistory
  /// Which of the task's examples comes next.
  var example = 0

  init(_ task: PlaygroundTask, settings: PlaygroundSettings) {
    family = task.family
    editor = TextEditor(settings.drafts[task] ?? "")
    history = PromptHistory(entries: settings.history[task] ?? [])
  }

  /// Whether the tokens are those that `question` asks for.
  func answers(_ question: TokenQuestion) -> Bool { awaited == nil && failure == nil && asked == question }

  /// The ids of the prompt.
  var ids: [Int] { tokens.map(\.token.id) }

  /// The byte range in the text that a token stands for; `nil` for special ones and those of the prefix.
  func range(of span: TokenSpan) -> Range<Int>? {
    guard span.range.upperBound > prefixLength, !span.range.isEmpty else { return nil }
    return max(0, span.range.lowerBound - prefixLength)..<(span.range.upperBound - prefixLength)
  }

  /// The index of the token that the cursor is at: the first whose end lies behind it; behind the last token of the
  /// text, the place where the next one will stand.
  var cursorPosition: Int {
    let cursor = editor.cursor
    var next: Int?
    for (index, span) in tokens.enumerated() {
      guard let range = range(of: span) else { continue }
      if range.upperBound > cursor { return index }
      next = index + 1
    }
    return next ?? endPosition
  }

  /// The place behind the last token that stands for text, before the special ones at the end.
  var endPosition: Int {
    if let last = tokens.lastIndex(where: { !$0.range.isEmpty }) { return last + 1 }
    // Of an empty text: special tokens that close it come last, all others before what is written.
    return tokens.count > 1 ? tokens.count - 1 : family == .causal ? tokens.count : 0
  }
}

/// What tokens are asked for.
struct TokenQuestion: Sendable, Equatable {
  /// What stands before the text: the task prefix of a translation.
  var prefix = ""
  /// The text.
  var text: String
  /// Whose tokens.
  var model: ModelReference
}
