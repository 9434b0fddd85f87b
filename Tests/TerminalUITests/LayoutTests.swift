import TestSupport
import Testing

@testable import TerminalUI

@Suite("Rectangles")
struct LayoutTests {
  @Test("A rectangle is split by cells, fractions and shares into whole cells")
  func split() {
    let rect = Rect(2, 3, 100, 40)
    #expect(
      rect.rows([.cells(1), .rest, .cells(2)]) == [Rect(2, 3, 100, 1), Rect(2, 4, 100, 37), Rect(2, 41, 100, 2)])
    #expect(rect.columns([.fraction(0.25), .share(2), .share(1)]).map(\.width) == [25, 50, 25])
    #expect(rect.equalColumns(3).map(\.width) == [34, 33, 33])
    #expect(rect.columns([]) == [])
  }

  @Test("Parts are adjacent and never exceed the whole")
  func random() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<1_000 {
      let rect = Rect(5, 0, Int(random.next() % 50), 1)
      let lengths = (0..<Int(random.next() % 6)).map { _ -> Length in
        switch random.next() % 3 {
        case 0: .cells(Int(random.next() % 30) - 3)
        case 1: .fraction(Double(random.next() % 200) / 100 - 0.5)
        default: .share(Int(random.next() % 4) - 1)
        }
      }
      let parts = rect.columns(lengths)
      var x = rect.x
      for part in parts {
        #expect(part.x == x)
        x = part.maxX
      }
      #expect(x <= rect.maxX)
      if lengths.contains(where: { if case .share(let weight) = $0 { weight > 0 } else { false } }) {
        #expect(x == rect.maxX)
      }
    }
  }

  @Test("Parts of rectangles that are too small are empty, not negative")
  func small() {
    #expect(Rect(0, 0, 1, 1).inset().isEmpty)
    #expect(Rect(0, 0, 10, 4).inset(columns: 2, rows: 1) == Rect(2, 1, 6, 2))
    #expect(Rect(0, 0, 3, 3).row(3).isEmpty)
    #expect(Rect(0, 0, 10, 10).centered(Size(4, 20)) == Rect(3, 0, 4, 10))
    #expect(Rect(0, 0, 5, 5).intersection(Rect(7, 7, 2, 2)).isEmpty)
    #expect(Rect(0, 0, 2, 2).columns([.fraction(.nan), .rest]).map(\.width) == [0, 2])
  }
}
