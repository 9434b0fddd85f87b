import EngineAPI
import Sampling

extension TranslateState {
  /// Takes what the model's files say about beams and languages.
  mutating func takeDefaults(_ information: ModelInformation, _ shell: Shell) {
    let languages = information.languages
    if languages.count > 1,
      !languages.contains(direction.source) || !languages.contains(direction.target)
    {
      direction = TranslationDirection(from: languages[0], to: languages[1])
    }
    guard !search.isOwn else { return }
    search.count = information.defaultBeams ?? shell.settings.beams
    search.maxTokens = max(information.defaultNewTokens(after: 1) ?? shell.settings.maxTokens, 1)
    search.lengthPenalty = information.defaultLengthPenalty ?? 1
    search.earlyStopping = information.defaultEarlyStopping ?? .heuristic
    let chain = information.defaultSettings(after: 1)
    // Beam sampling draws from the whole chain.
    search.sampling = information.decoding.samples == true ? chain : chain.processors
  }

  /// Asks for the prefix of the direction, once.
  mutating func askPrefix(_ shell: Shell) -> [Effect] {
    let direction = direction
    guard shell.information(model) != nil, askedPrefixes.insert(direction).inserted else { return [] }
    return [.translationPrefix(direction, model: model)]
  }

  mutating func receive(
    prefix result: Result<String, EngineError>, _ direction: TranslationDirection, _ model: ModelReference,
    _ shell: inout Shell
  ) {
    guard model == self.model else { return }
    switch result {
    case .success(let prefix): prefixes[direction] = prefix
    case .failure(let error):
      // A model that was not made for languages still answers to plain text.
      prefixes[direction] = ""
      shell.notice = "no task prefix: \(error.description)"
    }
  }

  /// Every direction between the model's languages.
  func directions(_ shell: Shell) -> [TranslationDirection] {
    let known = shell.information(model)?.languages ?? []
    let languages = known.count > 1 ? known : [direction.source, direction.target]
    return languages.flatMap { source in
      languages.filter { $0 != source }.map { TranslationDirection(from: source, to: $0) }
    }
  }

  /// Back to the translations before the last branch, or forward again.
  mutating func walkBranches(back: Bool, _ shell: inout Shell) -> [Effect] {
    let current = beams.settled
    let other = back ? branches.back(from: current) : branches.forward(from: current)
    guard let other else {
      shell.notice = back ? "nothing to undo in the translation" : "nothing to redo in the translation"
      return []
    }
    let wasRunning = beams.isBusy
    beams = other.settled
    if let model = other.hypothesis?.trace.context.model { setModel(model, shell) }
    return wasRunning ? [.cancel(.beams)] : []
  }

  /// Another model for the tab: its prefixes and candidates are asked for anew.
  mutating func setModel(_ model: ModelReference, _ shell: Shell) {
    guard model != self.model else { return }
    self.model = model
    prefixes = [:]
    askedPrefixes = []
    candidates.clear()
    if let information = shell.information(model) { takeDefaults(information, shell) }
  }

  /// The chosen translation, unless the prompt has the focus and is another text by now.
  var shownHypothesis: BeamsState.Hypothesis? {
    guard let shown = beams.hypothesis else { return nil }
    if focus == .prompt, beams.origin != translationOrigin { return nil }
    return shown
  }

  /// What the candidates of the Translate tab are to show.
  mutating func askCandidates(_ shell: inout Shell) -> [Effect] {
    let context: ModelContext
    var position = 0
    if let shown = shownHypothesis {
      let place = beams.cursor ?? shown.trace.end(endOfText: shell.endOfText(shown.trace))
      (context, position) = shown.trace.partContext(at: place)
      guard context.encoderIDs != nil else {
        candidates.clear()
        return []
      }
    } else {
      guard answeredQuestion(shell) != nil else { return [] }
      // Lines are translated one by one: the candidates come with them.
      guard !prompt.editor.isEmpty, prompt.editor.text.lines.count == 1 else {
        candidates.clear()
        return []
      }
      if let error = tooLong(shell) {
        candidates.refuse(error)
        return []
      }
      context = ModelContext(model: model, encoderIDs: prompt.ids, ids: [])
    }
    return ask(
      list: 0,
      DistributionRequest(context: context, position: position, promptCount: 0, settings: search.sampling), &shell)
  }
}
