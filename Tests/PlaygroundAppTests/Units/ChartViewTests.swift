import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct ChartViewTests {
  private static func drawn(
    _ chart: ChartView, _ width: Int, _ height: Int, glyphs: Glyphs = .unicode
  ) -> String {
    var grid = CellGrid(Size(width, height), glyphs: glyphs)
    grid.draw(chart, in: grid.bounds)
    return grid.plainText
  }

  private static func line(_ values: [Double], kind: ChartSeries.Kind = .line, letter: String? = nil) -> ChartSeries {
    ChartSeries(
      curve: Curve(values.enumerated().map { ChartPoint(Double($0.offset), $0.element) }), role: .streamA, kind: kind,
      letter: letter)
  }

  private static let falling = (0..<400).map { 2 + 8 / (1 + Double($0) / 20) }

  @Test func aFallingLossWithItsAxes() {
    expectScreen(
      Self.drawn(ChartView(series: [Self.line(Self.falling)]), 60, 12),
      """
      10 ┤⢇
         │⢸
       8 ┤⠘⡄
         │ ⢱
         │ ⠈⡆
       6 ┤  ⠘⣄
         │   ⠈⢦⡀
         │     ⠙⠦⣀
       4 ┤       ⠈⠙⠒⠤⢤⣀⡀
         │             ⠉⠉⠙⠒⠒⠒⠦⠤⠤⠤⠤⣄⣀⣀⣀⣀⣀⣀⣀
       2 ┤                               ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠓⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒
         └0────────────100───────────200──────────300──────── step
      """)
  }

  @Test func aFallingLossOnALogarithmicScale() {
    expectScreen(
      Self.drawn(ChartView(series: [Self.line(Self.falling)], scale: .logarithmic), 60, 12),
      """
      10 ┤⢣
         │⠘⡆
         │ ⠸⡄
         │  ⠙⣄
       5 ┤   ⠈⢣⡀
         │     ⠙⠢⣄
         │       ⠈⠙⠢⢄⣀
         │           ⠈⠉⠒⠦⠤⣄⣀⡀
         │                  ⠉⠉⠙⠒⠒⠢⠤⠤⠤⣄⣀⣀⣀⣀
         │                               ⠈⠉⠉⠉⠉⠉⠙⠒⠒⠒⠒⠒⠒⠒⠒⠦⠤⠤⠤⠤⠤⠤⠤⠤⠤
       2 ┤
         └0────────────100───────────200──────────300──────── step
      """)
  }

  @Test func withoutUnicodeDotsAreSigns() {
    expectScreen(
      Self.drawn(ChartView(series: [Self.line(Self.falling)], cursor: 200), 40, 8, glyphs: .ascii),
      """
      10 +:                 |
         |:                 |
         |':                |
         | :.               |
       5 +  ':.             |
         |    ':...         |
         |        '''''''':...................
         +0----------------200----------------
      """)
  }

  @Test func markedPointsLettersAndLostValues() {
    let values = Self.falling.enumerated().map { $0.offset == 250 ? Double.nan : $0.element }
    let held = Curve(stride(from: 50, to: 400, by: 50).map { ChartPoint(Double($0), Self.falling[$0] + 1) })
    expectScreen(
      Self.drawn(
        ChartView(
          series: [
            Self.line(values, letter: "A"), ChartSeries(curve: held, role: .streamA, kind: .marked),
            Self.line(Self.falling.map { $0 + 3 }, letter: "B"),
          ], reach: 0...800, cursor: 300),
        60, 14),
      """
      14 ┤                 ✗   │
         │⡇                    │
      12 ┤⢣                    │
         │⢸                    │
      10 ┤⡎⡇                   │
         │⢣⢱⡀                  │
       8 ┤⢸ ⢳⡀                 │
         │⠈⡆ ⠙⢦⣀               │
       6 ┤ ⢣   ⠈⠉⠓⠲⠤B⣄⣀⣀⣀⣀     │
         │ ⠈A○⠤⣀          ⠉⠉⠉⠉⠉⠉⠉⠉B⠙⠒⠒
       4 ┤   ⠳⣄⡀⠉○⠤⠤○⣀⡀        │
         │     ⠉⠓⠦⠤⣄⣀⣀⡈⠉○⠉⠉○⠉⠑⠒○⠒⠒○
       2 ┤            ⠉⠉⠉⠉A⠙⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒
         └0────────────200─────┴─────400──────────600──────── step
      """)
  }

  @Test func aLastValueThatIsNotFiniteHasItsPlaceAndItsCross() {
    let chart = ChartView(series: [Self.line([3, 2, 1, .nan])])
    #expect(Self.drawn(chart, 40, 8).contains("✗"))
    #expect(Curve([3, 2, .nan].enumerated().map { ChartPoint(Double($0), $1) }).endsLost)
    #expect(!Curve([3, .nan, 2].enumerated().map { ChartPoint(Double($0), $1) }).endsLost)
  }

  @Test func onePointIsADotBetweenTwoMarks() {
    expectScreen(
      Self.drawn(ChartView(series: [ChartSeries(curve: Curve([ChartPoint(7, 3.5)]), role: .accent)]), 40, 6),
      """
      6 ┤
        │
      4 ┤
        │                  ⠈
      2 ┤
        └6─────────────────7──────────────────
      """)
  }

  @Test func withLittleRoomThereIsARowOfBars() {
    expectScreen(
      Self.drawn(ChartView(series: [Self.line(Self.falling)]), 16, 1),
      """
      ▆▄▄▃▃▃▃▃▃▃▃▃▃▃▃▃
      """)
  }

  @Test func nothingToShowIsSaid() {
    let words = "the loss comes with the first step"
    #expect(Self.drawn(ChartView(series: [], emptyText: words), 50, 3).contains(words))
    #expect(Self.drawn(ChartView(series: [Self.line([.nan])], emptyText: words), 50, 3).contains(words))
    // On a logarithmic scale a curve without positive values is empty as well.
    let zero = ChartView(series: [Self.line([0, -1])], scale: .logarithmic, emptyText: words)
    #expect(Self.drawn(zero, 50, 3).contains(words))
  }

  @Test func aPeakAmongAMillionPointsIsDrawn() {
    var curve = Curve()
    for step in 0..<1_000_000 { curve.append(ChartPoint(Double(step), step == 500_000 ? 10 : 0)) }
    let lines = Self.drawn(ChartView(series: [ChartSeries(curve: curve, role: .accent)]), 60, 12)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let column = lines.dropLast().map { line in
      line.enumerated().contains { $0.offset > 20 && $0.offset < 45 && $0.element != " " }
    }
    // The peak is a line from the top to the bottom.
    #expect(!column.contains(false))
  }

  @Test func theValuesBehindASmoothedLineGiveWayToIt() {
    let noisy = (0..<200).map { 3 + ($0 % 2 == 0 ? 1.0 : -1.0) }
    let raw = Self.line(noisy, kind: .faint)
    let smooth = ChartSeries(curve: raw.curve.smoothed(0.9), role: .accent)
    var grid = CellGrid(Size(60, 12))
    grid.draw(ChartView(series: [raw, smooth]), in: grid.bounds)
    let roles = Set(
      (20..<50).flatMap { x in (0..<11).map { y in grid[Point(x, y)] } }.filter { $0.text != " " }.map(\.style.role))
    #expect(roles.contains(.border) && roles.contains(.accent))
    // In the middle row stands the smoothed line alone.
    let accents = (20..<50).map { x in (0..<11).filter { y in grid[Point(x, y)].style.role == .accent }.count }
    #expect(accents.allSatisfy { $0 <= 2 })
  }

  @Test(arguments: [Glyphs.unicode, .ascii])
  func nothingIsDrawnOutside(glyphs: Glyphs) {
    let series = [
      Self.line(Self.falling, kind: .faint), Self.line(Self.falling, letter: "A"),
      Self.line([1, .infinity], kind: .marked),
    ]
    for width in 0..<40 {
      for height in 0..<8 {
        var grid = CellGrid(Size(44, 12), glyphs: glyphs)
        grid.fill(grid.bounds, "x")
        grid.draw(ChartView(series: series, reach: 0...1000, cursor: 90), in: Rect(2, 2, width, height))
        for y in 0..<12 {
          for x in 0..<44 where !Rect(2, 2, width, height).contains(Point(x, y)) {
            #expect(grid[Point(x, y)].text == "x", "\(width) \(height) at \(x), \(y)")
          }
        }
      }
    }
  }
}
