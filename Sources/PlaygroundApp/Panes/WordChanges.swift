/// Which words of a text are not in an earlier one, in their order.
enum WordChanges {
  /// The most words that are compared; the rest of a longer text counts as changed.
  static let most = 256

  /// For each word of `now` whether it is new: whether a shortest edit of `before` inserts it.
  static func isNew(_ now: [Substring], before: [Substring]) -> [Bool] {
    var result = now.indices.map { $0 >= most }
    for case .insert(let offset, _, _) in now.prefix(most).difference(from: before.prefix(most)) {
      result[offset] = true
    }
    return result
  }
}
