import ArgumentParser
import LocalFiles

/// Finds what is wrong with a command line that ArgumentParser refused.
///
/// ArgumentParser's errors are internal types; only their English sentences are public. So the arguments are read once
/// more, in the same order and by the same rules, against the description of the command. A value that an option
/// refuses is not found here: the option's own error says what it is.
struct ArgumentDiagnosis {
  private var words: [ArgumentWord]
  private let command: CommandDescription
  /// The command as typed: `triptych`, `triptych generate`.
  private let place: String
  /// A command name that follows other arguments, for the hint that the command comes first; `nil` if the first
  /// argument is the command.
  private let later: String?
  /// The arguments that were given, as indices in the command's description.
  private var given: Set<Int> = []

  /// Why reading stops.
  private enum Stop: Error {
    case problem(UsageProblem)
    /// The command has an argument with a parsing rule that this diagnosis does not know, so it gives no diagnosis.
    case unknownRule
  }

  /// The error's parts; `nil` if the description does not say what is wrong.
  static func facts(_ arguments: [String], program: CommandDescription) -> ErrorFacts? {
    guard var diagnosis = ArgumentDiagnosis(arguments, program: program), let problem = diagnosis.problem() else {
      return nil
    }
    return problem.facts(command: diagnosis.place, later: diagnosis.later)
  }

  private init?(_ arguments: [String], program: CommandDescription) {
    words = ArgumentWord.split(arguments)
    if let first = words.first, first.form == .value, let named = program.subcommand(named: first.text) {
      words[0].isUsed = true
      var (inner, path) = (named, "\(program.name) \(first.text)")
      // Commands inside a command follow at once.
      for index in words.indices.dropFirst() {
        guard words[index].form == .value, let next = inner.subcommand(named: words[index].text) else { break }
        words[index].isUsed = true
        inner = next
        path += " \(words[index].text)"
      }
      command = inner
      place = path
      later = nil
    } else {
      command = program.defaultSubcommand.flatMap { program.subcommand(named: $0) } ?? program
      place = program.name
      later = words.first { $0.form == .value && program.subcommand(named: $0.text) != nil }?.text
    }
  }

  private mutating func problem() -> UsageProblem? {
    do throws(Stop) {
      try refuseMalformedWords()
      try refuseUnknownShell()
      try readOptions()
      try readPositionals()
      try refuseWhatIsMissing()
      try refuseWhatIsLeft()
      return nil
    } catch {
      guard case .problem(let problem) = error else { return nil }
      return problem
    }
  }

  private func refuseMalformedWords() throws(Stop) {
    guard let word = words.first(where: { $0.form == .malformed }) else { return }
    throw .problem(.unknownOption(word.text, nearest: nil))
  }

  /// ArgumentParser looks for this option before it looks for the command.
  private func refuseUnknownShell() throws(Stop) {
    var shells: [String?] = []
    var isAttached = false
    for (index, word) in words.enumerated() {
      guard case .option("--generate-completion-script", let value) = word.form else { continue }
      let next = words.dropFirst(index + 1).first
      shells.append(value ?? (next?.form == .value ? next?.text : nil))
      isAttached = isAttached || value != nil
    }
    guard let last = shells.last else { return }
    if shells.allSatisfy({ $0 != nil }) {
      guard let shell = last, CompletionShell(rawValue: shell) == nil else { return }
      throw .problem(.unknownShell(shell))
    }
    if !isAttached { throw .problem(.unknownShell(nil)) }
  }

  /// Takes options and their values off the words.
  private mutating func readOptions() throws(Stop) {
    for index in words.indices where !words[index].isUsed {
      guard case .option(let name, let value) = words[index].form else { continue }
      if let argument = command.argument(named: name) {
        words[index].isUsed = true
        try read(argument, as: name, value: value, at: index)
        continue
      }
      let letters = words[index].letters
      for (position, letter) in letters.enumerated() {
        guard let argument = command.argument(named: letter) else { continue }
        words[index].usedLetters.insert(position)
        let isInside = position + 1 < letters.count
        try read(argument, as: letter, value: nil, at: index, inside: isInside ? words[index].text : nil)
      }
    }
  }

