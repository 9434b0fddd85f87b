import EngineAPI
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct LayoutTests {
  private func state(_ size: Size, _ task: TabID, streams: Int = 1, gaps: Int = 0) -> PlaygroundState {
    var (state, _) = PlaygroundState.initial(tab: task, size: size)
    for _ in 1..<4 where state.generate.streams.count < streams { state.with(GenerateState.self) { $0.addStream(&$1) } }
    state.fillMask.gaps = (0..<gaps).map { Gap(position: $0, range: $0..<($0 + 1)) }
    state.fillMask.lists = Array(repeating: CandidateList(), count: gaps)
    return state
  }

  @Test(arguments: TabID.allCases)
  func panesFillTheScreenAndNeverOverlap(task: TabID) {
    for width in stride(from: 40, through: 200, by: 7) {
      for height in stride(from: 12, through: 70, by: 5) {
        for count in 1...4 {
          let state = state(Size(width, height), task, streams: count, gaps: count - 1)
          let layout = Layout(state)
          let rects = (layout.panes.map(\.frame) + [layout.header, layout.legend, layout.hints]).filter { !$0.isEmpty }
          for (index, rect) in rects.enumerated() {
            #expect(Rect(size: state.size).intersection(rect) == rect)
            #expect(rects.dropFirst(index + 1).allSatisfy { $0.intersection(rect).isEmpty })
          }
          let covered = rects.reduce(0) { $0 + $1.width * $1.height }
          #expect(covered == width * height, "\(width)×\(height) \(task) \(count)")
          for pane in layout.panes where pane.isFramed { #expect(pane.frame.height >= 3 && pane.frame.width >= 8) }
        }
      }
    }
  }

  @Test func theFocusIsAlwaysOnTheScreen() {
    for size in [Size(40, 12), Size(60, 30), Size(80, 24), Size(120, 36), Size(100, 13)] {
      for task in TabID.allCases {
        var state = state(size, task, streams: 4, gaps: 6)
        for focus in state.focusOrder {
          state.focus = focus
          #expect(Layout(state)[focus] != nil, "\(focus) at \(size)")
        }
      }
    }
  }

  @Test func belowTheLeastSizeThereAreNoPanes() {
    for size in [Size(39, 12), Size(40, 11), Size(0, 0), Size(200, 3)] {
      #expect(Layout(state(size, .generate)).panes.isEmpty)
    }
  }

  @Test func candidateColumnsNeverOverlap() {
    for width in 10...200 {
      for digits in [1, 2, 4, 6] {
        let columns = CandidateColumns(width: width, digits: digits)
        #expect(columns.token >= 0 && columns.bar >= 0)
        #expect(columns.tokenColumn + columns.token < columns.barColumn)
        if width >= 36 { #expect(columns.percentColumn + NumberText.percentWidth <= width) }
        if columns.hasLogprob { #expect(columns.logprobColumn + NumberText.logProbabilityWidth <= width) }
        if columns.hasCumulative { #expect(columns.cumulativeColumn + NumberText.percentWidth <= width) }
      }
    }
  }
}
