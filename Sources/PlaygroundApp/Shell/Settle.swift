import EngineAPI
import Sampling
import TerminalUI

/// After every message: whatever the screen shows now and does not know yet is asked for. Nothing else asks for tokens,
/// distributions or fillings, so an answer can never be forgotten, and a question that stands is never asked twice.
extension PlaygroundState {
  mutating func settle(fittingTexts: Bool = true) -> [Effect] {
    var effects = openModels()
    if task == .translate { effects += askPrefix() }
    effects += askTokens()
    if task == .fillMask { findGaps() }
    fit(Layout(self), texts: fittingTexts)
    switch task {
    case .generate:
      effects += startWaitingStreams()
      effects += askGenerateCandidates()
    case .fillMask:
      effects += askGaps()
      effects += askFillings()
    case .translate:
      findGivenSource()
      effects += startWaitingBeams()
      effects += askTranslationCandidates()
    }
    return effects + askPieces()
  }

  /// The models of the open tab.
  private var neededModels: [ModelReference] {
    task == .generate ? generate.streams.map(\.model) : [leadingModel]
  }

  private mutating func openModels() -> [Effect] {
    var effects: [Effect] = []
    for model in neededModels where opened[model] == nil {
      opened[model] = .loading(LoadProgress(fraction: 0, step: "opening"))
      effects.append(.load(model))
    }
    return effects
  }

  /// Tells lists and editors how much room they have.
  private mutating func fit(_ layout: Layout, texts: Bool) {
    if let pane = layout[.prompt] {
      prompt.editor.keepCursorVisible(in: PromptView.room(pane).size)
    }
    for pane in layout.panes {
      switch pane.focus {
      case .candidates:
        let rows = CandidateColumns.rows(height: pane.inside.height)
        if task == .generate { generate.candidates.window.update(height: rows) }
        if task == .translate { translate.candidates.window.update(height: rows) }
      case .mask(let index) where fillMask.lists.indices.contains(index):
        fillMask.lists[index].window.update(height: CandidateColumns.rows(height: pane.inside.height))
      case .together: fillMask.fillings.window.update(height: pane.inside.height)
      case .stream(let index) where texts: keepVisible(stream: index, pane)
      case .translation where texts: keepTranslationVisible(pane)
      default: break
      }
    }
    fitOverlay()
  }

  // MARK: Tokens

  /// What is to be known about the open tab's prompt; `nil` while its model (or prefix) is not there.
  var tokenQuestion: TokenQuestion? {
    guard information(leadingModel) != nil else { return nil }
    var question = TokenQuestion(text: prompt.editor.text, model: leadingModel)
    if task == .translate {
      guard let prefix = translate.prefixes[translate.direction] else { return nil }
      question.prefix = prefix
    }
    return question
  }

  private mutating func askTokens() -> [Effect] {
    guard let question = tokenQuestion, prompt.asked != question else { return [] }
    let version = nextVersion()
    prompt.asked = question
    prompt.awaited = version
    prompt.failure = nil
    return [
      .tokenize(
        Ticket(.tokens(task), version: version), text: question.prefix + question.text, model: question.model)
    ]
  }

  mutating func receive(tokens result: Result<TokenizedText, EngineError>, _ ticket: Ticket) {
    switch ticket.slot {
    case .tokens(let task):
      switch task {
      case .generate: generate.prompt.receive(result, version: ticket.version)
      case .fillMask: fillMask.prompt.receive(result, version: ticket.version)
      case .translate: translate.prompt.receive(result, version: ticket.version)
      }
    case .streamTokens(let id): receive(tokens: result, stream: id, version: ticket.version)
    case .searchTokens: receive(pieces: result, version: ticket.version)
    case .lineTokens: receive(lineTokens: result, version: ticket.version)
    default: break
    }
  }
}

extension PromptState {
  fileprivate mutating func receive(_ result: Result<TokenizedText, EngineError>, version: Int) {
    guard awaited == version, let asked else { return }
    awaited = nil
    switch result {
    case .success(let tokens):
      self.tokens = tokens
      tokenizedText = asked.text
      prefixLength = asked.prefix.utf8.count
    case .failure(let error):
      tokens = TokenizedText()
      tokenizedText = ""
      failure = error
    }
  }
}
