import EngineAPI
import Generation
import Models

/// Beam search in single steps; between steps the engine serves other requests.
extension LocalEngine: BeamSearching {
  /// Searches for the most probable continuations of a context.
  public func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    let loaded = try await model(of: request.context)
    let watch = StopWatch()
    let ids = try loaded.decoderIDs(request.context.ids)
    let sequence = try loaded.sequence(sharing: ids, source: loaded.route(of: request.context).source)
    let cached = min(sequence.ids.count, ids.count)
    do {
      let cancellation = Cancellation { Task.isCancelled }
      let search = try loaded.decoding(request, request.text, watch).search(
        sequence: sequence, ids: ids, promptCount: ids.count, decoder: loaded.tokenizer.makeStreamingDecoder(),
        cancellation)
      loaded.memory.keep(sequence, isRunning: false)
      let promptSeconds = watch.seconds
      while !search.isFinished, !Task.isCancelled {
        do throws(GenerationError) {
          try search.step(cancellation)
        } catch {
          // Keep the results of earlier steps.
          guard case .cancelled = error else { throw error }
          break
        }
        progress(search.made)
        await Task.yield()
      }
      let completions = search.hypotheses(request.returned)
      guard !Task.isCancelled || !completions.isEmpty else { throw EngineError.cancelled }
      let timing = GenerationTiming(
        promptSeconds: promptSeconds, generateSeconds: watch.seconds - promptSeconds,
        promptTokens: ids.count - cached, tokens: search.made)
      return BeamResult(completions: completions, timing: timing)
    } catch {
      throw EngineError(any: error)
    }
  }
}

/// The languages of a translation model, from the names in `task_specific_params`, such as `translation_en_to_fr`.
enum TranslationTask {
  /// The distinct language codes in the names of the tasks, in order.
  static func languages(of tasks: [TaskDefaults]) -> [String] {
    var codes: [String] = []
    for task in tasks {
      for code in pair(task.name).map({ [$0.source, $0.target] }) ?? [] where !codes.contains(code) {
        codes.append(code)
      }
    }
    return codes
  }

  /// The prefix for translating between two languages: the model's own, or T5's phrase with the English names of the
  /// languages.
  ///
  /// If the model names its languages, other ones are an error, because the result would be meaningless.
  /// - Parameter model: the model's name for errors.
  static func prefix(
    from source: String, to target: String, tasks: [TaskDefaults], model: String = "the model"
  ) throws(EngineError) -> String {
    let (source, target) = (source.lowercased(), target.lowercased())
    let known = languages(of: tasks)
    for code in [source, target] where !known.isEmpty && !known.contains(code) {
      throw EngineError(
        .usage, "no such language", at: model, expected: known.joined(separator: " or "), found: "'\(code)'",
        hint: "choose one of its languages, or give the whole prefix",
        settings: [.sourceLanguage, .targetLanguage, .taskPrefix])
    }
    guard source != target else {
      throw EngineError(
        .usage, "the same language twice", at: model, expected: "two languages", found: "'\(source)' twice",
        hint: "choose two that differ", settings: [.sourceLanguage, .targetLanguage])
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
      hint: "give the whole prefix", settings: [.taskPrefix])
  }
}
