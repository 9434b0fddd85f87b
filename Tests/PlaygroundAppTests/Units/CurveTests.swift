import Testing

@testable import PlaygroundApp

@Suite struct CurveTests {
  private static func curve(_ values: [Double]) -> Curve {
    Curve(values.enumerated().map { ChartPoint(Double($0.offset), $0.element) })
  }

  @Test func aShortCurveKeepsItsPoints() {
    let curve = Self.curve([3, 1, 2])
    #expect(curve.buckets.map(\.start) == [0, 1, 2] && curve.buckets.map(\.first) == [3, 1, 2])
    #expect(curve.last == 2 && curve.span == 1 && !curve.isEmpty)
  }

  @Test func aMillionPointsTakeBoundedMemoryAndKeepEveryPeak() {
    var curve = Curve()
    for step in 0..<1_000_000 {
      curve.append(ChartPoint(Double(step), step == 123_456 ? 50 : step == 654_321 ? -7 : Double(step % 3)))
    }
    #expect(curve.buckets.count <= Curve.most && curve.buckets.count > Curve.most / 4)
    #expect(curve.buckets.map(\.high).max() == 50 && curve.buckets.map(\.low).min() == -7)
    #expect(curve.buckets.reduce(0) { $0 + $1.known } == 1_000_000)
    #expect(curve.buckets.first?.start == 0 && curve.buckets.last?.end == 999_999)
    for (left, right) in zip(curve.buckets, curve.buckets.dropFirst()) { #expect(left.end + 1 == right.start) }
    #expect(curve.buckets.dropLast().allSatisfy { $0.known == curve.span })
  }

  @Test(arguments: [1, 5, Curve.most - 1, Curve.most, Curve.most + 1, 3 * Curve.most + 7])
  func theSumOfTheBucketsIsThatOfThePoints(count: Int) {
    let curve = Self.curve((0..<count).map { Double($0 % 11) })
    let expected = (0..<count).reduce(0.0) { $0 + Double($1 % 11) }
    #expect(curve.buckets.reduce(0) { $0 + $1.sum } == expected)
    #expect(curve.last == Double((count - 1) % 11))
  }

  @Test func aValueThatIsNotFiniteCutsTheLine() {
    let curve = Self.curve([1, .nan, 2, .infinity, 3])
    #expect(curve.buckets.map(\.known) == [1, 0, 1, 0, 1])
    #expect(curve.buckets.compactMap(\.lost) == [1, 3])
    #expect(curve.buckets[1].isCutBefore && curve.buckets[1].isCutAfter)
    #expect(Self.curve([.nan, -.infinity]).isEmpty && Self.curve([.nan]).last == nil)
  }

  @Test func mergedBucketsRememberWhatIsLost() {
    var bucket = Curve.Bucket(ChartPoint(0, .nan))
    bucket.add(Curve.Bucket(ChartPoint(1, 4)))
    #expect(bucket.known == 1 && bucket.first == 4 && bucket.last == 4 && bucket.low == 4 && bucket.high == 4)
    #expect(bucket.isCutBefore && !bucket.isCutAfter && bucket.lost == 0)
    bucket.add(Curve.Bucket(ChartPoint(2, .infinity)))
    #expect(bucket.isCutAfter && bucket.end == 2 && bucket.last == 4)
    bucket.add(Curve.Bucket(ChartPoint(3, 2)))
    #expect(!bucket.isCutAfter && bucket.last == 2 && bucket.low == 2 && bucket.mean == 3)
  }

  @Test func aRepeatedStepReplacesWhatCameAfterIt() {
    var curve = Self.curve([5, 4, 3, 2, 1])
    curve.append(ChartPoint(2, 9))
    #expect(curve.buckets.map(\.start) == [0, 1, 2] && curve.buckets.map(\.last) == [5, 4, 9])
    curve.append(ChartPoint(.nan, 1))
    #expect(curve.buckets.count == 3)
    curve.append(ChartPoint(-1, 7))
    #expect(curve.buckets.map(\.last) == [7])
  }

  @Test func repeatedStepsOfAMergedCurveKeepTheOrder() {
    var curve = Self.curve((0..<(4 * Curve.most)).map(Double.init))
    curve.append(ChartPoint(1001, 5))
    #expect(curve.buckets.last?.start == 1001 && curve.buckets.last?.last == 5)
    for (left, right) in zip(curve.buckets, curve.buckets.dropFirst()) { #expect(left.end < right.start) }
  }

  @Test func theValueAtAPlaceIsThatOfTheStepBefore() {
    let curve = Curve([ChartPoint(10, 1), ChartPoint(20, 2), ChartPoint(30, .nan)])
    #expect(curve.value(at: 9) == nil && curve.value(at: 10) == 1 && curve.value(at: 19) == 1)
    #expect(curve.value(at: 20) == 2 && curve.value(at: 31) == nil && Curve().value(at: 0) == nil)
  }

  @Test func smoothingIsTheMeanWithFallingWeights() {
    let smooth = Self.curve([4, 2, 6]).smoothed(0.5)
    // (4·½·½ + 2·½) ÷ ¾ and (4·⅛ + 2·¼ + 6·½) ÷ ⅞.
    #expect(smooth.buckets.map(\.last) == [4, (1 + 1) / 0.75, (0.5 + 0.5 + 3) / 0.875])
    #expect(Self.curve([4, 2]).smoothed(0) == Self.curve([4, 2]))
    #expect(Self.curve([4, 2]).smoothed(1) == Self.curve([4, 2]))
    // A constant curve stays as it is, merged or not, and so do gaps.
    let constant = Self.curve(Array(repeating: 3, count: 3 * Curve.most)).smoothed(0.9)
    #expect(constant.buckets.allSatisfy { abs($0.last - 3) < 1e-12 })
    #expect(Self.curve([1, .nan, 1]).smoothed(0.6).buckets.map(\.known) == [1, 0, 1])
  }
}
