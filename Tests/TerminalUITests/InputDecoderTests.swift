import TestSupport
import Testing

@testable import TerminalUI

@Suite("Decoding terminal input")
struct InputDecoderTests {
  /// Input bytes and the keystrokes they encode.
  static let strokes: [(bytes: String, strokes: [String])] = [
    ("aé日🙂", ["a", "é", "日", "🙂"]), ("\r", ["enter"]), ("\n", ["ctrl-j"]), ("\t", ["tab"]), ("\u{7F}", ["backspace"]),
    ("\u{8}", ["backspace"]), ("\u{1}\u{11}\u{1A}", ["ctrl-a", "ctrl-q", "ctrl-z"]), ("\0", ["ctrl-space"]),
    ("\u{1F}", ["ctrl-_"]), ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", ["up", "down", "right", "left"]),
    ("\u{1B}OA\u{1B}OH\u{1B}OF\u{1B}OM", ["up", "home", "end", "enter"]), ("\u{1B}[1;5C", ["ctrl-right"]),
    ("\u{1B}[1;3A", ["alt-up"]), ("\u{1B}[1;2D", ["shift-left"]), ("\u{1B}[1;8B", ["ctrl-alt-shift-down"]),
    ("\u{1B}[3~\u{1B}[5~\u{1B}[6~\u{1B}[2~", ["delete", "pageup", "pagedown", "insert"]),
    ("\u{1B}[1~\u{1B}[4~\u{1B}[7~\u{1B}[8~", ["home", "end", "home", "end"]), ("\u{1B}[3;5~", ["ctrl-delete"]),
    ("\u{1B}OP\u{1B}OS\u{1B}[11~\u{1B}[15~\u{1B}[24~", ["f1", "f4", "f1", "f5", "f12"]),
    ("\u{1B}[1;5P", ["ctrl-f1"]), ("\u{1B}[[A\u{1B}[[E", ["f1", "f5"]), ("\u{1B}[Z", ["shift-tab"]),
    ("\u{1B}\r\u{1B}b\u{1B}\u{7F}\u{1B}é", ["alt-enter", "alt-b", "alt-backspace", "alt-é"]),
    ("\u{1B}\u{1B}[A", ["alt-up"]), ("\u{1B}\u{1B}x", ["esc", "alt-x"]), ("\u{1B}[13;3u", ["alt-enter"]),
    ("\u{1B}[27;3;13~", ["alt-enter"]), ("\u{1B}[27;5;9~", ["ctrl-tab"]), ("\u{1B}[97;5u", ["ctrl-a"]),
    ("\u{1B}[97:65;2u", ["A"]), ("\u{1B}[97;5:3u", []), ("\u{1B}[27u", ["esc"]), ("\u{1B}[57400u", ["1"]),
    ("\u{1B}Oa\u{1B}[a", ["ctrl-up", "shift-up"]), ("\u{1B}[3^", ["ctrl-delete"]),
    // Unsolicited replies and malformed sequences give no event, and the following key is decoded.
    ("\u{1B}[?62;4cx", ["x"]), ("\u{1B}]11;rgb:0000/0000/0000\u{7}x", ["x"]), ("\u{1B}P1+r\u{1B}\\x", ["x"]),
    ("\u{1B}[999999999999Ax", ["x"]), ("\u{1B}[1;5\u{1B}[Ax", ["up", "x"]), ("\u{1B}[1;é", ["é"]),
    ("\u{1B}[Mabcx", ["x"]),
    ("\u{1B}[" + String(repeating: "1;", count: 100) + "Ax", ["x"]), ("\u{1B}[?1;2Hx", ["x"]),
  ]

  private func keys(_ strokes: [String]) -> [InputEvent] {
    strokes.compactMap { KeyStroke($0).map { .key($0) } }
  }