  /// Reads one option or flag and takes its value off the words.
  /// - Parameter group: The word in which further letters follow the option, as in `-n5`.
  private mutating func read(
    _ argument: Int, as name: String, value: String?, at index: Int, inside group: String? = nil
  ) throws(Stop) {
    let description = command.arguments[argument]
    given.insert(argument)
    if description.kind == .flag {
      if let value { throw .problem(.unexpectedValue(option: name, value: value)) }
      return
    }
    guard let valuePlace = description.valuePlace else { throw .unknownRule }
    if value != nil { return }
    let rest = words.indices.dropFirst(index + 1)
    let next = rest.first { !words[$0].isUsed }
    let taken: Int? =
      switch valuePlace {
      case .anyNext: next
      case .next: next.flatMap { words[$0].form == .value ? $0 : nil }
      case .nextValue:
        rest.first { !words[$0].isUsed && !words[$0].isOption }.flatMap { words[$0].form == .value ? $0 : nil }
      }
    if let taken {
      words[taken].isUsed = true
      return
    }
    if let group {
      throw .problem(
        .joinedValue(group, option: name, valueName: description.valueName, nearest: nearestOption(to: group)))
    }
    throw .problem(
      .missingValue(option: name, valueName: description.valueName, dashed: next.flatMap { dashedValue(words[$0]) }))
  }

  /// The text of a word that starts with a dash and is not an option of the command.
  private func dashedValue(_ word: ArgumentWord) -> String? {
    guard case .option(let name, _) = word.form, command.argument(named: name) == nil else { return nil }
    return word.text
  }

  private mutating func readPositionals() throws(Stop) {
    var values = words.indices.filter { !words[$0].isUsed && words[$0].form == .value }[...]
    for (index, argument) in command.arguments.enumerated() where argument.kind == .positional {
      guard argument.valuePlace == .next else { throw .unknownRule }
      let taken = argument.isRepeating ? values : values.prefix(1)
      guard !taken.isEmpty else { continue }
      given.insert(index)
      for value in taken { words[value].isUsed = true }
      values = values.dropFirst(taken.count)
    }
  }

  private func refuseWhatIsMissing() throws(Stop) {
    for (index, argument) in command.arguments.enumerated() where !argument.isOptional && !given.contains(index) {
      switch argument.kind {
      case .option: throw .problem(.missingOption(argument.synopsis))
      case .positional: throw .problem(.missingArgument(argument.synopsis))
      case .flag: throw .unknownRule
      }
    }
  }

  private func refuseWhatIsLeft() throws(Stop) {
    let left = words.filter { !$0.isUsed && $0.form != .terminator }
    for word in left {
      guard case .option(let name, _) = word.form else { continue }
      if word.usedLetters.isEmpty {
        throw .problem(.unknownOption(name == "--" ? word.text : name, nearest: nearestOption(to: name)))
      }
      if let letter = word.letters.enumerated().first(where: { !word.usedLetters.contains($0.offset) }) {
        throw .problem(.unknownOption(letter.element, nearest: nil))
      }
    }
    let extra = left.filter { $0.form == .value }.map(\.text)
    guard !extra.isEmpty else { return }
    let takesText = command.arguments.contains { $0.kind == .positional }
    throw .problem(.extraArguments(extra, takesText: takesText))
  }

  /// The most similar long option. One letter says too little for a suggestion.
  private func nearestOption(to name: String) -> String? {
    guard name.count > 2 else { return nil }
    let names = command.arguments.filter(\.isListed).flatMap(\.names).filter { $0.hasPrefix("--") }
    return Spelling.nearest(to: name, among: names, count: 1).first
  }
}
