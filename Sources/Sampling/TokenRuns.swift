/// A lookup table of token sequences ("runs"). Given a text, it finds the runs that the next id could complete.
///
/// A trie of the runs without their last id, in reverse. A lookup costs the length of the longest match plus the number
/// of runs found, independent of the total number of runs.
public struct TokenRuns: Sendable {
  private struct Step: Hashable {
    var node: Int
    var id: Int
  }

  private var steps: [Step: Int] = [:]
  /// For each node, the indices of the runs whose reversed path ends at it.
  private var found: [[Int]] = [[]]

  /// Creates a table. Empty runs are never found.
  public init(_ runs: some Sequence<[Int]> = []) {
    for (index, run) in runs.enumerated() where !run.isEmpty {
      var node = 0
      for id in run.dropLast().reversed() {
        let step = Step(node: node, id: id)
        if let next = steps[step] {
          node = next
        } else {
          steps[step] = found.count
          node = found.count
          found.append([])
        }
      }
      found[node].append(index)
    }
  }

  /// Finds the runs that the next token could complete: all ids of the run but the last are the newest ids. Calls
  /// `body` once per run length, shortest first, with the ascending indices of these runs.
  public func forEachLength(endingIn ids: [Int], _ body: ([Int]) -> Void) {
    if !found[0].isEmpty { body(found[0]) }
    var node = 0
    for id in ids.reversed() {
      guard let next = steps[Step(node: node, id: id)] else { return }
      node = next
      if !found[node].isEmpty { body(found[node]) }
    }
  }
}

/// The biases of ``ContextRules/sequenceBias`` in a lookup table.
struct SequenceBiasTable: Sendable {
  private var runs = TokenRuns()
  private var entries: [(id: Int, bias: Float, place: Int)] = []

  /// Creates a table. If a run is listed twice, the last bias is used.
  init(_ list: [ContextRules.SequenceBias] = []) {
    // The biases of an id are summed before they are added to its logit, in this order: single ids first, then runs in
    // the order in which their length first occurs in the list.
    var places: [Int: Int] = [1: 0]
    var biases: [[Int]: Double] = [:]
    for entry in list {
      places[entry.ids.count] = places[entry.ids.count] ?? places.count
      biases[entry.ids] = entry.bias
    }
    for (ids, bias) in biases {
      guard let last = ids.last, let place = places[ids.count] else { continue }
      entries.append((last, Float(bias), place))
    }
    runs = TokenRuns(biases.keys)
  }

  var isEmpty: Bool { entries.isEmpty }

  /// The biases for the logits of the next token after a text, by id.
  func sums(behind ids: [Int]) -> [Int: Float] {
    var lengths: [[Int]] = []
    runs.forEachLength(endingIn: ids) { lengths.append($0) }
    lengths.sort { entries[$0[0]].place < entries[$1[0]].place }
    var sums: [Int: Float] = [:]
    for index in lengths.joined() { sums[entries[index].id, default: 0] += entries[index].bias }
    return sums
  }
}
