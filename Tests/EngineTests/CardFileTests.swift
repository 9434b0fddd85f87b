import EngineAPI
import Foundation
import TestSupport
import Testing

@testable import Engines

/// Model cards in folders.
@Suite struct CardFileTests {
  private func text(_ file: String) -> String { CardFile.text(of: Array(file.utf8)) }

  @Test func frontMatterIsRemoved() {
    #expect(text("---\nlicense: x\ntags: [a]\n---\n# Name\n\nText.\n") == "# Name\n\nText.\n")
    #expect(text("---\r\nlicense: x\r\n---\r\n\r\n# Name\r\n") == "# Name\r\n")
    #expect(text("\u{FEFF}---\nlicense: x\n---\n# Name") == "# Name")
    #expect(text("---\nlicense: x\n---") == "")
  }

  @Test func otherRulesAreNotFrontMatter() {
    #expect(text("# Name\n---\nText\n---\n") == "# Name\n---\nText\n---\n")
    #expect(text("---\nnever ended") == "---\nnever ended")
    #expect(text("----\na\n---\n") == "----\na\n---\n")
    #expect(text("") == "" && text("\n\n# Name") == "# Name")
  }

  @Test func invalidUTF8IsReplaced() {
    #expect(CardFile.text(of: [0x61, 0xFF, 0xFE, 0x62]) == "a\u{FFFD}\u{FFFD}b")
    #expect(CardFile.text(of: Array(repeating: 0x61, count: 1_000_000)).utf8.count == Limits.cardBytes)
  }

  @Test func onlyARegularFileIsRead() throws {
    try Fixtures.withScratchFolder { folder in
      #expect(CardFile.text(folder: folder) == nil)
      // Nothing writes to this pipe, so reading it would never end.
      #expect(mkfifo(folder + "/README.md", 0o600) == 0)
      #expect(CardFile.text(folder: folder) == nil)
    }
  }
}
