import Foundation
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundApp

/// The list of keys in the README is that of the key table.
@Suite struct ReadmeKeysTests {
  /// The keys in the first column of the README's table, as labels.
  private static func listed() throws -> Set<String> {
    let text = try String(contentsOfFile: Fixtures.folder + "/../../README.md", encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("Keys\n") })
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let keys = rows.flatMap { row in
      // A bar can be a key, in quotes only.
      row.prefix(upTo: row.firstRange(of: " | ")?.lowerBound ?? row.endIndex).matches(of: #/`([^`]+)`/#).map {
        String($0.1)
      }
    }
    return Set(keys)
  }

  @Test func everyKeyOfTheTableIsInTheReadme() throws {
    let listed = try Self.listed()
    for binding in KeyTable.defaults {
      for key in binding.keys where !listed.contains(key.label()) {
        Issue.record("the README's list of keys lacks \(key.label()): \(binding.help)")
      }
    }
  }

  @Test func everyKeyOfTheReadmeDoesSomething() throws {
    let known = Set(KeyTable.defaults.flatMap(\.keys).map { $0.label() })
    for label in try Self.listed() where !known.contains(label) {
      var editor = TextEditor("one two", cursor: 3)
      let isEditing = KeyStroke(label.lowercased()).map { editor.handle($0) } ?? false
      #expect(isEditing, "\(label) is no key of the table and edits no line")
    }
  }
}
