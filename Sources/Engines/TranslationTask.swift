import EngineAPI
import Models

/// What a translation model's `task_specific_params` say about languages: `translation_en_to_fr` and so on.
enum TranslationTask {
  /// The codes in the names of the tasks, each once, in their order.
  static func languages(of tasks: [TaskDefaults]) -> [String] {
    var codes: [String] = []
    for task in tasks {
      for code in pair(task.name).map({ [$0.source, $0.target] }) ?? [] where !codes.contains(code) {
        codes.append(code)
      }
    }
    return codes
  }

  /// The prefix of the task between two languages: the model's own, or T5's sentence with the languages' English names.
  ///
  /// A model that names its languages is not asked for others: it would answer with text of no meaning.
  /// - Parameter model: the model in errors.
  static func prefix(
    from source: String, to target: String, tasks: [TaskDefaults], model: String = "the model"
  ) throws(EngineError) -> String {
    let (source, target) = (source.lowercased(), target.lowercased())
    let known = languages(of: tasks)
    for code in [source, target] where !known.isEmpty && !known.contains(code) {
      throw EngineError(
        .usage, "no such language", at: model, expected: known.joined(separator: " or "), found: "'\(code)'",
        hint: "choose with --from and --to, or give the whole prefix with --prefix")
    }
    guard source != target else {
      throw EngineError(
        .usage, "the same language twice", at: model, expected: "--from and --to to differ", found: "'\(source)' twice")
    }
    for task in tasks {
      if let pair = pair(task.name), pair == (source, target), let prefix = task.prefix { return prefix }
    }
    return "translate \(try name(source, model)) to \(try name(target, model)): "
  }

  private static func pair(_ task: String) -> (source: String, target: String)? {
    let parts = task.lowercased().split(separator: "_").map(String.init)
    guard parts.count == 4, parts[0] == "translation", parts[2] == "to" else { return nil }
    return (parts[1], parts[3])
  }

  private static func name(_ code: String, _ model: String) throws(EngineError) -> String {
    if let name = LanguageNames.english[code] { return name }
    throw EngineError(
      .usage, "unknown language", at: model, expected: "a code of two letters such as en, fr, de", found: "'\(code)'",
      hint: "give the whole prefix with --prefix")
  }
}
