import Testing

/// The house stands: nothing is imported that the table does not allow.
@Suite struct ImportTests {
  @Test func everyImportIsInTheTable() {
    let files = Repository.swiftSources
    #expect(!files.isEmpty)
    for file in files {
      let allowed = (House.targets[file.target]?.imports ?? []).union(House.systemModules(of: file.target))
      for module in imports(file.code) where !allowed.contains(House.package(of: module)) {
        Issue.record("\(file.path) imports \(module): expected one of \(allowed.sorted())")
      }
    }
  }

  @Test func everyTargetImportsOnlyLowerLevels() {
    for (name, target) in House.targets {
      for module in target.imports {
        guard let imported = House.targets[module] else { continue }
        #expect(imported.level < target.level, "\(name) is on the level of \(module) or below")
      }
    }
  }

  @Test func everyFolderOfSourcesIsInTheTable() {
    #expect(Set(Repository.folders("Sources")) == Set(House.targets.keys))
  }

  @Test func theReaderOfImportsKnowsEveryForm() {
    let text = """
      import Alpha
      @testable import Beta
      internal import Gamma
      #if canImport(Delta)
        import Delta
      #endif
      import struct Epsilon.Zeta
      // import Eta
      let text = "import Theta"
      @preconcurrency import Iota // why
      """
    #expect(imports(SwiftText(text).code) == ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Iota"])
  }

  /// The modules that code imports, in order.
  private func imports(_ code: String) -> [String] {
    let line = /^\s*(?:@\w+\s+|public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)*import\s+(.+)$/
    let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor"]
    return code.split(whereSeparator: \.isNewline).compactMap { text in
      guard let words = text.wholeMatch(of: line)?.1.split(separator: " "), let first = words.first else { return nil }
      let path = kinds.contains(String(first)) && words.count > 1 ? words[1] : first
      return path.split(separator: ".").first.map(String.init)
    }
  }
}
