import Testing

@testable import TerminalUI

@Suite("Truncating text to columns")
struct TruncationTests {
  @Test("Text that fits is unchanged")
  func fits() {
    for truncation in [Truncation.clip, .tail, .head] {
      #expect("日本".fitted(to: 4, truncation) == "日本")
      #expect("".fitted(to: 0, truncation) == "")
    }
  }

  @Test("Text that does not fit is truncated with a mark, never inside a wide character")
  func cuts() {
    #expect("by the sea".fitted(to: 6, .tail) == "by th…")
    #expect("by the sea".fitted(to: 6, .head) == "…e sea")
    #expect("by the sea".fitted(to: 6, .clip) == "by the")
    #expect("日本語".fitted(to: 4, .tail) == "日…")
    #expect("日本語".fitted(to: 4, .head) == "…語")
    #expect("日本語".fitted(to: 3, .clip) == "日")
    #expect("abc".fitted(to: 1) == "…")
    #expect("abc".fitted(to: 0) == "")
    #expect("abc".fitted(to: 2, .tail, mark: "~") == "a~")
  }
}
