import Testing

/// Rules for every source file.
@Suite struct SourceRuleTests {
  @Test func noFileIsLongerThanFiveHundredLines() {
    let endings = ["swift", "c", "h", "py"]
    let files = Repository.files("Sources", endings) + Repository.files("Tests", endings)
    for file in files + Repository.files("models", endings) {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(lines <= 500, "\(file.path) has \(lines) lines")
    }
  }

  /// The format check does not look at comments. A row of a table can't be broken.
  @Test func noCommentIsLongerThanALineOfCode() {
    for file in Repository.files("Sources", ["swift"]) + Repository.files("Tests", ["swift"]) {
      for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      where line.count > 120 {
        let words = line.drop { $0 == " " || $0 == "/" }
        guard line.drop(while: { $0 == " " }).hasPrefix("//"), !words.hasPrefix("|") else { continue }
        Issue.record("\(file.path):\(number + 1) has a comment of \(line.count) columns")
      }
    }
  }

  @Test func noModuleHasTheNameOfATypeInIt() {
    let declaration = /\b(?:class|struct|enum|actor|protocol|typealias)\s+(\w+)/
    for file in Repository.swiftSources {
      for match in file.code.matches(of: declaration) {
        #expect(TargetTable.targets[String(match.1)] == nil, "\(file.path) declares \(match.1), the name of a module")
      }
    }
  }

  @Test func noSourceForceUnwrapsOrCallsFatalError() {
    // Matches a postfix `!` after an operand (but not `!=`), `as!` and `try!`.
    let forced = /(?:[\w\)\]\}"]!(?!=)|\btry!|\bas!)/
    for file in Repository.swiftSources {
      let code = file.code
      #expect(!code.contains("fatalError("), "\(file.path) calls fatalError")
      #expect(!code.contains("unsafelyUnwrapped"), "\(file.path) unwraps unsafely")
      for match in code.matches(of: forced) {
        let line = code[..<match.range.lowerBound].split(separator: "\n", omittingEmptySubsequences: false).count
        Issue.record("\(file.path) forces something near line \(line) of its code: \(match.0)")
      }
    }
  }

  @Test func theSearchForForcedValuesFindsOnlyThose() {
    let forced = /(?:[\w\)\]\}"]!(?!=)|\btry!|\bas!)/
    let guilty = ["let a = b!", "c()!.d", "e[0]!", "try! f()", "g as! H"]
    for text in guilty { #expect(SwiftText(text).code.contains(forced), "\(text)") }
    let innocent = ["a != b", "!c", "if x, !y {}", "// z!", "\"w!\"", "#\"v! \"u\"!\"#", "f(\"\\(a.b) !\")"]
    for text in innocent { #expect(!SwiftText(text).code.contains(forced), "\(text)") }
  }

  @Test func theProgramContactsNoHost() {
    let words = ["URLSession", "FoundationNetworking", "getaddrinfo", "gethostbyname", "NWConnection"]
    for file in Repository.swiftSources {
      for word in words { #expect(!file.code.contains(word), "\(file.path) uses \(word)") }
      for literal in file.literals where literal.contains("http://") || literal.contains("https://") {
        // The only URLs allowed: Hugging Face in messages, and the XML namespace of SVG. The program connects to
        // neither.
        let isKnown = ["https://huggingface.co", "xmlns=\"http://www.w3.org/2000/svg\""].contains {
          literal.contains($0)
        }
        #expect(isKnown, "\(file.path) names a host: \(literal)")
      }
    }
  }

  /// Engines and models know settings, not how the user changes them. The command line adds the option.
  @Test func enginesNameNoOptionsOfTheCommandLine() {
    let targets: Set = [
      "Checkpoints", "EngineAPI", "Engines", "Generation", "Layers", "Models", "Sampling", "Templates", "Tensors",
      "Tokenizers",
    ]
    let option = /(?:^|[^-\w])--[a-z]|\bwith -[a-z]\b|(?:^|[\s\/])-[a-z]\/--/
    #expect("replace it with --force".contains(option) && "another folder with -o".contains(option))
    #expect(!"a -- b".contains(option) && !"{{-- x --}}".contains(option))
    for file in Repository.swiftSources where targets.contains(file.target) {
      for literal in file.literals where literal.contains(option) {
        Issue.record("\(file.path) names an option: \(literal)")
      }
    }
  }

  @Test func theAppUsesNoFilesClocksOrRandomness() {
    let call = /\b(?:print|fopen|getenv|clock_gettime|gettimeofday|random|arc4random|Task|ContinuousClock)\b\s*[\({.]/
    for file in Repository.swiftSources where file.target == "PlaygroundApp" {
      for match in file.code.matches(of: call) { Issue.record("\(file.path): \(match.0)") }
    }
  }

  @Test func theRepositoryContainsNoPathOfAMachine() {
    let path = /(?:^|[\s"'`(=:])\/(?:home|Users|root|opt|mnt|work)\/\w/
    let files =
      Repository.files("Sources", ["swift", "c", "h", "md", "modulemap"]) + Repository.files("themes", ["yaml", "md"])
      + Repository.files("models", ["md", "json", "py"]).filter { $0.text.utf8.count < 100_000 }
    for file in files {
      for match in file.text.matches(of: path) { Issue.record("\(file.path) names a path: \(match.0)") }
    }
  }
}
