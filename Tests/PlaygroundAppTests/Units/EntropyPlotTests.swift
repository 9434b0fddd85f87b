import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The plot of entropies: one scale, gaps where nothing is known, a bounded amount of work.
@Suite struct EntropyPlotTests {
  private func plot(_ entropies: [Double?]) -> EntropyPlot {
    var plot = EntropyPlot()
    for entropy in entropies { plot.append(entropy) }
    return plot
  }

  private func row(_ plot: EntropyPlot, width: Int, glyphs: Glyphs = .unicode, cursor: Int? = nil) -> String {
    var grid = CellGrid(Size(width, 1), glyphs: glyphs)
    grid.draw(EntropyPlotView(plot: plot, cursor: cursor), in: grid.bounds)
    return grid.lines[0]
  }

  @Test func anEighthOfTheHeightIsABit() {
    let bits: [Double?] = [0, 0.9, 1, 2.5, 3, 4, 5, 6, 7, 20, .infinity, .nan]
    #expect(row(plot(bits), width: 19) == "▁▁▂▃▄▅▆▇██         ")
    #expect(row(plot(bits), width: 19, glyphs: .ascii) == "___..--=##         ")
  }

  @Test func anUnknownEntropyIsAGapInThePlot() {
    #expect(row(plot([1, nil, nil, 3]), width: 12) == "▂  ▄        ")
    #expect(row(plot([nil, nil]), width: 30).hasSuffix("    - bits"))
    #expect(plot([nil]).mean == nil)
  }

  @Test func theMeanStandsAtTheRightAndKeepsItsPlace() {
    #expect(row(plot([1, 2]), width: 72).hasSuffix("   1.50 bits a token"))
    #expect(row(plot([12, 12]), width: 72).hasSuffix("  12.00 bits a token"))
    #expect(row(plot([1, 2]), width: 30).hasSuffix("   1.50 bits"))
  }

  @Test(arguments: [1, 2, 17, 511, 512, 513, 1_000, 5_000])
  func cellsFitAndLoseNothing(count: Int) {
    let plot = plot((0..<count).map { Double($0 % 8) })
    for columns in [1, 7, 50, 200] {
      let cells = plot.cells(columns: columns)
      #expect(cells.count <= columns && !cells.isEmpty)
      #expect(cells.allSatisfy { $0.map { (0...7).contains($0) } ?? false })
      #expect(plot.cell(of: 0, columns: columns) == 0)
      #expect(plot.cell(of: count - 1, columns: columns) == cells.count - 1)
    }
    let mean = (0..<count).reduce(0.0) { $0 + Double($1 % 8) } / Double(count)
    #expect(abs((plot.mean ?? 0) - mean) < 1e-9)
  }

  @Test(arguments: [55, 60, 100, 256, 511, 1_000, 5_000])
  func ofACompleteTextTheCellsFillTheWidth(count: Int) {
    let plot = plot((0..<count).map { Double($0 % 8) })
    for columns in [1, 7, 47, 54] {
      let cells = plot.cells(columns: columns, isComplete: true)
      #expect(cells.count == columns && cells.allSatisfy { $0 != nil })
      let places = (0..<count).map { plot.cell(of: $0, columns: columns, isComplete: true) }
      #expect(places == places.sorted() && Set(places) == Set(0..<columns))
    }
    #expect(plot.cells(columns: count + 9, isComplete: true).count == min(count, plot.cells(columns: .max / 2).count))
  }

  @Test func eachCellIsTheMeanOfTheTokensThatItIsSaidToShow() {
    let bits = (0..<97).map { Double(($0 * 7) % 10) }
    let plot = plot(bits)
    for isComplete in [false, true] {
      for columns in [3, 10, 50, 96, 97, 200] {
        let cells = plot.cells(columns: columns, isComplete: isComplete)
        let owners = bits.indices.map { plot.cell(of: $0, columns: columns, isComplete: isComplete) }
        for (cell, mean) in cells.enumerated() {
          let own = bits.indices.filter { owners[$0] == cell }.map { bits[$0] }
          #expect(abs((mean ?? -1) - own.reduce(0, +) / Double(own.count)) < 1e-9, "\(columns), \(cell)")
        }
      }
    }
  }

  @Test func aBucketIsTheMeanOfItsTokens() {
    let plot = plot((0..<1024).map { $0 < 512 ? 2 : 4 })
    #expect(plot.cells(columns: 2) == [2, 4])
    #expect(plot.cells(columns: 1) == [3])
  }

  @Test func eachTokenIsLookedAtOnce() throws {
    var settings = PlaygroundSettings.steady
    settings.maxTokens = 100_000
    var player = Player(120, 36, settings: settings)
    player.holdsStreams = true
    player.press("right enter tab tab")
    let run = try #require(player.state.generate.leading.run)
    let ticket = Ticket(.stream(player.state.generate.leading.id), version: run.version)
    for index in 0..<2_000 {
      let token = ScoredToken(
        token: TokenValue(id: 300, bytes: Array(" a".utf8)), logprob: -1, rank: 2, entropy: Double(index % 9))
      player.send(.stream(ticket, .token(token, text: ""), time: Double(index)))
    }
    player.press("up pageup left home z z c")
    _ = player.screen
    let plot = try #require(player.state.generate.leading.run).plot
    #expect(plot.count == 2_000 && plot.lookedTokens == 2_000)
    #expect(plot.cells(columns: .max / 2).count <= EntropyPlot.most)
  }

  @Test(arguments: [Size(160, 50), Size(120, 36), Size(80, 24)])
  func itStandsAboveTheText(size: Size) throws {
    var player = Player(size.width, size.height, settings: .steady)
    player.press("right enter")
    let pane = try #require(player.state.shell.layout[.stream(0)])
    #expect(pane.plot == (size.height > 24 ? 2 : 1))
    let line = player.grid().lines[pane.frame.y + 1]
    #expect(line.contains("▂") && line.contains(" bits"))
    #expect(player.grid().lines[pane.frame.y + 1 + pane.plot].contains("little girl"))
    // A click below the plot selects the token shown there.
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(pane.frame.x + 3, pane.frame.y + 1 + pane.plot)))))
    #expect(player.state.generate.leading.cursor == 0)
  }

  @Test func thereIsNoneWhereTheTextNeedsTheRoom() {
    var player = Player(40, 12, settings: .steady)
    player.press("right enter tab tab")
    #expect(player.state.shell.layout[.stream(0)]?.plot == 0)
    player.press("z")
    #expect(player.state.shell.layout[.stream(0)]?.plot == 1)
  }
}
