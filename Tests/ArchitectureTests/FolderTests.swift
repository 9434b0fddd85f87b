import Testing

/// In the larger front-end targets, a folder uses only the folders below it, so there are no cycles.
@Suite struct FolderTests {
  /// The folders of a target, the lowest first; the empty name stands for the files beside the folders.
  private static let orders: [String: [String]] = [
    "Checkpoints": ["", "GGUF"],
    "CommandLineTool": ["World", "Errors", "Input", "Output", "Options", "Commands", "", "Parsing"],
    "Corpora": ["", "Files", "Reading", "Cleaning", "Storing", "Copies"],
    "LocalFiles": ["", "Stores"],
    "Models": ["", "Configuration", "Passes", "Weights", "Register", "Decoders", "Architectures", "Loading"],
    "PlaygroundApp": ["Values", "Cards", "Shell", "Panes", "Tabs", "Lessons", "App"],
    "PlaygroundRuntime": ["Messages", "Files", "Effects", "Loop", "Start"],
    "Templates": ["Errors", "Values", "Syntax", "Evaluation", "Printing", "Builtins", "", "Chat"],
    "Tensors": ["Storage", "", "Weights", "Operations", "Recording"],
    "TerminalUI": ["Text", "Grid", "Widgets", "Input", "Themes", "Editing", ""],
    "Training": [
      "", "Random", "Gradients", "Optimizers", "Adapters", "Setup", "Objectives", "Records", "Data", "Watching", "Run",
    ],
    "Tokenizers": [
      "Text", "PreTokenizers", "Normalizers", "Regex", "Decoders", "Models", "", "Loading", "Cuts",
    ],
  ]

  /// Types that folders below theirs may use. `Sources/README.md` gives the reasons for these cycles.
  private static let inherent: [String: Set<String>] = [
    "PlaygroundApp": ["TabRegister"],
    "Templates": ["Renderer", "Arguments", "Signature", "Methods", "Globals", "Filters", "Tests"],
    "Tensors": ["Recorder", "RecordedAttention"],
    "Tokenizers": ["Field", "TokenizerConfiguration", "TokenizerParts"],
  ]

  @Test(arguments: orders.keys.sorted())
  func foldersUseOnlyFoldersBelowThem(target: String) throws {
    let order = try #require(Self.orders[target])
    #expect(Set(order).subtracting([""]) == Set(Repository.folders("Sources/\(target)")))
    let files = Repository.swiftSources.filter { $0.target == target }
    var owners: [String: String] = [:]
    for file in files { for name in Self.declared(file.code) { owners[name] = folder(file.path) } }
    #expect(owners.count > 10)
    // Each exception is needed.
    for word in Self.inherent[target] ?? [] {
      let owner = try #require(owners[word].flatMap { order.firstIndex(of: $0) }, "there is no \(word)")
      #expect(
        files.contains {
          (order.firstIndex(of: folder($0.path)) ?? .max) < owner && Self.words($0.code).contains(word)
        },
        "no folder below that of \(word) uses it")
    }
    for file in files {
      let own = folder(file.path)
      let level = try #require(order.firstIndex(of: own), "\(file.path) is in no folder of the order")
      for word in Self.words(file.code) where Self.inherent[target]?.contains(word) != true {
        guard let owner = owners[word], let other = order.firstIndex(of: owner), other > level else { continue }
        Issue.record("\(file.path) uses \(word) of \(owner), which lies above \(own)")
      }
    }
  }

  @Test func theReaderOfDeclarationsKnowsEveryForm() {
    let text = """
      struct Alpha {
        struct Inner {}
      }
      public final class Beta {}
      indirect enum Gamma { case delta(Epsilon) }
      extension Zeta: Eta {}
      protocol Theta {}
      // struct Iota
      let text = "struct Kappa \\(Lambda.all)"
      """
    let code = SwiftText(text).code
    #expect(Self.declared(code) == ["Alpha", "Beta", "Gamma", "Theta"])
    #expect(Self.words(code).isSuperset(of: ["Inner", "Epsilon", "Zeta", "Eta", "Lambda"]))
    #expect(Self.words(code).isDisjoint(with: ["Iota", "Kappa"]))
  }

  /// The first folder of a path after `Sources` and the target.
  private func folder(_ path: String) -> String {
    let parts = path.split(separator: "/").dropFirst(2)
    return parts.count > 1 ? String(parts.first ?? "") : ""
  }

  /// The types that code declares, without nested ones.
  private static func declared(_ code: String) -> [String] {
    let declaration =
      /(?m)^(?:public |package )?(?:final |indirect )?(?:struct|enum|class|protocol|actor|typealias) (\w+)/
    return code.matches(of: declaration).map { String($0.1) }
  }

  private static func words(_ code: String) -> Set<String> {
    Set(code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
  }
}
