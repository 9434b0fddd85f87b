import ArgumentParser
import JSONText

/// The arguments that a command takes, as ArgumentParser describes them in the JSON of `--experimental-dump-help`.
struct CommandDescription {
  var name: String
  /// Further names of the command.
  var aliases: [String] = []
  var arguments: [ArgumentDescription] = []
  var subcommands: [CommandDescription] = []
  /// The subcommand that runs when none is named.
  var defaultSubcommand: String?

  /// The description of the whole program; `nil` if ArgumentParser writes it in an unknown form.
  static let program: CommandDescription? = CommandDescription(dump: Triptych._dumpHelp())

  /// Reads the JSON of `--experimental-dump-help`; `nil` for a version that is not known.
  init?(dump: String) {
    guard let json = try? JSONValue(parsing: Array(dump.utf8)), json["serializationVersion"]?.int == 0,
      let command = json["command"]
    else { return nil }
    self.init(command)
  }

  private init?(_ json: JSONValue) {
    guard let name = json["commandName"]?.string else { return nil }
    self.name = name
    aliases = json["aliases"]?.array?.compactMap(\.string) ?? []
    defaultSubcommand = json["defaultSubcommand"]?.string
    for argument in json["arguments"]?.array ?? [] {
      guard let description = ArgumentDescription(argument) else { return nil }
      arguments.append(description)
    }
    for command in json["subcommands"]?.array ?? [] {
      guard let description = CommandDescription(command) else { return nil }
      subcommands.append(description)
    }
  }

  /// The option or flag with this name: `--model` or `-m`.
  func argument(named name: String) -> Int? { arguments.firstIndex { $0.names.contains(name) } }

  /// The subcommand with this name.
  func subcommand(named name: String) -> CommandDescription? {
    subcommands.first { $0.name == name || $0.aliases.contains(name) }
  }
}

/// One argument of a command.
struct ArgumentDescription {
  enum Kind: String {
    case positional, option, flag
  }

  /// Where the value of an option stands.
  enum ValuePlace: String {
    /// In the next argument, which must not start with a dash.
    case next = "default"
    /// In the next argument that does not start with a dash.
    case nextValue = "scanningForValue"
    /// In the next argument, whatever it is.
    case anyNext = "unconditional"
  }

  let kind: Kind
  /// The names with their dashes; positional arguments have none.
  let names: [String]
  /// The name in messages: the first long one, else the first.
  let preferredName: String?
  /// The placeholder for the value on the help screen.
  let valueName: String
  let isOptional: Bool
  let isRepeating: Bool
  /// Whether the help screen lists it.
  let isListed: Bool
  /// `nil` for the rules that no command of this program uses.
  let valuePlace: ValuePlace?

  init?(_ json: JSONValue) {
    guard let kind = json["kind"]?.string.flatMap(Kind.init), let isOptional = json["isOptional"]?.bool,
      let isRepeating = json["isRepeating"]?.bool, let strategy = json["parsingStrategy"]?.string
    else { return nil }
    self.kind = kind
    self.isOptional = isOptional
    self.isRepeating = isRepeating
    isListed = json["shouldDisplay"]?.bool ?? true
    names = json["names"]?.array?.compactMap(Self.name) ?? []
    preferredName = json["preferredName"].flatMap(Self.name)
    valueName = json["valueName"]?.string ?? "value"
    valuePlace = ValuePlace(rawValue: strategy)
    guard kind == .positional || !names.isEmpty else { return nil }
  }

  /// A name with its dashes.
  private static func name(_ json: JSONValue) -> String? {
    guard let name = json["name"]?.string, let kind = json["kind"]?.string else { return nil }
    return (kind == "long" ? "--" : "-") + name
  }

  /// The argument as on the help screen: `--output <folder>`, `<text>`.
  var synopsis: String {
    let value = kind == .flag ? [] : ["<\(valueName)>"]
    return ((preferredName.map { [$0] } ?? []) + value).joined(separator: " ")
  }
}
