import Yams

/// Reads a theme file: a base16 or base24 scheme in YAML. Accepts the new form (`palette:` with `base00` …) and the old
/// form (`scheme:` and `base00` … at the top level), with an optional block of our own:
///
///     triptych:
///       roles: {dim: "7a7a7a", focused-border: "ffaa00"}
///       bold: [accent, key]
///       heat: ["5b8fd9", "9a9fa6", "f0933b"]   # the diverging scale, cool to warm
///       warmth: ["f2bf55", "ff6f3c"]           # the sequential one, after the text's own color
struct ThemeReader {
  let name: String
  let file: String

  func read(_ bytes: [UInt8]) throws(ThemeError) -> Theme {
    guard bytes.count <= Theme.byteLimit else {
      throw .tooLarge(file: file, bytes: bytes.count, limit: Theme.byteLimit)
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
    let root: Node?
    do {
      root = try YAMLDocument.compose(text)
    } catch {
      throw .notYAML(file: file, line: error.line, problem: ThemeReader.words(error.kind))
    }
    guard let mapping = root?.mapping else {
      throw .notYAML(file: file, line: root?.mark?.line ?? 1, problem: root == nil ? "nothing" : "something else")
    }
    return mapping
  }

  private static func words(_ fault: YAMLFault.Kind) -> String {
    switch fault {
    case .alias: "an anchor or an alias, which themes may not have"
    case .repeatedKey(let key): "the key \(key) twice"
    case .syntax(let problem, _): problem
    case .other: "an error of the parser"
    }
  }

  private func palette(_ root: Node.Mapping) throws(ThemeError) -> Scheme {
    let source = try block("palette", in: root) ?? root
    let isBase24 = source["base10"] != nil
    var colors: [RGB] = []
    for number in 0..<(isBase24 ? 24 : 16) {
      let digits = String(number, radix: 16, uppercase: true)
      let key = "base" + (digits.count < 2 ? "0" : "") + digits
      // Some schemes write the digits in lowercase.
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
      throw wrong(value, key: key, expected: "a list of \(count.lowerBound) to \(count.upperBound) colors")
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
  ///   - name: The theme's name: the file name without its extension.
  ///   - file: The path for error messages.
  public init(yaml bytes: [UInt8], name: String, file: String) throws(ThemeError) {
    self = try ThemeReader(name: name, file: file).read(bytes)
  }
}

/// Why a theme cannot be used.
public enum ThemeError: Error, Equatable, CustomStringConvertible {
  /// The file exceeds the size limit.
  case tooLarge(file: String, bytes: Int, limit: Int)
  /// The file is not YAML.
  case notYAML(file: String, line: Int, problem: String)
  /// A key has a wrong value.
  case wrongValue(file: String, line: Int, key: String, expected: String, found: String)
  /// A required key is missing.
  case missing(file: String, key: String)

  /// One sentence: what failed, where, what was expected and what was found.
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

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .missing, .wrongValue: "a scheme has base00 to base0F, each of six hexadecimal digits like \"1a2b3c\""
    case .notYAML(let file, let line, _):
      "correct line \(line) of \(file), or move the file away; a theme is written in YAML, like those of base16"
    case .tooLarge: "a scheme of 16 or 24 colors takes about a kilobyte: choose another file"
    }
  }
}

extension Theme {
  /// The maximum size of a theme file, in bytes; a theme takes about a kilobyte.
  public static let byteLimit = 65_536
}
