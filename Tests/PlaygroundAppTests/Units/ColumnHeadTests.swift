import TerminalUI
import Testing

@testable import PlaygroundApp

/// The names of columns are separate from each other and above their numbers.
@Suite struct ColumnHeadTests {
  /// The names in a line, separated by two spaces or more, and the column where each ends.
  private func heads(_ line: String) -> [(text: String, end: Int)] {
    var heads: [(text: String, end: Int)] = []
    let cells = Array(line)
    var start = 0
    while start < cells.count {
      guard cells[start] != " " else {
        start += 1
        continue
      }
      var end = start
      while end + 1 < cells.count, !(cells[end + 1] == " " && (end + 2 >= cells.count || cells[end + 2] == " ")) {
        end += 1
      }
      heads.append((String(cells[start...end]), end))
      start = end + 1
    }
    return heads
  }

  @Test(arguments: [Size(160, 50), Size(140, 40), Size(120, 36), Size(100, 30), Size(80, 24)], TabID.allCases)
  func namesOfCandidatesColumnsStandApart(size: Size, task: TabID) throws {
    let known = ["#", "token", "relative", "prob.", "chain", "nats", "log p, nats", "covered"]
    var player = Player(size.width, size.height, task: task, settings: .steady)
    player.press("right enter")
    for key in ["c", "b", "tab"] {
      let grid = player.grid()
      for pane in player.state.shell.layout.panes where pane.focus.context == .candidates || pane.focus.context == .mask
      {
        let inside = pane.inside
        guard CandidateColumns.headingRows(height: inside.height) > 0 else { continue }
        let line = { (row: Int) in (0..<inside.width).map { grid[Point(inside.x + $0, inside.y + row)].text }.joined() }
        let heads = heads(line(0))
        guard heads.contains(where: { $0.text == "token" }) else { continue }
        #expect(heads.allSatisfy { known.contains($0.text) }, "\(line(0))")
        // The name of a column of numbers ends where the numbers end.
        let numbers = self.heads(line(1))
        for head in heads where ["prob.", "chain", "nats", "log p, nats", "covered"].contains(head.text) {
          #expect(numbers.contains { $0.end == head.end }, "\(head.text):\n\(line(0))\n\(line(1))")
        }
      }
      player.press(key)
    }
  }

  @Test(arguments: [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)], [TabID.generate, .translate])
  func namesAndNumbersOfTheSamplerStandApart(size: Size, task: TabID) throws {
    var player = Player(size.width, size.height, task: task, settings: .steady)
    player.press("right enter f3")
    guard case .sampler = player.state.overlay else { return }
    let frame = player.state.shell.layout.sampler
    let grid = player.grid()
    let line = { (row: Int) in
      (1..<frame.width - 1).map { grid[Point(frame.x + $0, frame.y + row)].text }.joined()
    }
    let heads = heads(line(1)).map(\.text)
    #expect(heads.allSatisfy { ["stage", "value", "keeps", "removes", "bits"].contains($0) }, "\(line(1))")
    let values = player.state.samplerValues
    for row in SamplerRow.rows(values) {
      #expect(row.label(values).columnWidth <= 16, "the name reaches into the column of values: \(row.label(values))")
    }
  }
}
