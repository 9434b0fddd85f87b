import TestSupport
import Testing

@testable import TerminalUI

@Suite("List windows")
struct ListWindowTests {
  @Test("Moving and paging stay within the list")
  func moving() {
    var window = ListWindow(count: 8_192, height: 12)
    #expect(window.visible == 0..<12)
    #expect(window.footer() == "1–12 of 8,192")
    window.move(by: 12)
    #expect(window.selected == 12)
    #expect(window.visible == 1..<13)
    window.page(by: 1)
    #expect(window.visible == 12..<24)
    #expect(window.selectedRow == 11)
    window.page(by: -1)
    #expect(window.visible == 1..<13)
    window.select(.max)
    #expect(window.visible == 8_180..<8_192)
    #expect(window.footer() == "8,181–8,192 of 8,192")
    window.move(by: .max)
    #expect(window.selected == 8_191)
    window.move(by: .min)
    #expect(window.selected == 0)
    window.page(by: .max)
    #expect(window.selected == 8_191)
    window.page(by: .min)
    #expect(window.selected == 0)
  }

  @Test("The selected row keeps its screen position after a reordering")
  func following() {
    var window = ListWindow(count: 100, height: 10, selected: 40)
    window.move(by: -3)
    let row = window.selectedRow
    window.follow(to: 70)
    #expect(window.selected == 70)
    #expect(window.selectedRow == row)
    window.follow(to: 1)
    #expect(window.selected == 1)
    #expect(window.top == 0)
  }

  @Test("Empty and short lists have a valid window")
  func short() {
    var window = ListWindow(count: 0, height: 5)
    #expect(window.footer() == "empty")
    #expect(window.visible.isEmpty)
    window.move(by: 1)
    #expect(window.selected == 0)
    window.update(count: 1)
    #expect(window.footer() == "1 of 1")
    window.update(count: 3, height: 0)
    #expect(window.height == 1)
    #expect(window.footer(glyphs: .ascii) == "1 of 3")
  }

  @Test("After any operations the selected row is in the list and visible")
  func invariant() {
    var random = SplitMix64(seed: 2)
    var window = ListWindow()
    for _ in 0..<5_000 {
      let number = Int(truncatingIfNeeded: random.next() % 200) - 60
      switch random.next() % 5 {
      case 0: window.move(by: number)
      case 1: window.page(by: number % 4)
      case 2: window.update(count: number)
      case 3: window.update(height: number % 20)
      default: window.follow(to: number)
      }
      #expect(window.selected >= 0 && window.selected < max(1, window.count))
      #expect(window.count == 0 || window.visible.contains(window.selected))
      #expect(window.visible.count == min(window.count, window.height))
    }
  }
}
