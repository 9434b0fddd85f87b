import Yams

/// Reads a theme file: a base16 or base24 scheme in YAML, in the new form (`palette:` with `base00` …) or the old one
/// (`scheme:` and `base00` … at the top), with an optional block of our own:
///
///     triptych:
///       roles: {dim: "7a7a7a", focused-border: "ffaa00"}
///       bold: [accent, key]
///       heat: ["5b8fd9", "9a9fa6", "f0933b"]   # the diverging scale, cool to warm
///       warmth: ["f2bf55", "ff6f3c"]           # the sequential one, after the text's own colour
struct ThemeReader {
  /// A scheme takes about a kilobyte.
  static let byteLimit = 65_536

  let name: String
  let file: String

  func read(_ bytes: [UInt8]) throws(ThemeError) -> Theme {
    guard bytes.count <= ThemeReader.byteLimit else {
      throw .tooLarge(file: file, bytes: bytes.count, limit: ThemeReader.byteLimit)
    }
    let root = try mapping(bytes)
    let palette = try self.palette(root)
    let own = try block("triptych", in: root)
    let roles = try own.flatMap { own throws(ThemeError) in try block("roles", in: own) }
    var overrides: [Role: RGB] = [:]
    for (key, value) in roles ?? [:] {
      guard let role = Role.named[key.string ?? ""] else {
        throw wrong(key, key: "roles", expected: "one of \(Role.named.keys.sorted().joined(separator: ", "))")
      }
      overrides[role] = try color(value, key: key.string ?? "")
    }
    return Theme(
      name: name, title: root["name"]?.string ?? root["scheme"]?.string, author: root["author"]?.string ?? "",
      scheme: palette, overrides: overrides, heat: try stops("heat", 2...16, own),
      warmth: try stops("warmth", 1...16, own), bold: try bold(own))
  }

  private func mapping(_ bytes: [UInt8]) throws(ThemeError) -> Node.Mapping {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .notYAML(file: file, line: 1, problem: "bytes that are not UTF-8")
    }
    if let alias = YAMLAlias.first(in: text) {
      throw .notYAML(file: file, line: alias.line, problem: "an anchor or an alias, which themes may not have")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw notYAML(error)
    }
    guard let mapping = root?.mapping else {
      throw .notYAML(file: file, line: root?.mark?.line ?? 1, problem: root == nil ? "nothing" : "something else")
    }
    return mapping
  }

  private func notYAML(_ error: any Error) -> ThemeError {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      .notYAML(file: file, line: mark.line, problem: problem)
    case YamlError.duplicatedKeysInMapping(let duplicates, _):
      .notYAML(file: file, line: 1, problem: "the key \(duplicates.first ?? "") twice")
    case YamlError.reader(let problem, _, _, _): .notYAML(file: file, line: 1, problem: problem)
    default: .notYAML(file: file, line: 1, problem: "an error of the parser")
    }
  }

  private func palette(_ root: Node.Mapping) throws(ThemeError) -> Scheme {
    let source = try block("palette", in: root) ?? root
    let isBase24 = source["base10"] != nil
    var colors: [RGB] = []
    for number in 0..<(isBase24 ? 24 : 16) {
      let digits = String(number, radix: 16, uppercase: true)
      let key = "base" + (digits.count < 2 ? "0" : "") + digits
      // Some schemes spell the digits small.
      guard let value = source[key] ?? source[key.lowercased()] else {
        throw .missing(file: file, key: key)
      }
      colors.append(try color(value, key: key))
    }
    guard let scheme = Scheme(colors) else { throw .missing(file: file, key: "base00") }
    return scheme
  }

  private func block(_ key: String, in parent: Node.Mapping) throws(ThemeError) -> Node.Mapping? {
    guard let value = parent[key] else { return nil }
    guard let mapping = value.mapping else { throw wrong(value, key: key, expected: "keys and values") }
    return mapping
  }

  private func stops(_ key: String, _ count: ClosedRange<Int>, _ own: Node.Mapping?) throws(ThemeError) -> [RGB]? {
    guard let value = own?[key] else { return nil }
    guard let list = value.sequence, count.contains(list.count) else {
      throw wrong(value, key: key, expected: "a list of \(count.lowerBound) to \(count.upperBound) colours")
    }
    var stops: [RGB] = []
    for stop in list { stops.append(try color(stop, key: key)) }
    return stops
  }

  private func bold(_ own: Node.Mapping?) throws(ThemeError) -> Set<Role> {
    guard let value = own?["bold"] else { return [] }
    guard let list = value.sequence else { throw wrong(value, key: "bold", expected: "a list of roles") }
    var roles: Set<Role> = []
    for entry in list {
      guard let role = Role.named[entry.string ?? ""] else { throw wrong(entry, key: "bold", expected: "a role") }
      roles.insert(role)
    }
    return roles
  }

  private func color(_ node: Node, key: String) throws(ThemeError) -> RGB {
    guard let text = node.string, let color = RGB(hex: text) else {
      throw wrong(node, key: key, expected: "six hexadecimal digits")
    }
    return color
  }

  private func wrong(_ node: Node, key: String, expected: String) -> ThemeError {
    let found =
      switch node {
      case .scalar(let scalar): "“" + visible(scalar.string).fitted(to: 40) + "”"
      case .mapping: "keys and values"
      case .sequence: "a list"
      case .alias: "an alias"
      }
    return .wrongValue(file: file, line: node.mark?.line ?? 1, key: key, expected: expected, found: found)
  }
}

