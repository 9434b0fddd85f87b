import Testing

/// The functions of `Tokenizers` that walk text rely on valid UTF-8 and check neither validity nor bounds.
///
/// Text therefore enters only as a `String` (through `ValidText`), or as bytes of a file that `isValidUTF8` has
/// checked. Before you change one of these lists, make sure that this still holds.
@Suite struct UncheckedTextTests {
  /// The files that walk text without checks.
  private static let walkers: Set = [
    "AddedVocabulary", "Cuts/TextCuts", "Loading/TokenizerFiles", "Models/BytePairModel", "Models/TokenModel",
    "Models/ScoredPairModel", "Models/UnigramModel", "Normalizers/Normalizers", "Normalizers/PrecompiledNormalizer",
    "Normalizers/UnicodeNormalizer", "PostProcessors", "PreTokenizers/Cutters", "PreTokenizers/PreTokenizers",
    "Regex/RegexMatcher", "Text/AlignedText", "Text/UTF8",
  ]

  /// The number of calls of `isValidUTF8` in each file, including its declaration.
  private static let checks = [
    "Decoders/DecodingStages": 1, "Loading/ConfiguredTokens": 1, "Loading/GGUF/GGUFVocabulary": 1,
    "Loading/ModelLoading": 2,
    "Loading/SentencePieceModel": 1, "Loading/TokenizerFiles": 2, "Normalizers/PrecompiledNormalizer": 1,
    "Text/UTF8": 1,
  ]

  /// The files that read strings of a JSON file as bytes. All of them check the bytes, except for merge rules, which
  /// are only compared with pieces of the vocabulary.
  private static let readersOfJSON: Set = [
    "Loading/ConfiguredTokens", "Loading/GGUF/GGUFVocabulary", "Loading/ModelLoading", "Loading/TokenizerFiles",
  ]

  // The default word boundaries treat a dot inside a name as part of the word.
  private static var walk: Regex<Substring> {
    /\bscalar\((?:at|before):|\bscalarCount\b/.wordBoundaryKind(.simple)
  }
  private static var readJSON: Regex<Substring> {
    /(?:\b(?:key|text|value)|[?\]])\.bytes\b(?!\()/.wordBoundaryKind(.simple)
  }

  @Test func onlyListedFilesWalkTextWithoutChecks() {
    #expect(files { $0.contains(Self.walk) } == Self.walkers)
  }

  @Test func bytesOfFilesAreChecked() {
    for (name, code) in Self.sources {
      let found = code.matches(of: /\bisValidUTF8\(/).count
      #expect(found == Self.checks[name] ?? 0, "\(name) checks bytes \(found) times")
    }
    #expect(Self.checks.keys.allSatisfy { name in Self.sources.contains { $0.name == name } })
    let readers = Self.sources.filter { $0.name.hasPrefix("Loading/") && $0.code.contains(Self.readJSON) }
    #expect(Set(readers.map(\.name)) == Self.readersOfJSON)
  }

  @Test func onlyValidTextTakesBytesFromAString() {
    #expect(files { $0.contains(/\.withUTF8\b/) } == ["Text/UTF8"])
  }

  @Test func noOtherModuleCanHandOverBytes() {
    for (name, code) in Self.sources {
      for declaration in takers(code) { Issue.record("\(name) lets other modules hand over bytes: \(declaration)") }
    }
    let code = Self.sources.first { $0.name == "Text/UTF8" }?.code ?? ""
    let opened = code.matches(of: /\b(?:public|package|open) [^\n]*/).map { String($0.0) }
    let allowed = ["public struct ValidText {", "public let bytes: UnsafeBufferPointer<UInt8>"]
    #expect(opened.allSatisfy { allowed.contains($0) || $0.hasPrefix("public static func with<R>(_ text: String,") })
  }

  @Test func theSearchFindsExactlyTheseForms() {
    for text in ["a.scalar(at: 0)", "$0.scalar(before: end)", "b.scalarCount(c)", "a.map(text.scalar(at:))"] {
      #expect(text.contains(Self.walk), "\(text)")
    }
    for text in ["field.scalar()", "append(scalar: code)"] { #expect(!text.contains(Self.walk), "\(text)") }
    for text in [
      "public func f(_ text: UnsafeBufferPointer<UInt8>) {}", "public init(\n  bytes: [UInt8]\n) {}",
      "public static func g<C: Collection<UInt8>>(_ c: C) {}", "package mutating func h(_ t: TextBuffer) {}",
      "public subscript(p: UnsafeRawBufferPointer) -> Int { 0 }", "public extension A { func f() {} }",
      "public func f(_ a: (Int) -> Int, _ data: Foundation.Data) {}", "public var sink: ([UInt8]) -> Void",
      "public var text: [UInt8] = []",
    ] { #expect(!takers(text).isEmpty, "\(text)") }
    for text in [
      "func f(_ text: [UInt8]) {}", "public func f(of id: Int) -> [UInt8] { [] }", "public let bytes: [UInt8]",
      "public func f(_ text: ValidText, at index: Int) -> Bool { true }", "public var dataCount: Int",
    ] { #expect(takers(text).isEmpty, "\(text)") }
  }

  /// The Swift files of `Tokenizers`, by their paths inside the target.
  private static let sources = Repository.swiftSources.filter { $0.target == "Tokenizers" }.map { file in
    (name: String(file.path.dropFirst("Sources/Tokenizers/".count).dropLast(".swift".count)), code: file.code)
  }

  private func files(where holds: (String) -> Bool) -> Set<String> {
    Set(Self.sources.filter { holds($0.code) }.map(\.name))
  }

  /// The declarations visible to other modules that take bytes.
  private func takers(_ code: String) -> [String] {
    let bytes = /\bUInt8\b|\bTextBuffer\b|\bUnsafe\w*Pointer\b|\bRawSpan\b|\bByteString\b|\bData\b/.wordBoundaryKind(
      .simple)
    let parts = code.matches(of: /\b(?:public|package|open)\b[^\n{]*?\b(?:func|init|subscript|var|extension)\b/)
    return parts.compactMap { part in
      let kind = part.0.split(whereSeparator: \.isWhitespace).last ?? ""
      if kind == "extension" { return String(part.0) }
      let rest = code[part.range.upperBound...]
      let taken = kind == "var" ? rest.prefix { $0 != "\n" && $0 != "{" } : parameters(rest)
      return taken.contains(bytes) ? String(part.0 + taken) : nil
    }
  }

  /// The text up to the end of the first pair of parentheses.
  private func parameters(_ text: Substring) -> Substring {
    var depth = 0
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      guard text[index] == ")" else { continue }
      depth -= 1
      if depth == 0 { return text[...index] }
    }
    return text
  }
}
