import EngineAPI
import Sampling

extension PlaygroundState {
  /// Takes what the model's files say about beams and languages.
  mutating func takeTranslationDefaults(_ information: ModelInformation) {
    let languages = information.languages
    if languages.count > 1,
      !languages.contains(translate.direction.source) || !languages.contains(translate.direction.target)
    {
      translate.direction = TranslationDirection(from: languages[0], to: languages[1])
    }
    guard !translate.search.isOwn else { return }
    translate.search.count = information.defaultBeams ?? settings.beams
    translate.search.maxTokens = max(information.defaultNewTokens(after: 1) ?? settings.maxTokens, 1)
    translate.search.lengthPenalty = information.defaultLengthPenalty ?? 1
    translate.search.earlyStopping = information.defaultEarlyStopping ?? .heuristic
    let chain = information.defaultSettings(after: 1)
    // Beam sampling draws from the whole chain.
    translate.search.sampling = information.decoding.samples == true ? chain : chain.processors
  }

  /// Asks for the prefix of the direction, once.
  mutating func askPrefix() -> [Effect] {
    let direction = translate.direction
    guard information(translate.model) != nil, translate.askedPrefixes.insert(direction).inserted else { return [] }
    return [.translationPrefix(direction, model: translate.model)]
  }

  mutating func receive(
    prefix result: Result<String, EngineError>, _ direction: TranslationDirection, _ model: ModelReference
  ) {
    guard model == translate.model else { return }
    switch result {
    case .success(let prefix): translate.prefixes[direction] = prefix
    case .failure(let error):
      // A model that was not made for languages still answers to plain text.
      translate.prefixes[direction] = ""
      notice = "no task prefix: \(error.description)"
    }
  }

  /// Every direction between the model's languages.
  var directions: [TranslationDirection] {
    let known = information(translate.model)?.languages ?? []
    let languages = known.count > 1 ? known : [translate.direction.source, translate.direction.target]
    return languages.flatMap { source in
      languages.filter { $0 != source }.map { TranslationDirection(from: source, to: $0) }
    }
  }

  /// Back to the translations before the last branch, or forward again.
  mutating func walkTranslations(back: Bool) -> [Effect] {
    let current = translate.beams.settled
    let other = back ? translate.branches.back(from: current) : translate.branches.forward(from: current)
    guard let other else {
      notice = back ? "nothing to undo in the translation" : "nothing to redo in the translation"
      return []
    }
    let wasRunning = translate.beams.isBusy
    translate.beams = other.settled
    if let model = other.hypothesis?.trace.context.model { setTranslationModel(model) }
    return wasRunning ? [.cancel(.beams)] : []
  }

  /// Another model for the tab: its prefixes and candidates are asked for anew.
  mutating func setTranslationModel(_ model: ModelReference) {
    guard model != translate.model else { return }
    translate.model = model
    translate.prefixes = [:]
    translate.askedPrefixes = []
    translate.candidates.clear()
    if let information = information(model) { takeTranslationDefaults(information) }
  }

  /// The chosen translation, unless the prompt has the focus and is another text by now.
  var shownHypothesis: BeamsState.Hypothesis? {
    guard let shown = translate.beams.hypothesis else { return nil }
    if translate.focus == .prompt, translate.beams.origin != translationOrigin { return nil }
    return shown
  }

  /// What the candidates of the Translate tab are to show.
  mutating func askTranslationCandidates() -> [Effect] {
    let context: ModelContext
    var position = 0
    if let shown = shownHypothesis {
      let place = translate.beams.cursor ?? shown.trace.end(endOfText: endOfText(shown.trace))
      (context, position) = shown.trace.partContext(at: place)
      guard context.encoderIDs != nil else {
        translate.candidates.clear()
        return []
      }
    } else {
      guard let question = tokenQuestion, translate.prompt.answers(question) else { return [] }
      // Lines are translated one by one: the candidates come with them.
      guard !translate.prompt.editor.isEmpty, translate.prompt.editor.text.lines.count == 1 else {
        translate.candidates.clear()
        return []
      }
      if let error = tooLong {
        translate.candidates.refuse(error)
        return []
      }
      context = ModelContext(model: translate.model, encoderIDs: translate.prompt.ids, ids: [])
    }
    return ask(
      \.translate.candidates, .candidates(.translate, list: 0),
      DistributionRequest(
        context: context, position: position, promptCount: 0, settings: translate.search.sampling))
  }
}
