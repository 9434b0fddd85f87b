import Testing

/// A tab is a folder of the app and a line of the register. No other code refers to a tab's types.
@Suite struct TabTests {
  private static let app = "Sources/PlaygroundApp/"
  private static let tabs = app + "Tabs/"

  /// The files of the app outside the register.
  private var files: [Repository.SourceFile] {
    Repository.swiftSources.filter { $0.path.hasPrefix(Self.app) && $0.path != Self.tabs + "TabRegister.swift" }
  }

  /// The tab whose folder contains a file.
  private func tab(_ path: String) -> String? {
    guard path.hasPrefix(Self.tabs) else { return nil }
    return path.dropFirst(Self.tabs.count).split(separator: "/").first.map(String.init)
  }

  @Test func everyFolderOfTabsIsInTheRegister() throws {
    let register = try #require(Repository.text(Self.tabs + "TabRegister.swift"))
    let registered = Set(register.matches(of: /(\w+)\.self/).map { String($0.1) })
    let folders = Repository.folders("Sources/PlaygroundApp/Tabs")
    #expect(folders.count == registered.count)
    for folder in folders {
      let code = files.filter { tab($0.path) == folder }.map(\.code).joined()
      #expect(registered.contains { code.contains("extension \($0): Tab {") || code.contains("struct \($0): Tab") })
    }
  }

  @Test func nothingOutsideATabsFolderNamesItsTypes() {
    let declaration = /(?m)^(?:public )?(?:struct|enum|class|protocol) (\w+)/
    for owner in Repository.folders("Sources/PlaygroundApp/Tabs") {
      let own = files.filter { tab($0.path) == owner }
      let names = own.flatMap { $0.code.matches(of: declaration).map { String($0.1) } }
      #expect(!names.isEmpty)
      for file in files where tab(file.path) != owner {
        let words = Set(file.code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
        for name in names where words.contains(name) {
          Issue.record("\(file.path) names \(name), which belongs to the tab \(owner)")
        }
      }
    }
  }

  @Test func nothingOutsideTheRegisterBranchesOnTheTab() {
    // Matches a `switch` over a tab's name or a comparison with one.
    let choice =
      /switch \(?[\w.]*\btab(?:ID)?\b[^.\n]*\{|\btab(?:ID)? [!=]= \.\w|TabID\.(?!allCases|first)[a-z]\w*\b(?! *\()/
      .wordBoundaryKind(.simple)
    let guilty = [
      "switch shell.tab {", "switch (tab, focus) {", "if state.tab == .generate", "tab != .x", "TabID.chat",
    ]
    for text in guilty { #expect(text.contains(choice), "\(text)") }
    for text in ["switch tab.focus.context {", "TabID.allCases", "tab == other"] { #expect(!text.contains(choice)) }
    for file in files where tab(file.path) == nil {
      for match in file.code.matches(of: choice) { Issue.record("\(file.path) decides by the tab: \(match.0)") }
    }
  }
}
