/// Which words of a text are not in an earlier one, in their order.
enum WordChanges {
  /// The most words that are compared; the rest of a longer text counts as changed.
  static let most = 256

  /// For each word of `now` whether it is new: not part of a longest common sequence of words with `before`.
  static func isNew(_ now: [Substring], before: [Substring]) -> [Bool] {
    let (rows, columns) = (min(now.count, most), min(before.count, most))
    var result = Array(repeating: true, count: now.count)
    guard rows > 0, columns > 0 else { return result }
    // lengths[i][j]: the length of a longest common sequence of now[i...] and before[j...].
    var lengths = Array(repeating: Array(repeating: 0, count: columns + 1), count: rows + 1)
    for i in stride(from: rows - 1, through: 0, by: -1) {
      for j in stride(from: columns - 1, through: 0, by: -1) {
        lengths[i][j] =
          now[i] == before[j] ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var (i, j) = (0, 0)
    while i < rows, j < columns {
      if now[i] == before[j] {
        result[i] = false
        (i, j) = (i + 1, j + 1)
      } else if lengths[i + 1][j] > lengths[i][j + 1] {
        i += 1
      } else {
        // Of several longest sequences the one that begins first in the new text.
        j += 1
      }
    }
    return result
  }
}
