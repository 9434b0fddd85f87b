/// Something wrong in a configuration file. Problems are collected, not thrown: the program goes on with the defaults.
public enum ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  /// The file can't be read.
  case file(LocalFilesError)
  /// The file is no YAML.
  case syntax(ConfigurationPlace, found: String)
  /// The file uses anchors or aliases, by which a small file can stand for an endless one.
  case alias(ConfigurationPlace)
  /// A key is given twice.
  case repeatedKey(ConfigurationPlace, key: String)
  /// There is no such key.
  case unknownKey(ConfigurationPlace, key: String, known: [String])
  /// The key has no such value.
  case wrongValue(ConfigurationPlace, key: String, expected: String, found: String)

  /// One sentence: `WHAT, WHERE: EXPECTED, FOUND`.
  public var description: String { facts.sentence }

  var facts: Facts {
    switch self {
    case .file(let error): error.facts
    case .syntax(let place, let found):
      Facts("malformed YAML", at: "\(place)", expected: "key: value", found: found)
    case .alias(let place):
      Facts("anchors are not allowed", at: "\(place)", expected: "plain values", found: "& or *")
    case .repeatedKey(let place, let key):
      Facts("repeated setting", at: "\(place)", expected: "\(Quoted(key)) once", found: "it again")
    case .unknownKey(let place, let key, let known):
      Facts("unknown setting", at: "\(place)", expected: Quoted.oneOf(known), found: "\(Quoted(key))")
    case .wrongValue(let place, let key, let expected, let found):
      Facts("wrong value of \(Quoted.plain(key))", at: "\(place)", expected: expected, found: found)
    }
  }

  /// What a person can do about it.
  public var hint: String? {
    switch self {
    case .file(let error): return error.hint
    case .unknownKey(_, let key, let known):
      let name = key.split(separator: ".").last.map(String.init) ?? key
      let near = Spelling.nearest(to: name, among: known)
      return near.isEmpty ? nil : "did you mean \(near.joined(separator: " or "))?"
    case .alias: return "write the value out; quote text that begins with & or *"
    case .syntax, .repeatedKey, .wrongValue: return nil
    }
  }
}
