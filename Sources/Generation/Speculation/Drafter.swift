import Sampling

/// Guesses how a text goes on, so that one forward pass checks several tokens (Leviathan, Kalman, Matias 2023,
/// arXiv:2211.17192).
///
/// A guess never changes a token. The stream draws every token from the model's own logits with that token's own coin;
/// a guess only counts where it is what was drawn, and what was read beyond is forgotten.
public protocol Drafter: AnyObject {
  /// At most `count` ids that may follow a text, fewer or none where there is nothing to go by.
  /// - Throws: ``GenerationError/model(_:)``.
  func draft(after history: TokenHistory, atMost count: Int) throws(GenerationError) -> [Int]
}

/// The guesses of the first of several drafters that has one.
public final class DrafterList: Drafter {
  private let drafters: [any Drafter]

  /// Drafters, those to be asked first at the front.
  public init(_ drafters: [any Drafter]) { self.drafters = drafters }

  /// The first guesses that there are.
  public func draft(after history: TokenHistory, atMost count: Int) throws(GenerationError) -> [Int] {
    for drafter in drafters {
      let ids = try drafter.draft(after: history, atMost: count)
      if !ids.isEmpty { return ids }
    }
    return []
  }
}
