/// Names that a person may have meant.
public enum Spelling {
  /// The names nearest to a misspelt one, best first: those within a third of its length in edits, at most `count`.
  ///
  /// Case is ignored, and a name that starts with what was written counts as one edit away. Quadratic in the names'
  /// length; names longer than 64 characters have no near ones.
  public static func nearest(to name: String, among names: [String], count: Int = 2) -> [String] {
    let written = Array(name.lowercased())
    guard !written.isEmpty, written.count <= 64 else { return [] }
    let allowed = max(1, written.count / 3)
    let near = names.compactMap { candidate -> (name: String, distance: Int)? in
      let other = Array(candidate.lowercased())
      if written.count >= 2, other.starts(with: written) { return (candidate, 1) }
      guard other.count <= 64, abs(other.count - written.count) <= allowed else { return nil }
      let distance = edits(written, other)
      return distance <= allowed ? (candidate, distance) : nil
    }
    return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(count).map(\.name)
  }

  /// How many insertions, deletions, substitutions and swaps of neighbours lead from one to the other (optimal string
  /// alignment).
  static func edits(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
