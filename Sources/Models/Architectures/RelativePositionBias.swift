import Tensors

/// T5's positions: a learned number for each head and each distance between a query and a key, added to their score.
/// Distances fall into buckets, one each while they are small, then ever wider ones up to a largest distance (Raffel et
/// al. 2020, section 2.1).
struct RelativePositionBias: Sendable {
  /// `[buckets, heads]`
  let weight: Tensor
  let heads: Int
  let buckets: RelativePositionBuckets

  /// The bias of queries over the keys from position 0 on.
  /// - Parameters:
  ///   - queries: the positions of the queries.
  ///   - keyCount: the number of keys.
  /// - Returns: `[heads, queries, keys]`
  func callAsFunction(queries: Range<Int>, keyCount: Int) -> Tensor {
    let farthest = queries.upperBound - 1
    let distances = farthest + keyCount - queries.lowerBound
    guard distances > 0, keyCount > 0 else { return .zeros([heads, queries.count, keyCount]) }
    let bucket = (0..<distances).map { buckets.bucket(of: $0 - farthest) }
    return Tensor(uninitialized: [heads, queries.count, keyCount]) { out in
      weight.withUnsafeScalars { weight in
        for head in 0..<heads {
          let byDistance = bucket.map { weight[$0 * heads + head] }
          for (row, query) in queries.enumerated() {
            // Key 0 is `query` before the query; from there the row runs through neighbouring distances.
            let target = out + (head * queries.count + row) * keyCount
            for key in 0..<keyCount { target[key] = byDistance[farthest - query + key] }
          }
        }
      }
    }
  }
}
