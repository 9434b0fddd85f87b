/// An option as listed on a help screen.
public struct ListedOption: Sendable {
  /// The option's names: `-m`, `--model`.
  public let names: [String]
  /// The placeholder of the option's value, such as `ref`; `nil` for switches.
  public let value: String?

  /// Parses the options of a help screen.
  public static func all(inHelp text: String) -> [ListedOption] {
    text.split(separator: "\n").compactMap { line in
      guard let match = line.prefixMatch(of: /\s\s(--?[\w-]+(?:, --?[\w-]+)*)(?: <([^>]+)>)?/) else { return nil }
      let names = match.1.split(separator: ", ").map(String.init)
      // Skip `--kernels`, which takes half a minute.
      let left = ["--help", "--version", "--kernels"]
      return names.contains(where: left.contains)
        ? nil : ListedOption(names: names, value: match.2.map(String.init))
    }
  }
}

/// Generates valid and invalid command lines from the options on the help screens.
public struct CommandLineGenerator {
  /// A command line with its expected outcome.
  public struct Line {
    /// The arguments after the program's name.
    public var arguments: [[UInt8]] = []
    /// The text on standard input.
    public var input: [UInt8] = []
    /// Whether success means one JSON object on standard output; `nil` if an argument may have been parsed as another
    /// option's value.
    public var isJSON: Bool? = false
  }

  private var random: SplitMix64
  private let commands: [(name: String, options: [ListedOption])]
  private let files: [String]
  private let folder: String

  /// - Parameters:
  ///   - commands: the commands with their options.
  ///   - files: paths for options that read a file.
  ///   - folder: the folder for all output files.
  public init(seed: UInt64, commands: [(name: String, options: [ListedOption])], files: [String], folder: String) {
    random = SplitMix64(seed: seed)
    self.commands = commands
    self.files = files
    self.folder = folder
  }

  /// Values that some options reject, and texts that are hard to print.
  public static let awkward: [[UInt8]] =
    [
      "", " ", "-", "--", "---", "-1", "-0", "+3", "1.5", "0x10", "1e3", "1e400", "nan", "-inf", "NaN", "1_000", " 3",
      "99999999999999999999", "9223372036854775807", "-9223372036854775808", "1=", "=1", "1=nan", "1,2", ",",
      "\u{0663}",
      "é", "e\u{301}", "💥", "\u{202E}abc", "\u{2028}", "a\nb", "\r", "\t", "\u{1B}[2J", "\u{1E}a\u{1E}b", "'", "''",
      "\"",
      "%s%n", "$(echo x)", "*", "~", "/", ".", "..", "/dev/null", "storyteller@q9", "storyteller@",
      "x'. Did you mean 'y'?", "[MASK]", "The sea was calm.", "Frédéric a dit oui.",
    ].map { Array($0.utf8) } + [
      [0xFF], [0xC3], [0x61, 0xE2, 0x82], [0xED, 0xA0, 0x80], [UInt8](repeating: 0x61, count: 100_000),
      [UInt8](repeating: 0x1B, count: 100_000), Array(String(repeating: "\u{301}", count: 50_000).utf8),
      [UInt8](repeating: 0x2D, count: 100_000),
    ]

  private static let texts = ["The sea was calm.", "How are you?", "A [MASK] sea", "12 7", "one\ntwo\n\nthree"]
  private static let models = ["storyteller", "cloze", "interpreter", "storyteller-mini@q8", "storyteller@bf16"]

  /// Generates the next command line.
  public mutating func next() -> Line {
    var line = Line()
    line.input = chance(3) ? pick(Self.awkward) : Array(pick(Self.texts).utf8)
    if chance(40) {
      line.arguments = (0..<Int.random(in: 0...4, using: &random)).map { _ in pick(Self.awkward) }
      line.isJSON = nil
      return line
    }
    let command = pick(commands)
    if !chance(50) { line.arguments.append(Array(command.name.utf8)) }
    // Usually choose a model of the command's family, so that most command lines reach the model.
    for _ in 0..<Int.random(in: 0...5, using: &random) where !command.options.isEmpty {
      add(pick(command.options), of: command.name, to: &line)
    }
    if command.name == "quantize", !chance(5) {
      line.arguments += ["-o", "\(folder)/\(Int.random(in: 0...3, using: &random))"].map { Array($0.utf8) }
    }
    if command.name == "bench" { line.arguments += ["--runs", "1", "-n", "2"].map { Array($0.utf8) } }
    if ["generate", "translate", "summarize"].contains(command.name) {
      line.arguments += ["-n", "4"].map { Array($0.utf8) }
    }
    if chance(20) { addAwkwardArgument(to: &line) }
    // Encoder-decoder models have no length limit, and their time is quadratic in the length.
    let isLimited =
      !["translate", "summarize"].contains(command.name)
      && !line.arguments.contains { $0.starts(with: Array("interpreter".utf8)) }
    if !isLimited { line.input = Array(line.input.prefix(1000)) }
    if !["bench", "models", "quantize", "play"].contains(command.name), !chance(4) {
      addText(command.name, upTo: isLimited ? Int.max : 1000, to: &line)
    }
    return line
  }

