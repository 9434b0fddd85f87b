/// Runs of ids, looked up by the end of a text: which of them would the next id complete?
///
/// A tree over each run's ids but the last, read backwards. A look-up walks as far as the text agrees with some run, so
/// it costs the length of that agreement and the runs found, however many others there are.
public struct TokenRuns: Sendable {
  private struct Step: Hashable {
    var node: Int
    var id: Int
  }

  private var steps: [Step: Int] = [:]
  /// The indices of the runs whose ids but the last lead to a node.
  private var found: [[Int]] = [[]]

  /// A table of runs; an empty one is never found.
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

  /// Calls `body` with the indices, ascending, of the runs of one length whose ids but the last end `ids`: once for
  /// each length that has some, the shortest first.
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

/// The biases of ``ContextRules/sequenceBias``, each run once, ready to be looked up at each token.
struct SequenceBiasTable: Sendable {
  private var runs = TokenRuns()
  private var entries: [(id: Int, bias: Float, place: Int)] = []

  /// A table of biases. Of several for the same run the last counts.
  init(_ list: [ContextRules.SequenceBias] = []) {
    // The biases of an id are summed before they are added: single ids first, then runs by the place of their length
    // in the list.
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

  /// What is added to the logits of ids behind a text.
  func sums(behind ids: [Int]) -> [Int: Float] {
    var lengths: [[Int]] = []
    runs.forEachLength(endingIn: ids) { lengths.append($0) }
    lengths.sort { entries[$0[0]].place < entries[$1[0]].place }
    var sums: [Int: Float] = [:]
    for index in lengths.joined() { sums[entries[index].id, default: 0] += entries[index].bias }
    return sums
  }
}
