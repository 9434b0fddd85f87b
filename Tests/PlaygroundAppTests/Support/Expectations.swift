import TerminalUI
import Testing

@testable import PlaygroundApp

/// Compares a screen with a drawing, line by line, so that a failure shows both. `TRIPTYCH_RECORD_SCREENS=1` writes the
/// screen into the test file in place of a drawing that differs (`ScreenRecorder`).
func expectScreen(
  _ screen: String, _ drawing: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let (shown, drawn) = (
    screen.split(separator: "\n", omittingEmptySubsequences: false),
    drawing.split(separator: "\n", omittingEmptySubsequences: false)
  )
  for line in 0..<max(shown.count, drawn.count) {
    let left = line < shown.count ? String(shown[line]) : "(no line)"
    let right = line < drawn.count ? String(drawn[line]) : "(no line)"
    guard left != right else { continue }
    if let recorder = ScreenRecorder.asked {
      #expect(throws: Never.self, sourceLocation: sourceLocation) { try recorder.record(screen, at: sourceLocation) }
      Issue.record("recorded; read the new drawing in the test file", sourceLocation: sourceLocation)
      return
    }
    Issue.record(
      "line \(line + 1)\nexpected \(right)\nfound    \(left)\n\nthe whole screen:\n\(screen)",
      sourceLocation: sourceLocation)
    return
  }
}

/// Passes a message through `update` and compares the whole state and the effects with the expected ones. `expected`
/// applies the expected changes to the old state.
func expectUpdate(
  _ state: inout PlaygroundState, _ message: Message, effects: [Effect] = [],
  sourceLocation: SourceLocation = #_sourceLocation, _ expected: (inout PlaygroundState) -> Void
) {
  var wanted = state
  expected(&wanted)
  wanted.shell.layout = Layout(wanted)
  let made = update(&state, message)
  #expect(made == effects, sourceLocation: sourceLocation)
  #expect(state == wanted, sourceLocation: sourceLocation)
}

extension Message {
  /// A key in its text form.
  static func key(_ text: String) -> Message {
    guard let stroke = KeyStroke(text) else { preconditionFailure("no such key: \(text)") }
    return .input(.key(stroke))
  }
}

extension PlaygroundState {
  /// The first cell of the first stream's text, below its plot and notes.
  var streamStart: Point? {
    guard let pane = shell.layout[.stream(0)] else { return nil }
    return Point(pane.inside.x + 1, pane.inside.y + pane.plot + pane.notes)
  }
}

extension CellGrid {
  /// What is wrong with a screen: a line of another width, a border with a hole. Empty for a good one.
  func problems(_ state: PlaygroundState) -> [String] {
    var problems: [String] = []
    for (row, line) in lines.enumerated() where line.columnWidth != size.width {
      problems.append("line \(row) has \(line.columnWidth) columns of \(size.width): \(line)")
    }
    if let cursor, !bounds.contains(cursor) { problems.append("the cursor stands outside: \(cursor)") }
    guard state.overlay == nil else { return problems }
    for pane in state.shell.layout.panes where pane.isFramed {
      let frame = pane.frame
      let corners = [
        (frame.x, frame.y, glyphs.upperLeft), (frame.maxX - 1, frame.y, glyphs.upperRight),
        (frame.x, frame.maxY - 1, glyphs.lowerLeft), (frame.maxX - 1, frame.maxY - 1, glyphs.lowerRight),
      ]
      for (x, y, sign) in corners where self[Point(x, y)].text != sign {
        problems.append("\(pane.focus): a corner is gone")
      }
      for y in (frame.y + 1)..<max(frame.maxY - 1, frame.y + 1) {
        for x in [frame.x, frame.maxX - 1] where self[Point(x, y)].text != glyphs.vertical {
          problems.append("\(pane.focus): the border has a hole at \(x), \(y): \(lines[y])")
        }
      }
      for x in frame.x..<frame.maxX where frame.height > 1 {
        let text = self[Point(x, frame.maxY - 1)].text
        if x > frame.x, x < frame.maxX - 1, text != glyphs.horizontal {
          problems.append("\(pane.focus): the lower edge has a hole")
        }
      }
    }
    return problems
  }
}
