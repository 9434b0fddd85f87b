import TestSupport
import Testing

@testable import TerminalUI

/// Changes that an editor reports, and changes as values.
@Suite("Text edits")
struct TextEditTests {
  private func same(_ left: String?, _ right: String) -> Bool { left.map { Array($0.utf8) } == Array(right.utf8) }

  @Test("The reported changes lead from the first text to the last, and their inverses back", arguments: 0..<40)
  func reports(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed) + 77)
    let start = "once upon\na 日本 time"
    var editor = TextEditor(start, cursor: 5, reportsChanges: true)
    _ = editor.layout(width: 9)
    var versions = [start]
    var edits: [TextEdit] = []
    let inserts = ["a", "b", " ", "\n", "日", "e\u{301}", "\u{301}", "🙂", "👩", "\u{200D}", "🇫", "word", "x\ny"]
    let commands: [EditorCommand] = [
      .deleteBackward, .deleteForward, .killWordBackward, .yank, .moveLeft, .wordRight, .textStart, .lineDown,
    ]
    for _ in 0..<120 {
      switch random.next() % 5 {
      case 0, 1: editor.insert(inserts[Int(random.next() % UInt64(inserts.count))])
      case 2: editor.setText(editor.text.replacing("a", with: "日e\u{301}").prefix(60) + "é")
      default: editor.apply(commands[Int(random.next() % UInt64(commands.count))], width: 9)
      }
      editor.keepCursorVisible(in: Size(9, 4))
      // Changes are taken after some keys only.
      guard random.next() % 2 == 0 else { continue }
      for change in editor.takeChanges() {
        if change.includesLast {
          edits.removeLast()
          versions.removeLast()
        }
        edits.append(change.edit)
        let next = change.edit.applied(to: versions[versions.count - 1])
        versions.append(try #require(next))
      }
      #expect(same(versions.last, editor.text))
      #expect(!editor.hasChanges)
    }
    for change in editor.takeChanges() { editor.perform(change.edit.inverse) }
    _ = editor.takeChanges()
    let undone = editor.undo()
    #expect(!undone, "another keeps the history")
    editor = TextEditor(versions[versions.count - 1], reportsChanges: true)
    editor.keepCursorVisible(in: Size(9, 4))
    for (edit, version) in zip(edits, versions).reversed() {
      let isDone = editor.perform(edit.inverse)
      #expect(isDone && same(editor.text, version) && editor.cursor == editor.boundary(atOrBefore: editor.cursor))
      let layout = editor.layout(width: 9)
      let whole = EditorLines(editor.text, width: 8)
      #expect((0..<layout.count).map { layout[$0].range } == (0..<whole.count).map { whole[$0].range })
    }
    #expect(same(editor.text, start) && !editor.hasChanges)
  }

  @Test(
    "Replacing the text is reported as a change of the part that differs",
    arguments: [
      ("one two three", "one 2 three", 4, "two", "2"), ("same", "same and more", 4, "", " and more"),
      ("aaaa", "aa", 2, "aa", ""), ("日本", "日来", 3, "本", "来"), ("é", "ê", 0, "é", "ê"), ("", "x", 0, "", "x"),
      ("x\u{1F600}y", "x\u{1F601}y", 1, "\u{1F600}", "\u{1F601}"),
    ])
  func differences(old: String, new: String, offset: Int, removed: String, inserted: String) throws {
    var editor = TextEditor(old, reportsChanges: true)
    editor.setText(new)
    let edit = try #require(editor.takeChanges().first?.edit)
    #expect(edit.offset == offset && edit.removed == removed && edit.inserted == inserted)
    #expect(editor.cursor == new.utf8.count)
  }

  @Test("A change that does not fit a text is refused")
  func misfits() {
    let edit = TextEdit(offset: 2, removed: "cd", inserted: "x", cursorBefore: 4, cursorAfter: 3)
    #expect(edit.applied(to: "abcd") == "abx")
    for text in ["abc", "abxd", "", "日本"] { #expect(edit.applied(to: text) == nil) }
    for offset in [-1, 5, .min, .max] {
      #expect(
        TextEdit(offset: offset, removed: "", inserted: "x", cursorBefore: 0, cursorAfter: 0).applied(to: "abcd") == nil
      )
    }
    let half = TextEdit(offset: 1, removed: "", inserted: "x", cursorBefore: 0, cursorAfter: 0)
    #expect(half.applied(to: "日") == nil, "it would cut a character")
    var editor = TextEditor("日")
    let isDone = editor.perform(half)
    #expect(!isDone && editor.text == "日")
  }

  @Test("Typing that was not reported yet is reported in one change")
  func joins() {
    var editor = TextEditor("", reportsChanges: true)
    for character in "one" { editor.insert(String(character)) }
    #expect(editor.takeChanges().map(\.includesLast) == [false])
    for character in "ly" { editor.insert(String(character)) }
    let changes = editor.takeChanges()
    #expect(changes.map(\.includesLast) == [true] && changes.map(\.edit.inserted) == ["onely"])
    editor.apply(.moveLeft)
    editor.insert("x")
    #expect(editor.takeChanges().map(\.includesLast) == [false], "the cursor has moved")
  }
}
