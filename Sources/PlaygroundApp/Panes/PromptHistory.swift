/// The prompts sent so far, walked through with a key; the text that was being written waits at the end.
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

  /// Adds a prompt as the newest; one that stands there already is not added twice.
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
