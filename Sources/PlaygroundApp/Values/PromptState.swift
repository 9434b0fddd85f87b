import EngineAPI
import Sessions
import TerminalUI

/// The prompt of a tab: its text, the tokens of it, and the prompts sent before.
public struct PromptState: Sendable, Equatable {
  /// The text and its cursor.
  public internal(set) var editor: TextEditor
  /// The cursor on its version in the tree, from which undo and redo continue; `nil` before the first edit.
  var writer: CursorID?
  /// The tokens of `tokenizedText`, prefix included; the text may have changed since.
  var tokens = TokenizedText()
  /// The text that was tokenized to `tokens`, without the prefix.
  var tokenizedText = ""
  /// The UTF-8 length of what came before the text when it was tokenized: the task prefix of a translation.
  var prefixLength = 0
  /// Whether models continue the prompt. Otherwise the tokenizer ends it with special tokens.
  let isContinued: Bool
  /// The latest request for tokens.
  var asked: TokenQuestion?
  /// The version of that request, until it is answered.
  var awaited: Int?
  /// Why the text has no tokens.
  var failure: EngineError?
  /// The probabilities of its tokens, if they are shown.
  var scores = PromptScores()
  /// Earlier prompts.
  var history: PromptHistory
  /// Which of the tab's examples comes next.
  var example = 0

  /// The maximum length of a prompt, in bytes: about a million tokens, more than any model's context and still fast to
  /// edit.
  public static let mostBytes = Limits.promptBytes
  /// The notice if typed or pasted text exceeds this length.
  static let fullText = "prompt longer than can be edited: at most \(sizeText(mostBytes))"

  /// `4 MB`, `12 kB`, `7 bytes`.
  static func sizeText(_ bytes: Int) -> String {
    if bytes >= 1 << 20 { return "\(bytes >> 20) MB" }
    return bytes >= 1 << 10 ? "\(bytes >> 10) kB" : "\(bytes) bytes"
  }

  /// A tab's prompt at its start.
  init(_ tab: TabID, isContinued: Bool, settings: PlaygroundSettings) {
    self.isContinued = isContinued
    editor = TextEditor(settings.drafts[tab] ?? "", reportsChanges: true)
    history = PromptHistory(entries: settings.history[tab] ?? [])
  }

  /// Whether the tokens are those that `question` asks for.
  func answers(_ question: TokenQuestion) -> Bool { awaited == nil && failure == nil && asked == question }

  /// The number of tokens of the text itself, without task prefix and special tokens.
  var ownCount: Int {
    guard let last = tokens.lastIndexInText else { return 0 }
    var first = last + 1
    tokens.forEachToken(endingAfter: prefixLength) { index, span in
      guard range(of: span) != nil else { return true }
      first = index
      return false
    }
    return max(0, last + 1 - first)
  }

  /// The ids of the prompt.
  var ids: [Int] { tokens.ids }

  /// The byte range in the text that a token stands for; `nil` for special ones and those of the prefix.
  func range(of span: TokenizedText.Token) -> Range<Int>? {
    guard span.range.upperBound > prefixLength, !span.range.isEmpty else { return nil }
    return max(0, span.range.lowerBound - prefixLength)..<(span.range.upperBound - prefixLength)
  }

  /// The index of the token at the cursor: the first one that ends after it. At the end of the text, the index of the
  /// next token.
  var cursorPosition: Int {
    var position: Int?
    tokens.forEachToken(endingAfter: prefixLength + editor.cursor) { index, span in
      guard let range = range(of: span), range.upperBound > editor.cursor else { return true }
      position = index
      return false
    }
    return position ?? endPosition
  }

  /// The index after the last token of the text, before special tokens at the end.
  var endPosition: Int {
    if let last = tokens.lastIndexInText { return last + 1 }
    // In an empty text, only a special token that ends the text comes after the insertion point.
    return tokens.count > 1 ? tokens.count - 1 : isContinued ? tokens.count : 0
  }
}

/// A tokenization request.
struct TokenQuestion: Sendable, Equatable {
  /// The text before the prompt: the task prefix of a translation.
  var prefix = ""
  /// The text.
  var text: String
  /// The model whose tokenizer splits it.
  var model: ModelReference

  /// Compares texts by bytes, because canonically equivalent strings have different tokens.
  static func == (left: TokenQuestion, right: TokenQuestion) -> Bool {
    left.model == right.model && left.prefix == right.prefix && CommonBytes.areEqual(left.text, right.text)
  }
}

/// The history of sent prompts, with a position for moving through it. The unsent text is kept as the last entry.
public struct PromptHistory: Sendable, Equatable {
  /// The oldest entries are dropped beyond this many.
  static let most = 500
  /// Oldest first.
  private(set) var entries: [String]
  /// The entry that is shown; `entries.count` is the text being written.
  private var position: Int
  private var draft = ""

  init(entries: [String]) {
    self.entries = Array(entries.suffix(PromptHistory.most))
    position = self.entries.count
  }

  /// Adds a prompt as the newest, unless it equals the newest one.
  mutating func add(_ prompt: String) {
    if entries.last != prompt, !prompt.isEmpty { entries.append(prompt) }
    if entries.count > PromptHistory.most { entries.removeFirst(entries.count - PromptHistory.most) }
    position = entries.count
    draft = ""
  }

  /// The entry before the shown one, or `nil` at the oldest. `current` is kept if it was being written.
  mutating func earlier(than current: String) -> String? {
    guard position > 0 else { return nil }
    if position == entries.count { draft = current }
    position -= 1
    return entries[position]
  }

  /// The entry after the shown one, at the end the text that was being written.
  mutating func later() -> String? {
    guard position < entries.count else { return nil }
    position += 1
    return position == entries.count ? draft : entries[position]
  }
}

/// Byte-wise comparison of long texts; takes constant time for texts with shared storage.
enum CommonBytes {
  /// Whether two texts have the same bytes.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && prefix(left, right) == left.utf8.count
  }

  /// The length of the common prefix of two texts, in bytes.
  static func prefix(_ left: String, _ right: String) -> Int {
    withBytes(left) { left in
      withBytes(right) { right in prefix(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right)) }
    }
  }

  private static func prefix(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let count = min(left.count, right.count)
    if left.baseAddress == right.baseAddress { return count }
    var index = 0
    while index + 8 <= count,
      left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        == right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    { index += 8 }
    while index < count, left[index] == right[index] { index += 1 }
    return index
  }

  private static func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
  }
}
