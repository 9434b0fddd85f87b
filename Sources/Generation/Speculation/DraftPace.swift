/// How many tokens are worth guessing: more after guesses that were right, fewer after wrong ones, and none for a
/// while where guessing keeps failing, so that a text without repetition costs little more than without guesses.
struct DraftPace {
  /// Where it begins.
  private static let start = 3
  /// The longest pause, in steps.
  private static let longestPause = 16

  private let most: Int
  private var length: Int
  private var failures = 0
  private var pause = 0

  /// A pace of at most `most` guesses a step.
  init(most: Int) {
    self.most = max(most, 0)
    length = min(Self.start, self.most)
  }

  /// How many tokens the next step should guess.
  mutating func next() -> Int {
    guard pause == 0 else {
      pause -= 1
      return 0
    }
    return length
  }

  /// Notes how a step's guesses did.
  mutating func note(guessed: Int, right: Int) {
    guard guessed > 0 else { return }
    guard right > 0 else {
      failures += 1
      length = 1
      pause = failures < 2 ? 0 : min(1 << (failures - 1), Self.longestPause)
      return
    }
    failures = 0
    length = min(right == guessed ? max(length, guessed * 2) : right + 1, most)
  }
}
