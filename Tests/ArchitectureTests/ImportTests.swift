import Testing

/// Imports follow the table of targets.
@Suite struct ImportTests {
  @Test func everyImportIsInTheTable() {
    let files = Repository.swiftSources
    #expect(!files.isEmpty)
    for file in files {
      let allowed = (TargetTable.targets[file.target]?.imports ?? []).union(TargetTable.systemModules(of: file.target))
      for module in imports(file.code) where !allowed.contains(TargetTable.package(of: module)) {
        Issue.record("\(file.path) imports \(module): expected one of \(allowed.sorted())")
      }
    }
  }

  @Test func everyImportIsDeclaredInThePackage() throws {
    let declared = try declaredDependencies()
    #expect(declared["EngineAPI"] == ["Sampling", "Terms"])
    for file in Repository.swiftSources {
      guard let names = declared[file.target] else { continue }
      let allowed = names.union(TargetTable.systemModules(of: file.target).subtracting(["Platform"]))
      for module in imports(file.code) where !allowed.contains(TargetTable.package(of: module)) {
        Issue.record("\(file.path) imports \(module), which Package.swift does not give to \(file.target)")
      }
    }
  }

  @Test func everyTargetImportsOnlyLowerLevels() {
    for (name, target) in TargetTable.targets {
      for module in target.imports {
        guard let imported = TargetTable.targets[module] else { continue }
        #expect(imported.level < target.level, "\(name) is on the level of \(module) or below")
      }
    }
  }

  @Test func everyFolderOfSourcesIsInTheTable() {
    #expect(Set(Repository.folders("Sources")) == Set(TargetTable.targets.keys))
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

  /// The dependencies of each target in Package.swift; products of packages by module name.
  private func declaredDependencies() throws -> [String: Set<String>] {
    let package = try #require(Repository.text("Package.swift"))
    let products = [
      "argumentParser": "ArgumentParser", "heap": "Collections", "logging": "Logging", "yams": "Yams",
    ]
    let target = /(?:[^.]target\(\s*|executableTarget\(\s*name: )"(\w+)",(?:\s*(?:dependencies:\s*)?\[([^\]]*)\])?/
    var found: [String: Set<String>] = [:]
    for match in package.matches(of: target) {
      let words = (match.2 ?? "").split { !$0.isLetter && !$0.isNumber }.map(String.init)
      found[String(match.1)] = Set(words.map { products[$0] ?? $0 })
    }
    return found
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
