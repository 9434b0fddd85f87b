import EngineAPI
import Sampling
import TerminalUI
import Yams

/// Sampler settings by name in the configuration file.
extension ConfigurationFile {
  /// The preset of a name in a file.
  ///
  /// - Returns: the preset, `nil` if there is none of this name, and the names that there are.
  /// - Throws: the first problem that concerns it: the file can't be read, or one of its values is wrong.
  public static func preset(
    named name: String, in path: String
  ) throws(ConfigurationProblem) -> (preset: SamplerPreset?, known: [String]) {
    let (configuration, problems) = read(path, tabs: [])
    if let problem = problems.first(where: { $0.concerns("presets.\(name)") }) { throw problem }
    return (configuration.presets.first { $0.name == name }, configuration.presets.map(\.name))
  }

  /// Adds a preset to a file, or replaces the one of its name. Everything else in the file stays as it was.
  ///
  /// - Parameter tabs: the names of the playground's tabs.
  public static func save(_ preset: SamplerPreset, to path: String, tabs: [String]) throws(EngineError) {
    let text: String
    do {
      text = FilePaths.kind(path) == .missing ? "" : try TextFile.read(path, limit: limit)
    } catch {
      throw EngineError(error)
    }
    let changed = try adding(preset, to: text, path: path, tabs: tabs)
    do {
      try TextFile.write(changed, to: path)
    } catch {
      throw EngineError(error)
    }
  }

  /// A file's text with a preset added or replaced. Only the lines of this preset change. The result is parsed again,
  /// so that a file that is written in another way than expected is never damaged.
  static func adding(
    _ preset: SamplerPreset, to text: String, path: String, tabs: [String]
  ) throws(EngineError) -> String {
    let before = parse(text, path: path, tabs: tabs)
    if let problem = before.problems.first(where: { $0.concerns("") }) { throw EngineError(problem) }
    var edit = PresetEdit(text)
    let isPlaced = edit.put(preset, root: (try? YAMLDocument.compose(text)) ?? nil)
    let after = parse(edit.text, path: path, tabs: tabs)
    let isKept = Kept(before.configuration, without: preset.name) == Kept(after.configuration, without: preset.name)
    guard isPlaced, isKept, after.configuration.presets.contains(preset),
      after.problems.count <= before.problems.count
    else {
      throw EngineError(
        .input, "can't add the settings to the file", at: path,
        expected: "'presets' as lines of their own, or none", found: "another form",
        hint: "write 'presets:' in a line of its own at the end of the file, with nothing after the colon")
    }
    return edit.text
  }

  /// What a configuration says besides one preset. Positions in the file do not matter.
  private struct Kept: Equatable {
    var configuration: Configuration
    var presets: [SamplerPreset]
    var keys: [[String]]

    init(_ configuration: Configuration, without name: String) {
      self.configuration = configuration
      (self.configuration.presets, self.configuration.keys) = ([], [])
      presets = configuration.presets.filter { $0.name != name }
      keys = configuration.keys.map { [$0.action] + $0.keys }
    }
  }
}

extension ConfigurationProblem {
  /// Whether the problem is one of a key or of a key in it, or of the file as a whole.
  fileprivate func concerns(_ key: String) -> Bool {
    switch self {
    case .file, .syntax, .alias, .repeatedKey: true
    case .unknownKey(_, let other, _), .wrongValue(_, let other, _, _):
      !key.isEmpty && (other == key || other.hasPrefix(key + ".") || other == "presets" || other == "the file")
    }
  }
}

/// A configuration file's text, of which the lines of one preset are changed.
private struct PresetEdit {
  private var lines: [String]
  /// The carriage return at the end of each line, if the file has them.
  private let ending: String

  init(_ text: String) {
    ending = text.unicodeScalars.contains("\r") ? "\r" : ""
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }

  var text: String { lines.joined(separator: "\n") }

