/// The name that was probably meant: the one with the smallest edit distance, if that is at most a third of the length.
func nearest(to name: String, among names: [String]) -> String? {
  let limit = max(1, name.count / 3)
  return names.map { (name: $0, distance: editDistance(name, $0)) }
    .filter { $0.distance <= limit }
    .min { $0.distance < $1.distance }?.name
}

/// How many characters have to be put in, taken out, replaced or swapped with their neighbour to make one text the
/// other (Damerau 1964, each place changed once). Texts over 64 characters count as far apart: nobody misspells those.
private func editDistance(_ first: String, _ second: String) -> Int {
  let (first, second) = (Array(first), Array(second))
  guard max(first.count, second.count) <= 64 else { return .max }
  // rows[i][j]: the distance between the first i and the first j characters.
  var rows = [Array(0...second.count)]
  for (i, a) in first.enumerated() {
    var row = [i + 1]
    for (j, b) in second.enumerated() {
      var best = min(rows[i][j] + (a == b ? 0 : 1), row[j] + 1, rows[i][j + 1] + 1)
      if i > 0, j > 0, a == second[j - 1], b == first[i - 1] { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[first.count][second.count]
}
