/// A text as tokens.
public struct Encoding: Sendable, Equatable {
  /// The ids, special tokens included.
  public var ids: [Int]

  /// For each token the UTF-8 bytes of the text that it stands for, mapped back through normalization; `0..<0` for
  /// tokens that stand for no input. A token that is a part of a character has its part of the character's bytes.
  public var ranges: [Range<Int>]

  /// For each token whether it is a special one, also where it was written out in the text.
  public var special: [Bool]

  /// The number of tokens.
  public var count: Int { ids.count }

  /// An encoding of these tokens; the arrays have equal lengths.
  public init(ids: [Int], ranges: [Range<Int>], special: [Bool]) {
    precondition(ids.count == ranges.count && ids.count == special.count)
    self.ids = ids
    self.ranges = ranges
    self.special = special
  }
}
