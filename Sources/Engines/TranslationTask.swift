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
  static func prefix(from source: String, to target: String, tasks: [TaskDefaults]) throws(EngineError) -> String {
    for task in tasks {
      if let pair = pair(task.name), pair == (source, target), let prefix = task.prefix { return prefix }
    }
    return "translate \(try name(source)) to \(try name(target)): "
  }

  private static func pair(_ task: String) -> (source: String, target: String)? {
    let parts = task.split(separator: "_").map(String.init)
    guard parts.count == 4, parts[0] == "translation", parts[2] == "to" else { return nil }
    return (parts[1], parts[3])
  }

  private static func name(_ code: String) throws(EngineError) -> String {
    if let name = LanguageNames.english[code.lowercased()] { return name }
    throw EngineError(
      .usage, "unknown language", expected: "a code of two letters such as en, fr, de", found: "'\(code)'",
      hint: "give the whole prefix with --prefix")
  }
}
