/// Orders of logits: the highest first, ties to the lower id. Partial orders avoid sorting the whole vocabulary.
package enum LogitOrder {
  /// The largest `count` for which ``highest(_:of:)`` uses a heap instead of sorting.
  static let mostScanned = 512

  /// A sort key that increases as the logit decreases; equal for -0 and 0.
  @inline(__always)
  static func key(_ logit: Float) -> UInt32 {
    let bits = (logit + 0).bitPattern
    return bits & 0x8000_0000 == 0 ? ~(bits | 0x8000_0000) : bits
  }

  /// The index of the highest logit; ties go to the lower index.
  static func best(_ logits: [Float]) -> Int {
    let highest = LogitRow.highest(of: logits)
    return logits.withUnsafeBufferPointer { row in row.firstIndex { $0 == highest } ?? 0 }
  }

  /// The indices of the `count` highest logits, in order. O(n + h log count), where h is the number of logits that
  /// enter the heap.
  package static func highest(_ count: Int, of logits: [Float]) -> [Int] {
    let count = min(count, logits.count)
    guard count > 0 else { return [] }
    guard count <= mostScanned else { return Array(sorted(logits).prefix(count)) }
    // A heap of the best keys so far, with the worst one on top. A key combines logit and index, so that ties are
    // ordered by index.
    var heap: [UInt64] = []
    heap.reserveCapacity(count)
    logits.withUnsafeBufferPointer { row in
      for index in 0..<count { heap.append(UInt64(key(row[index])) << 32 | UInt64(UInt32(index))) }
      heap.sort(by: >)
      var worst = row[Int(UInt32(truncatingIfNeeded: heap[0]))]
      for index in count..<row.count where row[index] > worst {
        heap[0] = UInt64(key(row[index])) << 32 | UInt64(UInt32(index))
        sink(&heap)
        worst = row[Int(UInt32(truncatingIfNeeded: heap[0]))]
      }
    }
    heap.sort()
    return heap.map { Int(UInt32(truncatingIfNeeded: $0)) }
  }

  private static func sink(_ heap: inout [UInt64]) {
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, heap[child + 1] > heap[child] { child += 1 }
      guard heap[child] > heap[parent] else { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }

  /// All indices, the highest logit first. A stable radix sort in three passes of 11 bits. O(n).
  static func sorted(_ logits: [Float]) -> [Int] {
    let count = logits.count
    var keys = logits.enumerated().map { UInt64(key($1)) << 32 | UInt64(UInt32($0)) }
    var other = [UInt64](repeating: 0, count: count)
    for shift in [32, 43, 54] as [UInt64] {
      var starts = [Int](repeating: 0, count: 2049)
      for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
      for digit in 1...2048 { starts[digit] += starts[digit - 1] }
      for key in keys {
        let digit = Int(key >> shift & 2047)
        other[starts[digit]] = key
        starts[digit] += 1
      }
      swap(&keys, &other)
    }
    return keys.map { Int(UInt32(truncatingIfNeeded: $0)) }
  }

  /// The `count`-th highest logit, or the lowest if there are fewer.
  static func threshold(_ count: Int, of logits: [Float]) -> Float {
    let count = min(count, logits.count)
    guard count > mostScanned else { return highest(count, of: logits).last.map { logits[$0] } ?? -.infinity }
    let top = LogitRow.highest(of: logits)
    var counts = [Int](repeating: 0, count: Buckets.count)
    for logit in logits { counts[Buckets.index(top - logit)] += 1 }
    var before = 0
    var bucket = 0
    while before + counts[bucket] < count {
      before += counts[bucket]
      bucket += 1
    }
    let within = logits.filter { Buckets.index(top - $0) == bucket }.sorted(by: >)
    return within[count - before - 1]
  }
}

/// A bucket sort by non-negative distances: 64 buckets per nat, and the last one for all larger distances. To find a
/// position in the sorted order, only one bucket is sorted.
enum Buckets {
  /// The number of buckets.
  static let count = 4096

  /// The bucket of a distance; does not decrease with the distance.
  @inline(__always)
  static func index(_ distance: Float) -> Int {
    let scaled = distance * 64
    return scaled < Float(count - 1) ? Int(scaled) : count - 1
  }

  /// Adds up weights in order of distance. Returns the index of the first element for which `isReached(sum)` is true,
  /// or `nil` if there is none.
  ///
  /// - Parameters:
  ///   - distances: non-negative numbers.
  ///   - weights: the weight of each element.
  ///   - descending: whether large distances come first. Equal distances are in ascending order of indices in both
  ///     cases, as in a stable sort.
  ///   - isReached: must be monotonic: once true, it stays true for every greater sum.
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
      // Rounding differs between this sum and the bucket's sum, so the running sum may end just below the limit.
      return members.last
    }
    return nil
  }
}