  @Test("A sequence split at any byte gives the same key", arguments: strokes.indices)
  func sequences(_ index: Int) {
    let (text, names) = InputDecoderTests.strokes[index]
    let bytes = Array(text.utf8)
    #expect(keys(names).count == names.count)
    for cut in 0...bytes.count {
      var decoder = InputDecoder()
      let events = decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...]) + decoder.flush()
      #expect(events == keys(names), "cut at \(cut)")
    }
    var decoder = InputDecoder()
    #expect(bytes.flatMap { decoder.feed([$0]) } + decoder.flush() == keys(names))
  }

  @Test("A lone Escape is a key after a flush")
  func loneEscape() {
    var decoder = InputDecoder()
    #expect(decoder.feed([0x1B]) == [])
    #expect(decoder.needsFlush)
    #expect(decoder.flush() == keys(["esc"]))
    #expect(!decoder.needsFlush)
    #expect(decoder.flush() == [])
    #expect(decoder.feed([0x1B, 0x1B]) + decoder.flush() == keys(["esc", "esc"]))
    #expect(decoder.feed([0x1B, 0x5B]) + decoder.flush() == keys(["alt-["]))
    #expect(decoder.feed([0x1B, 0x4F]) + decoder.flush() == keys(["alt-O"]))
    #expect(decoder.feed([0x1B, 0x5D]) + decoder.flush() == keys(["alt-]"]))
    #expect(decoder.feed([0x1B, 0x5D, 0x31]) + decoder.flush() == [])
    #expect(decoder.feed([0x61]) == keys(["a"]))
  }

  @Test(
    "A paste that interrupts another sequence is delivered as a paste, not as keys",
    arguments: ["]", "P", "]0;x", "[M", "[M!", "[[", "[", "[1;", "[<0;1"])
  func sequencesWithinReplies(reply: String) {
    var decoder = InputDecoder()
    let bytes = "\u{1B}\(reply)\u{1B}[200~a\u{3}\u{7}\u{3}\u{1B}[201~\u{1B}[A"
    #expect(decoder.feed(Array(bytes.utf8)) == [.paste("a\u{3}\u{7}\u{3}"), .key(KeyStroke(.up))])
    #expect(decoder.feed(Array("\u{1B}]11;rgb:1/2/3\u{1B}\\\u{1B}P>|x\u{1B}\\q".utf8)) == keys(["q"]))
  }

  @Test("Invalid UTF-8 becomes replacement characters, and the following bytes are decoded")
  func notUTF8() {
    let bad: [[UInt8]] = [
      [0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5], [0x80], [0xF4, 0x90, 0x80, 0x80],
    ]
    for bytes in bad {
      var decoder = InputDecoder()
      let events = decoder.feed(bytes + Array("x".utf8))
      #expect(events.last == .key(KeyStroke("x")))
      #expect(events.dropLast().allSatisfy { $0 == .key(KeyStroke("\u{FFFD}")) })
      #expect(events.count > 1)
    }
  }

  @Test("A paste split at any byte is the same text")
  func paste() {
    let bytes = Array("x\u{1B}[200~a\r\nb\rc\u{1B}[A\u{1B}[201é日\u{1B}[201~y".utf8)
    let expected: [InputEvent] = [
      .key(KeyStroke("x")), .paste("a\nb\nc\u{1B}[A\u{1B}[201é日"), .key(KeyStroke("y")),
    ]
    for cut in 0...bytes.count {
      var decoder = InputDecoder()
      #expect(decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...]) == expected, "cut at \(cut)")
    }
  }

  @Test("The parts of a large paste add up to the text")
  func hugePaste() {
    let text = String(repeating: "日本\u{301}🙂 abc\n", count: 100_000)
    var decoder = InputDecoder()
    var parts: [String] = []
    let bytes = Array("\u{1B}[200~".utf8) + Array(text.replacingNewlines().utf8) + Array("\u{1B}[201~".utf8)
    for start in stride(from: 0, to: bytes.count, by: 65_536) {
      for event in decoder.feed(bytes[start..<min(start + 65_536, bytes.count)]) {
        guard case .paste(let part) = event else { continue }
        parts.append(part)
      }
    }
    #expect(parts.count > 1)
    #expect(parts.allSatisfy { $0.utf8.count <= InputDecoder.pasteLimit + 16 })
    #expect(parts.joined() == text)
  }

  @Test("Mouse and focus reports become events")
  func mouse() {
    var decoder = InputDecoder()
    let bytes =
      "\u{1B}[<0;3;5M\u{1B}[<0;3;5m\u{1B}[<64;1;1M\u{1B}[<65;1;1M\u{1B}[<32;2;2M\u{1B}[<16;1;1M\u{1B}[I\u{1B}[O"
    let expected: [InputEvent] = [
      .mouse(MouseEvent(.press(0), at: Point(2, 4))), .mouse(MouseEvent(.release(0), at: Point(2, 4))),
      .mouse(MouseEvent(.scrollUp, at: .zero)), .mouse(MouseEvent(.scrollDown, at: .zero)),
      .mouse(MouseEvent(.drag(0), at: Point(1, 1))), .mouse(MouseEvent(.press(0), at: .zero, .control)),
      .focus(true), .focus(false),
    ]
    #expect(decoder.feed(Array(bytes.utf8)) == expected)
    #expect(decoder.feed(Array("\u{1B}[<0;0;5M\u{1B}[<0;3M\u{1B}[<0;99999999;1M\u{1B}[<;;M".utf8)) == [])
  }

  @Test("The decoder recovers after random bytes")
  func randomBytes() {
    var random = SplitMix64(seed: 11)
    let likely: [UInt8] = [0x1B, 0x5B, 0x4F, 0x3B, 0x7E, 0x32, 0x30, 0x31, 0x4D, 0x3C, 0x5D, 0x50, 0xE2, 0x82]
    for _ in 0..<3_000 {
      var decoder = InputDecoder()
      let bytes = (0..<40).map { _ -> UInt8 in
        random.next() % 3 == 0 ? UInt8(random.next() % 256) : likely[Int(random.next() % UInt64(likely.count))]
      }
      var whole = decoder
      let atOnce = whole.feed(bytes)
      var oneByOne: [InputEvent] = []
      for byte in bytes { oneByOne += decoder.feed([byte]) }
      #expect(atOnce == oneByOne)
      _ = decoder.feed(Array("\u{1B}[201~\u{7}\u{18}zzzz".utf8)) + decoder.flush()
      #expect(decoder.feed(Array("q".utf8)) == [.key(KeyStroke("q"))])
    }
  }
}

extension String {
  /// Line ends as terminals send them.
  fileprivate func replacingNewlines() -> String { String(map { $0 == "\n" ? "\r" : $0 }) }
}
