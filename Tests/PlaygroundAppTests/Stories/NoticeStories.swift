import Foundation
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Notices: on every screen each one can be read to its end, and the keys of a lesson stay visible.
@Suite struct NoticeStories {
  /// Everything that the files with notices say, each interpolated value as eight columns.
  private static let texts: [String] = {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources").standardizedFileURL
    let folders = ["PlaygroundApp", "PlaygroundRuntime"].map { sources.appending(path: $0).path }
    let files = folders.flatMap { folder in
      (FileManager.default.subpaths(atPath: folder) ?? []).filter { $0.hasSuffix(".swift") }.map { folder + "/" + $0 }
    }
    let sourceTexts = files.compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    return sourceTexts.filter { $0.contains("otice") }.flatMap { $0.split(separator: "\n").flatMap(literals) }
  }()

  /// The string literals of a line that are sentences.
  private static func literals(_ line: Substring) -> [String] {
    guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { return [] }
    var (found, text, depth): ([String], String?, Int) = ([], nil, 0)
    var characters = Array(line)[...]
    while let character = characters.popFirst() {
      if depth > 0 {
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
      } else if character == "\"" {
        if let text { found.append(text) }
        text = text == nil ? "" : nil
      } else if character == "\\", let next = characters.popFirst() {
        if next == "(" { depth = 1 }
        text? += next == "(" ? "12345678" : String(next)
      } else {
        text?.append(character)
      }
    }
    return found.filter { $0.contains(" ") && $0.count >= 12 }
  }

  private func letters(_ text: String) -> String { text.filter { $0 != " " } }

  @Test(arguments: [Size(40, 12), Size(80, 24), Size(120, 36)], [nil, 0, 7])
  func everyNoticeCanBeReadToItsEnd(size: Size, lesson: Int?) {
    #expect(Self.texts.count > 40 && Self.texts.contains { $0.hasPrefix("the lesson is over") })
    var player = Player(size.width, size.height)
    if let lesson { player.change { _ = $0.openLesson(lesson) } }
    player.answer()
    for text in Self.texts {
      player.send(.notice(text))
      let (grid, layout) = (player.grid(), player.state.shell.layout)
      let shown = layout.notice.rows(Array(repeating: .cells(1), count: layout.notice.height))
        .map { letters(grid.lines[$0.y]) }.joined()
      #expect(shown == letters(text), "\(player.screen)")
      #expect(grid.problems(player.state) == [], "\(player.screen)")
      guard lesson != nil, let key = player.state.shell.promptKey(.nextStep) else { continue }
      #expect(grid.lines[size.height - 1].contains(key), "\(player.screen)")
    }
    player.press("f1")
    #expect(player.state.shell.layout.notice.height == (lesson == nil ? 1 : 0), "the next key ends a notice")
  }

  @Test func leavingAsksInAWholeSentenceAtFortyColumns() {
    var player = Player(40, 12, settings: .steady)
    player.type("Once upon a")
    player.press("enter tab q")
    #expect(player.state.notice?.hasPrefix("q again to leave") == true)
    let lines = player.screen.split(separator: "\n")
    #expect(lines.last?.contains("gone") == true && !player.screen.contains("…\n"), "\(player.screen)")
    player.press("tab")
    #expect(player.screen.contains("? help"))
  }

  @Test func anOverlayLeavesRoomForALongNotice() {
    var player = Player(40, 12)
    player.press("f3")
    player.send(.notice("a bias is typed as ID=BIAS, 262=-5 for example"))
    #expect(player.screen.contains("a bias is typed as ID=BIAS, 262=-5 for"), "\(player.screen)")
    #expect(player.screen.hasSuffix(" example"), "\(player.screen)")
  }
}
