import EngineAPI
import Models

/// The prefixes and settings of encoder-decoder models for their tasks.
extension LocalEngine: Translating, Summarizing {
  /// The prefix that makes an encoder-decoder model translate between two languages.
  public func translationPrefix(
    from source: String, to target: String, model reference: ModelReference
  ) async throws(EngineError) -> String {
    let loaded = try await model(reference)
    guard loaded.family == .seq2seq else { throw loaded.unfit("an encoder-decoder model") }
    return try loaded.translationPrefix(from: source, to: target)
  }

  /// The settings with which an encoder-decoder model summarizes.
  public func summarySettings(
    prefix: String?, model reference: ModelReference
  ) async throws(EngineError) -> SummarySettings {
    let loaded = try await model(reference)
    guard loaded.family == .seq2seq else { throw loaded.unfit("an encoder-decoder model") }
    let task = loaded.generation.tasks.first { $0.name == LoadedModel.summaryTask }
    let prefix = if let prefix { prefix } else { try loaded.summaryPrefix(task) }
    guard let task else { return SummarySettings(prefix: prefix, decoding: loaded.generation.decoding) }
    do {
      let (decoding, unused) = try loaded.opened.decoding(for: task)
      try Limits.check(decoding, of: "\(loaded.path)/config.json, task_specific_params.\(task.name)")
      return SummarySettings(prefix: prefix, decoding: decoding, keysWithoutEffect: unused)
    } catch {
      throw EngineError(any: error)
    }
  }
}

extension LoadedModel {
  /// The name of the task in `task_specific_params`.
  static let summaryTask = "summarization"

  /// The prefix that the model expects before a text: that of the task, or that of all texts; T5's phrase for a T5
  /// whose configuration lists no tasks; otherwise empty.
  fileprivate func summaryPrefix(_ task: TaskDefaults?) throws(EngineError) -> String {
    if let task { return task.prefix ?? generation.prefix ?? "" }
    let names = generation.tasks.map(\.name)
    guard names.isEmpty else {
      throw EngineError(
        .usage, "the model does not summarize", at: "model '\(information.reference)'",
        expected: "\(Self.summaryTask) among the tasks of its configuration",
        found: names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : ""),
        hint: "choose a model that was trained for it, or give the prefix that it expects", settings: [.taskPrefix])
    }
    return generation.prefix ?? (information.summary.architecture == "t5" ? "summarize: " : "")
  }
}