extension Theme {
  /// The theme of a file's bytes: a base16 or base24 scheme, with an optional `triptych:` block.
  ///
  /// - Parameters:
  ///   - name: The name to choose it by: the file's name without its ending.
  ///   - file: The path that errors name.
  public init(yaml bytes: [UInt8], name: String, file: String) throws(ThemeError) {
    self = try ThemeReader(name: name, file: file).read(bytes)
  }
}

/// Why a theme cannot be used.
public enum ThemeError: Error, Equatable, CustomStringConvertible {
  /// The file is larger than a theme can be.
  case tooLarge(file: String, bytes: Int, limit: Int)
  /// The file is not YAML.
  case notYAML(file: String, line: Int, problem: String)
  /// A key has a value that is not what it should be.
  case wrongValue(file: String, line: Int, key: String, expected: String, found: String)
  /// A key that every scheme has is not there.
  case missing(file: String, key: String)

  /// One sentence: what, where, what was expected and what was found.
  public var description: String {
    switch self {
    case .tooLarge(let file, let bytes, let limit):
      "the theme is too large, \(file): expected at most \(limit) bytes, found \(bytes)"
    case .notYAML(let file, let line, let problem):
      "the theme is not YAML, \(file):\(line): expected a mapping of keys and values, found \(problem)"
    case .wrongValue(let file, let line, let key, let expected, let found):
      "wrong value of \(key), \(file):\(line): expected \(expected), found \(found)"
    case .missing(let file, let key):
      "the theme lacks a key, \(file): expected \(key), found nothing"
    }
  }

  /// What a person can do.
  public var hint: String? {
    switch self {
    case .missing, .wrongValue: "a scheme has base00 to base0F, each of six hexadecimal digits like \"1a2b3c\""
    case .tooLarge, .notYAML: nil
    }
  }
}

/// Finds anchors and aliases in YAML before it is parsed.
///
/// Aliases let a few lines stand for an exponential tree, which the parser then compares and hashes. No file of ours
/// needs them, so that readers refuse a text that holds one.
public enum YAMLAlias {
  /// The first sign that could be an anchor or an alias; line and column count from 1. Linear in the text's length.
  ///
  /// Quotes are not followed, so a quoted `"x *y"` counts too: no setting needs one. A comment counts only if a quote
  /// follows its `#`: without one, the rest of the line is a comment or lies inside a longer text, and in either case
  /// holds no anchor.
  public static func first(in text: String) -> (line: Int, column: Int)? {
    for (number, line) in text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: isBreak)
      .enumerated()
    {
      let scalars = Array(line)
      let lastQuote = scalars.lastIndex { $0 == "\"" || $0 == "'" } ?? -1
      for (index, sign) in scalars.enumerated() {
        let previous = index == 0 ? " " : scalars[index - 1]
        if sign == "#", previous == " " || previous == "\t", lastQuote < index { break }
        guard sign == "&" || sign == "*", index + 1 < scalars.count else { continue }
        if isNamePart(scalars[index + 1]), !isNamePart(previous) { return (number + 1, index + 1) }
      }
    }
    return nil
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
  }

  private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "-" || scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }
}