  private mutating func add(_ option: ListedOption, of command: String, to line: inout Line) {
    let name = pick(option.names)
    guard let value = option.value else {
      if name == "--json", line.isJSON != nil { line.isJSON = true }
      if name == "--jsonl", line.isJSON == true { line.isJSON = nil }
      return line.arguments.append(Array(name.utf8))
    }
    // A missing value would make the next argument the path of a file that is written.
    if value != "session", chance(25) {
      // The option has no value here, so the next argument may be parsed as its value.
      line.isJSON = nil
      return line.arguments.append(Array(name.utf8))
    }
    var text = chance(4) ? pick(Self.awkward) : valid(value, name, command)
    // Keep all written files inside the folder.
    if ["folder", "session"].contains(value), !text.isEmpty, text.first != UInt8(ascii: "/") {
      text = Array("\(folder)/".utf8) + text
    }
    if name.hasPrefix("--"), value == "session" || chance(3) {
      line.arguments.append(Array("\(name)=".utf8) + text)
    } else {
      line.arguments += [Array(name.utf8), text]
    }
  }

  /// A value that the option probably accepts, small enough for a short run.
  private mutating func valid(_ value: String, _ name: String, _ command: String) -> [UInt8] {
    let texts: [String] =
      switch value {
      case "ref" where chance(2): [Self.model(of: command)]
      case "ref": Self.models
      case "format": ["f32", "bf16", "q8", "q4"]
      case "form": ["md", "jsonl", "csv", "html", "ansi"]
      case "when": ["auto", "always", "never", "true", "false"]
      case "file": files
      case "session": ["\(folder)/a.session", "\(folder)/b.session"]
      case "folder": ["\(folder)/a", "\(folder)/b/c", folder]
      case "code": ["en", "fr", "de", "EN"]
      case "id=bias": ["5=-100", "0=1e9", "7=0.5"]
      case "id", "id|file": ["0", "5", "99999"]
      case "part": ["0.0", "1", "0.ffn", "99.9", "encoder.0", "cross.0.1"]
      case "part=x": ["0.0=0.5", "1.ffn=2", "0=-1e9"]
      case "L:position=text": ["0:0=sea", "1:99=sea", "encoder.0:1=sea"]
      case "file:x": ["/dev/null:1", "no such file:2"]
      case "first-last": ["0-0", "1-9"]
      case "task": ["generate", "fill-mask", "translate"]
      case "a,b,…": ["temperature,top-k", "sea,calm", "top-p", "é"]
      case "x", "p": ["0", "0.5", "1", "1.5", "1e-9", "1e308", "-2"]
      case "n", "k": ["0", "1", "2", "3", "8"]
      default: Self.texts
      }
    return Array(pick(texts).utf8)
  }

  private static func model(of command: String) -> String {
    switch command {
    case "fill-mask": "cloze"
    case "translate", "summarize": "interpreter"
    default: "storyteller"
    }
  }

  private mutating func addAwkwardArgument(to line: inout Line) {
    var argument = pick(Self.awkward)
    if chance(3) { argument = Array("--".utf8) + argument }
    line.arguments.insert(argument, at: Int.random(in: 0...line.arguments.count, using: &random))
    line.isJSON = nil
  }

  private mutating func addText(_ command: String, upTo limit: Int, to line: inout Line) {
    let text = chance(8) ? pick(Self.awkward) : Array((command == "detokenize" ? "3 4" : pick(Self.texts)).utf8)
    if text.count > limit { return }
    if chance(10) {
      line.arguments.append(Array("--".utf8))
    } else if text.first == UInt8(ascii: "-") {
      line.isJSON = nil
    }
    line.arguments.append(text)
  }

  private mutating func pick<T>(_ elements: [T]) -> T { elements[Int.random(in: 0..<elements.count, using: &random)] }

  /// True with probability 1 / `count`.
  private mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
}
