import Testing

@testable import PlaygroundApp

/// The header with more tabs than it has room for.
@Suite struct HeaderTabsTests {
  @Test(arguments: [72, 80, 100, 120, 200], 0..<TabID.allCases.count)
  func theOpenTabIsAlwaysShownAndNothingOverlaps(width: Int, selected: Int) {
    let tabs = HeaderTabs(TabID.allCases.map(\.title), selected: selected, width: width)
    #expect(tabs.visible.contains(selected))
    #expect(tabs.end <= width - HeaderTabs.leastState || tabs.visible.count == 1)
    #expect(width < 160 || tabs.visible == 0..<TabID.allCases.count && tabs.hasBrand)
    for index in tabs.visible {
      let middle = tabs.column(of: index) + 2
      #expect(tabs.index(at: middle) == index)
    }
    #expect(tabs.index(at: width) == nil)
  }

  @Test func nineTabsFitByShowingTheNeighborsOfTheOpenOne() {
    let titles = (1...9).map { "Title \($0)" }
    let first = HeaderTabs(titles, selected: 0, width: 80)
    #expect(first.visible == 0..<5 && !first.hidesLeft && first.hidesRight)
    let middle = HeaderTabs(titles, selected: 4, width: 80)
    #expect(middle.visible.contains(4) && middle.hidesLeft && middle.hidesRight)
    let last = HeaderTabs(titles, selected: 8, width: 80)
    #expect(last.visible.upperBound == 9 && last.hidesLeft && !last.hidesRight)
  }
}
