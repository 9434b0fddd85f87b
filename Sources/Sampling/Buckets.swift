/// A coarse order by non-negative distances: 64 buckets a nat, the last one for all that is far. Finding a place in
/// an order then means sorting the few members of one bucket.
enum Buckets {
  /// How many buckets there are.
  static let count = 4096

  /// The bucket of a distance; never descends as the distance grows.
  @inline(__always)
  static func index(_ distance: Float) -> Int {
    let scaled = distance * 64
    return scaled < Float(count - 1) ? Int(scaled) : count - 1
  }

  /// Adds up weights in an order by distance and returns the index of the first element at which `isReached(sum)`
  /// holds, or `nil` if it never does.
  ///
  /// - Parameters:
  ///   - distances: non-negative numbers.
  ///   - weights: as many weights.
  ///   - descending: whether the far ones come first. Equal distances are in ascending order of indexes either way,
  ///     as in a stable sort.
  ///   - isReached: must hold for every greater sum once it holds.
  static func firstIndex(
    distances: [Float], weights: [Float], descending: Bool, isReached: (Double) -> Bool
  ) -> Int? {
    var masses = [Double](repeating: 0, count: count)
    masses.withUnsafeMutableBufferPointer { masses in
      for (distance, weight) in zip(distances, weights) { masses[index(distance)] += Double(weight) }
    }
    var sum = 0.0
    for step in 0..<count {
      let bucket = descending ? count - 1 - step : step
      guard masses[bucket] > 0 else { continue }
      guard isReached(sum + masses[bucket]) else {
        sum += masses[bucket]
        continue
      }
      let members = distances.indices.filter { index(distances[$0]) == bucket }.sorted { left, right in
        let (a, b) = (distances[left], distances[right])
        return a == b ? left < right : (a < b) != descending
      }
      for member in members {
        sum += Double(weights[member])
        if isReached(sum) { return member }
      }
      // The bucket's sum reached it and the members', added in another order, just did not.
      return members.last
    }
    return nil
  }
}
