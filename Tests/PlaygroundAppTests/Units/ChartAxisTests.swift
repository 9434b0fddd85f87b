import Testing

@testable import PlaygroundApp

@Suite struct ChartAxisTests {
  private static func labels(
    _ low: Double, _ high: Double, _ most: Int = 5, _ scale: ChartScale = .linear, isRounded: Bool = true
  ) -> [String] {
    ChartAxis(low...high, scale: scale, most: most, isRounded: isRounded).ticks.map(\.label)
  }

  @Test func marksAreRoundNumbers() {
    #expect(Self.labels(0.31, 0.69) == ["0.3", "0.4", "0.5", "0.6", "0.7"])
    #expect(Self.labels(0.31, 0.69, 3) == ["0.0", "0.5", "1.0"])
    #expect(Self.labels(2.1, 9.7) == ["2", "4", "6", "8", "10"])
    #expect(Self.labels(0, 1200, 7) == ["0", "200", "400", "600", "800", "1,000", "1,200"])
    #expect(Self.labels(0, 1_000_000, 6) == ["0", "200k", "400k", "600k", "800k", "1,000k"])
    #expect(Self.labels(1e-5, 3.2e-4) == ["0", "1e-4", "2e-4", "3e-4", "4e-4"])
    #expect(Self.labels(-1.5, 1.5) == ["-2", "-1", "0", "1", "2"])
    #expect(Self.labels(1.231, 1.234) == ["1.231", "1.232", "1.233", "1.234"])
  }

  @Test(arguments: [2, 3, 4, 5, 8, 13])
  func thereAreNeverTooManyMarksAndTheyCoverTheRange(most: Int) {
    for (low, high) in [(0.0, 1.0), (0.29, 0.31), (3, 3.0001), (1e-9, 1), (-5, 40), (1e6, 9e9), (99, 101)] {
      for scale in [ChartScale.linear, .logarithmic] where scale == .linear || low > 0 {
        let axis = ChartAxis(low...high, scale: scale, most: most)
        #expect(
          axis.ticks.count <= max(most, low < 0 ? 3 : 2) && axis.ticks.count >= (scale == .linear ? 2 : 1),
          "\(low) \(high) \(scale): \(axis.ticks)")
        #expect(axis.low <= low && axis.high >= high, "\(low) \(high) \(scale)")
        #expect(axis.ticks.map(\.value) == axis.ticks.map(\.value).sorted())
        #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count, "\(axis.ticks)")
      }
    }
  }

  @Test(arguments: [0, 3.5, -2, 1e-7, 5e8])
  func oneValueLiesBetweenTwoMarks(value: Double) throws {
    let axis = ChartAxis(value...value, most: 4)
    #expect(axis.low <= value && axis.high > value && axis.ticks.count >= 2)
    let place = try #require(axis.place(value))
    #expect(place >= 0 && place < 1)
  }

  @Test func marksOfALogarithmicScaleArePowersOfTen() {
    #expect(Self.labels(0.001, 100, 6, .logarithmic) == ["0.001", "0.01", "0.1", "1", "10", "100"])
    #expect(Self.labels(1.5, 80, 8, .logarithmic) == ["1", "2", "5", "10", "20", "50", "100"])
    #expect(Self.labels(1e-5, 9e-5, 4, .logarithmic) == ["1e-5", "2e-5", "5e-5", "1e-4"])
    #expect(Self.labels(2, 12_000, 5, .logarithmic) == ["1", "100", "1e4"])
    // A range of less than a factor of four has marks at equal differences.
    #expect(Self.labels(2.1, 3.9, 5, .logarithmic) == ["2.0", "2.5", "3.0", "3.5", "4.0"])
  }

  @Test func placesFollowTheScale() throws {
    let linear = ChartAxis(0...10, most: 3)
    #expect([0, 5, 10].map(linear.place) == [0, 0.5, 1])
    #expect(linear.place(11) == nil && linear.place(.nan) == nil && linear.place(.infinity) == nil)
    let logarithmic = ChartAxis(1...100, scale: .logarithmic, most: 3)
    let middle = try #require(logarithmic.place(10))
    #expect(abs(middle - 0.5) < 1e-12)
    #expect(logarithmic.place(0) == nil && logarithmic.place(-1) == nil)
  }

  @Test func unroundedEndsAreThoseOfTheRange() {
    let axis = ChartAxis(1...412, most: 5, isRounded: false)
    #expect(axis.low == 1 && axis.high == 412 && axis.ticks.map(\.label) == ["200", "400"])
  }

  @Test func numbersBesideMarksAreShort() {
    #expect(RoundStep.label(3, tenTo: -5) == "3e-5" && RoundStep.label(15, tenTo: -6) == "1.5e-5")
    #expect(RoundStep.label(5, tenTo: 3) == "5,000" && RoundStep.label(2, tenTo: 7) == "2e7")
    #expect(RoundStep.label(20, tenTo: -8) == "2e-7" && RoundStep.label(0, tenTo: -8) == "0")
    #expect(RoundStep.label(-25, tenTo: 9) == "-2.5e10" && RoundStep.label(12, tenTo: -2) == "0.12")
  }
}