  /// Puts a preset in place. Returns false if `presets` is written in a form that has no lines of its own.
  mutating func put(_ preset: SamplerPreset, root: Node?) -> Bool {
    guard let root else {
      append(["presets:"] + Self.entry(preset, indent: 2))
      return true
    }
    guard case .mapping(let mapping) = root, mapping.style != .flow else { return false }
    guard let (key, value) = mapping.first(where: { $0.key.scalar?.string == "presets" }), let mark = key.mark else {
      append(["presets:"] + Self.entry(preset, indent: 2))
      return true
    }
    let (line, indent) = (mark.line - 1, mark.column - 1)
    switch value {
    case .scalar(let scalar) where scalar.string.isEmpty:
      insert(Self.entry(preset, indent: indent + 2), at: line + 1)
    case .mapping(let entries) where entries.style != .flow && !entries.isEmpty:
      let inner = (entries.first?.key.mark?.column ?? indent + 3) - 1
      let new = Self.entry(preset, indent: inner)
      if let start = entries.first(where: { $0.key.scalar?.string == preset.name })?.key.mark.map({ $0.line - 1 }) {
        lines.replaceSubrange(start..<end(after: start, indent: inner + 1), with: new.map { $0 + ending })
      } else {
        insert(new, at: end(after: line, indent: indent + 1))
      }
    default: return false
    }
    return true
  }

  /// The line after the last one that has at least an indentation, counted from the line after `start`. Blank lines and
  /// comments at the end belong to what follows.
  private func end(after start: Int, indent: Int) -> Int {
    var end = start + 1
    var next = end
    while next < lines.count {
      let rest = lines[next].drop { $0 == " " }
      let isBlank = rest.allSatisfy(\.isWhitespace) || rest.first == "#"
      guard isBlank || lines[next].count - rest.count >= indent else { break }
      next += 1
      if !isBlank { end = next }
    }
    return end
  }

  private mutating func insert(_ new: [String], at index: Int) {
    if index >= lines.count { return append(new) }
    lines.insert(contentsOf: new.map { $0 + ending }, at: index)
  }

  /// Adds lines at the end of the file.
  private mutating func append(_ new: [String]) {
    if lines.last?.isEmpty == true { lines.removeLast() }
    if let last = lines.last, !ending.isEmpty, !last.hasSuffix(ending) { lines[lines.count - 1] += ending }
    lines += new.map { $0 + ending } + [""]
  }

  /// The lines of a preset: the values that are not neutral, and the temperature.
  private static func entry(_ preset: SamplerPreset, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    let neutral = SamplingSettings()
    var lines = [margin + preset.name.quotedIfNeeded + ":"]
    for setting in StageTable.settings {
      let value: String?
      switch setting.storage {
      case .number(let path): value = preset.settings[keyPath: path].description
      case .count(let path): value = preset.settings[keyPath: path].description
      case .texts(let path):
        let texts = preset.settings[keyPath: path]
        value = texts == neutral[keyPath: path] ? nil : "[" + texts.map(\.quoted).joined(separator: ", ") + "]"
      case .biases(let path):
        let biases = preset.settings[keyPath: path].sorted { $0.key < $1.key }
        value = biases.isEmpty ? nil : "{" + biases.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
      }
      let isNeutral = setting.number(preset.settings) == setting.initial && setting.number(neutral) != nil
      if let value, !isNeutral || setting.name == SamplerStage.temperature.row.settings[0].name {
        lines.append("\(margin)  \(setting.name): \(value)")
      }
    }
    var usual = preset.settings
    usual.order = neutral.order
    usual.includeSwitchedOn()
    if preset.settings.order != usual.order {
      lines.append("\(margin)  samplers: [\(preset.settings.order.map(\.rawValue).joined(separator: ", "))]")
    }
    return lines
  }
}

extension String {
  /// The text in double quotes, as YAML and JSON write it.
  fileprivate var quoted: String {
    let escaped = unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  /// The text, in quotes unless it is a plain word.
  fileprivate var quotedIfNeeded: String {
    allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } ? self : quoted
  }
}
