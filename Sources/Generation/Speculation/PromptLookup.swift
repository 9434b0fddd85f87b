import Sampling

/// Guesses that a text repeats itself: finds where its last ids stood before, and offers what followed there (Saxena
/// 2023, prompt lookup decoding).
public final class PromptLookup: Drafter {
  /// The lengths of the ends that are looked for, the longest first.
  private let lengths: [Int]

  /// A look-up of ends of `shortest` to `longest` ids.
  public init(shortest: Int = 2, longest: Int = 4) {
    precondition(shortest >= 1 && longest >= shortest, "ends of \(shortest) to \(longest) ids")
    lengths = Array((shortest...longest).reversed())
  }

  /// What followed the last place where the longest known end of the text stood. O(ids).
  public func draft(after history: TokenHistory, atMost count: Int) -> [Int] {
    let ids = history.ids
    for length in lengths where ids.count > length {
      let end = ids.count - length
      var place = end - 1
      while place >= 0 {
        if (0..<length).allSatisfy({ ids[place + $0] == ids[end + $0] }) {
          return Array(ids[(place + length)...].prefix(count))
        }
        place -= 1
      }
    }
    return []
  }
}
