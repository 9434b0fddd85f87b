import Foundation
import Synchronization
import Testing

/// Replaces the drawings of expected screens in the test files.
///
/// `TRIPTYCH_RECORD_SCREENS=1 swift test --filter …` replaces the drawing in each `expectScreen` call that fails. The
/// test fails all the same, so that a recorded screen is read before it is committed.
final class ScreenRecorder: Sendable {
  /// The recorder of this process, where the environment asks for one.
  static let asked: ScreenRecorder? =
    ProcessInfo.processInfo.environment["TRIPTYCH_RECORD_SCREENS"] == "1" ? ScreenRecorder() : nil

  /// A test file as it was compiled, and the new drawings by the line of their call (from 0).
  private struct Recording {
    let source: DrawnSource
    var drawings: [Int: String] = [:]
  }

  private let recordings = Mutex<[String: Recording]>([:])

  /// Replaces the drawing in the call at `location`. Line numbers stay those of the compiled file, so a file is always
  /// written from its first content and all drawings recorded since.
  func record(_ screen: String, at location: SourceLocation) throws {
    let path = location.filePath
    try recordings.withLock { recordings in
      var recording =
        try recordings[path] ?? Recording(source: DrawnSource(String(contentsOfFile: path, encoding: .utf8)))
      recording.drawings[location.line - 1] = screen
      recordings[path] = recording
      try recording.source.replacing(recording.drawings).write(toFile: path, atomically: true, encoding: .utf8)
    }
  }
}

/// The source of a test file with drawings in multi-line string literals.
struct DrawnSource {
  private let lines: [Substring]

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The source with other drawings. The keys are the lines (from 0) of the calls; the first literal at or after such a
  /// line is replaced.
  func replacing(_ drawings: [Int: String]) throws -> String {
    var result: [String] = []
    var next = 0
    for (line, drawing) in drawings.sorted(by: { $0.key < $1.key }) {
      guard let opening = lines[max(line, next)...].firstIndex(where: { $0.hasSuffix("\"\"\"") }),
        let closing = lines[(opening + 1)...].firstIndex(where: { $0.drop { $0 == " " }.hasPrefix("\"\"\"") })
      else { throw NoDrawing(line: line + 1) }
      result += lines[next...opening].map(String.init)
      // A raw literal, opened by `#"""`, takes backslashes as they are.
      let isRaw = lines[opening].hasSuffix("#\"\"\"")
      let margin = String(lines[closing].prefix { $0 == " " })
      result += drawing.split(separator: "\n", omittingEmptySubsequences: false).map { row in
        row.isEmpty ? "" : margin + String(isRaw ? row : row.replacing("\\", with: "\\\\"))
      }
      next = closing
    }
    return (result + lines[next...].map(String.init)).joined(separator: "\n")
  }

  struct NoDrawing: Error {
    let line: Int
  }
}

@Suite struct DrawnSourceTests {
  private let source = DrawnSource(
    """
    expectScreen(
      player.screen,
      \"""
      old
      \""")
    expectScreen(
      other,
      \"""
      old

      older
      \""")
    end
    """)

  @Test func eachDrawingReplacesTheLiteralOfItsCall() throws {
    let replaced = try source.replacing([0: "a\n\nb", 5: #"one \ line"#])
    #expect(
      replaced == """
        expectScreen(
          player.screen,
          \"""
          a

          b
          \""")
        expectScreen(
          other,
          \"""
          one \\\\ line
          \""")
        end
        """)
  }

  @Test func aRawLiteralTakesBackslashesAsTheyAre() throws {
    let source = DrawnSource("expectScreen(\n  #\"\"\"\n  old\n  \"\"\"#)")
    #expect(try source.replacing([0: #"one \ line"#]) == "expectScreen(\n  #\"\"\"\n  one \\ line\n  \"\"\"#)")
  }

  @Test func aCallWithoutALiteralIsAnError() {
    #expect(throws: DrawnSource.NoDrawing.self) { try source.replacing([12: "x"]) }
  }
}
