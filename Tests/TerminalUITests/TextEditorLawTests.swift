import AllocationCount
import TestSupport
import Testing

@testable import TerminalUI

/// Random edits, compared with a trivial model: a string and a cursor counted in graphemes.
@Suite("Text editor invariants")
struct TextEditorLawTests {
  private static let inserts = [
    "a", "b", " ", "\n", "日", "e\u{301}", "\u{301}", "🙂", "👩", "\u{200D}", "🇫", "\t", "word", " two words ", "x\ny",
  ]
  private static let moves: [EditorCommand] = [
    .moveLeft, .moveRight, .wordLeft, .wordRight, .lineUp, .lineDown, .lineStart, .lineEnd, .textStart, .textEnd,
  ]
  private static let deletions: [EditorCommand] = [
    .deleteBackward, .deleteForward, .killWordBackward, .killWordForward, .killToLineStart, .killToLineEnd, .yank,
  ]

  @Test(
    "The memory of an edit does not grow with the number of earlier edits", .enabled(if: allocation_count_works()))
  func capacity() {
    var editor = TextEditor()
    var kept: [String] = []
    for count in 0..<2_000 {
      // Keep copies of the text, so that the next edit must copy it.
      kept = kept.suffix(3) + [editor.text]
      if count % 10 == 9 { editor.apply(.killToLineStart) } else { editor.insert("word ") }
    }
    kept.append(editor.text)
    allocation_count_begin()
    editor.insert("word ")
    _ = allocation_count_end()
    #expect(allocation_count_bytes() < 8_192)
  }

  @Test("Editing splices the text, and the cursor stays on grapheme boundaries", arguments: 0..<40)
  func splicing(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var editor = TextEditor()
    for _ in 0..<60 {
      let before = editor
      let graphemes = Array(before.text)
      let at = before.text[..<before.cursorIndex].count
      switch random.next() % 4 {
      case 0:
        let text = pick(TextEditorLawTests.inserts, &random)
        editor.insert(text)
        expectEqual(editor.text, joined(graphemes[..<at]) + text + joined(graphemes[at...]))
      case 1:
        editor.apply(.deleteBackward)
        expectEqual(editor.text, joined(graphemes[..<max(0, at - 1)]) + joined(graphemes[at...]))
      case 2:
        editor.apply(.deleteForward)
        expectEqual(editor.text, joined(graphemes[..<at]) + joined(graphemes[min(at + 1, graphemes.count)...]))
      default:
        editor.apply(pick(TextEditorLawTests.moves, &random), width: Int(random.next() % 10) + 1)
        expectEqual(editor.text, before.text)
      }
      #expect(editor.cursor == editor.boundary(atOrBefore: editor.cursor))
      #expect(editor.text.indices.contains(editor.cursorIndex) || editor.cursor == editor.text.utf8.count)
    }
  }

  @Test("Left and right move by one grapheme; word moves stop at word boundaries", arguments: 0..<20)
  func movement(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed) + 100)
    let text = (0..<20).map { _ in pick(TextEditorLawTests.inserts, &random) }.joined()
    var editor = TextEditor(text, cursor: 0)
    var steps = 0
    while editor.apply(.moveRight) { steps += 1 }
    #expect(steps == text.count)
    while editor.apply(.moveLeft) { steps -= 1 }
    #expect(steps == 0)
    var last = -1
    while editor.apply(.wordRight) {
      #expect(editor.cursor > last)
      last = editor.cursor
    }
    #expect(editor.cursor == text.utf8.count)
    while editor.apply(.wordLeft) {}
    #expect(editor.cursor == 0)
  }

  @Test("Undoing all changes restores the first text, redoing all the last", arguments: 0..<60)
  func inverse(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed) + 1_000)
    let start = TextEditor("once upon\na 日本 time", cursor: 5)
    var editor = start
    for _ in 0..<80 {
      switch random.next() % 3 {
      case 0: editor.insert(pick(TextEditorLawTests.inserts, &random))
      case 1: editor.apply(pick(TextEditorLawTests.deletions, &random))
      default: editor.apply(pick(TextEditorLawTests.moves, &random), width: 8)
      }
    }
    let end = editor
    var undone = 0
    while editor.undo() { undone += 1 }
    expectEqual(editor.text, start.text)
    #expect(undone > 0)
    var redone = 0
    while editor.redo() { redone += 1 }
    #expect(redone == undone)
    expectEqual(editor.text, end.text)
    let some = Int(random.next() % UInt64(undone)) + 1
    for _ in 0..<some { editor.undo() }
    for _ in 0..<some { editor.redo() }
    expectEqual(editor.text, end.text)
  }

  /// Expects equal bytes. (`String` equality is canonical equivalence.)
  private func expectEqual(_ left: String, _ right: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(Array(left.utf8) == Array(right.utf8), sourceLocation: location)
  }

  private func joined(_ graphemes: ArraySlice<Character>) -> String { graphemes.map(String.init).joined() }

  private func pick<T>(_ values: [T], _ random: inout SplitMix64) -> T {
    values[Int(random.next() % UInt64(values.count))]
  }
}
