import Platform

/// A point of a curve.
struct ChartPoint: Sendable, Equatable {
  /// The place on the horizontal axis, such as a step.
  var x: Double
  /// The value there.
  var y: Double

  /// A point.
  init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// A value that is recorded step by step, kept in bounded memory.
///
/// A short curve keeps all of its points. When there are more than ``most``, neighbors are merged to their first, last,
/// lowest and highest value, so that no peak is lost and drawing costs the same for 100 and for 1,000,000 points.
struct Curve: Sendable, Equatable {
  /// The maximum number of buckets.
  static let most = 2048

  /// Consecutive points.
  struct Bucket: Sendable, Equatable {
    /// The first and the last place.
    var start, end: Double
    /// The first and the last finite value.
    var first = 0.0, last = 0.0
    /// The lowest and the highest finite value.
    var low = 0.0, high = 0.0
    /// The sum of the finite values.
    var sum = 0.0
    /// The number of finite values.
    var known = 0
    /// The place of the first value that is not finite; `nil` if all are.
    var lost: Double?
    /// Whether the line is interrupted before the first finite value, and after the last one.
    var isCutBefore = false, isCutAfter = false

    /// The largest magnitude that has a place on an axis. Larger values count as infinite.
    private static let largest = 1e300

    /// One point.
    init(_ point: ChartPoint) {
      (start, end) = (point.x, point.x)
      guard abs(point.y) <= Bucket.largest else {
        (lost, isCutBefore, isCutAfter) = (point.x, true, true)
        return
      }
      (first, last, low, high, sum, known) = (point.y, point.y, point.y, point.y, point.y, 1)
    }

    /// The mean of the finite values; `nil` if there are none.
    var mean: Double? { known > 0 ? sum / Double(known) : nil }

    /// Appends the next bucket.
    mutating func add(_ next: Bucket) {
      end = next.end
      lost = lost ?? next.lost
      if next.known == 0 {
        isCutAfter = true
        return
      }
      if known == 0 {
        (first, low, high, isCutBefore) = (next.first, next.low, next.high, true)
      } else {
        (low, high) = (min(low, next.low), max(high, next.high))
      }
      (last, isCutAfter) = (next.last, next.isCutAfter)
      sum += next.sum
      known += next.known
    }
  }

  /// The points in order of their places.
  private(set) var buckets: [Bucket] = []
  /// The number of points in a full bucket; a power of two.
  private(set) var span = 1
  /// The number of points in the last bucket.
  private var filled = 0

  /// An empty curve.
  init() {}

  /// A curve of points.
  init(_ points: [ChartPoint]) { for point in points { append(point) } }

  /// Whether no value is finite.
  var isEmpty: Bool { !buckets.contains { $0.known > 0 } }

  /// The last finite value.
  var last: Double? { buckets.last { $0.known > 0 }?.last }

  /// Whether the last value is not finite.
  var endsLost: Bool { buckets.last.map { $0.isCutAfter || $0.known == 0 } ?? false }

  /// Adds a point. A point that does not lie after the last one replaces everything from its place on: a run that was
  /// resumed repeats the steps after its checkpoint.
  mutating func append(_ point: ChartPoint) {
    guard point.x.isFinite else { return }
    if let end = buckets.last?.end, point.x <= end { removeAll(from: point.x) }
    if filled == span || buckets.isEmpty {
      if buckets.count == Curve.most { halve() }
      if filled == span || buckets.isEmpty {
        buckets.append(Bucket(point))
        filled = 1
        return
      }
    }
    buckets[buckets.count - 1].add(Bucket(point))
    filled += 1
  }

  /// Removes the points from a place on. A merged bucket around the place stays.
  private mutating func removeAll(from x: Double) {
    while let bucket = buckets.last, bucket.start >= x { buckets.removeLast() }
    if let bucket = buckets.last, bucket.end >= x { buckets[buckets.count - 1].end = x.nextDown }
    filled = span
  }

  /// Merges neighbors.
  private mutating func halve() {
    let isOdd = buckets.count % 2 == 1
    buckets = stride(from: 0, to: buckets.count, by: 2).map { index in
      var pair = buckets[index]
      if index + 1 < buckets.count { pair.add(buckets[index + 1]) }
      return pair
    }
    filled = isOdd ? filled : span + filled
    span *= 2
  }

  /// The mean of the bucket that a place lies in or after; `nil` before the first one and where no value is finite.
  func value(at x: Double) -> Double? {
    var (low, high) = (0, buckets.count)
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle].start <= x { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? buckets[low - 1].mean : nil
  }

  /// The exponential moving average, as TensorBoard computes it: the weights of a place's predecessors fall by `factor`
  /// from point to point and are divided by their sum, so the first points are not drawn towards zero.
  ///
  /// - Parameter factor: 0 for the curve itself, below 1.
  func smoothed(_ factor: Double) -> Curve {
    guard factor > 0, factor < 1 else { return self }
    var result = self
    var (sum, weight) = (0.0, 0.0)
    for index in buckets.indices {
      let bucket = buckets[index]
      guard let mean = bucket.mean else { continue }
      let kept = bucket.known == 1 ? factor : pow(factor, Double(bucket.known))
      sum = kept * sum + (1 - kept) * mean
      weight = kept * weight + (1 - kept)
      let value = sum / weight
      var smooth = bucket
      (smooth.first, smooth.last, smooth.low, smooth.high) = (value, value, value, value)
      (smooth.sum, smooth.start, smooth.end) = (value * Double(bucket.known), bucket.start, bucket.end)
      result.buckets[index] = smooth
    }
    return result
  }
}
