import EngineAPI

/// The Generate tab.
public struct GenerateState: Sendable, Equatable {
  /// The prompt of all streams.
  public internal(set) var prompt: PromptState
  /// One to four streams, from left to right.
  var streams: [StreamState]
  /// The stream that settings and models are chosen for, and whose model the prompt is tokenized for: the one that had
  /// the focus last.
  var lead = 0
  /// The pane with the focus.
  var focus = Focus.prompt
  /// Whose cursor the candidates belong to.
  var source = CandidateSource.prompt
  /// The candidates.
  var candidates = CandidateList()
  /// The identifier of the next stream.
  var nextStream: Int
  /// The seeds that have made a text.
  var seeds = SeedLedger()

  init(models: [ModelReference], settings: PlaygroundSettings) {
    prompt = PromptState(.generate, settings: settings)
    streams = models.enumerated().map { index, model in
      // Different models begin with the same seed; the same model twice would make the same text twice.
      let twins = UInt64(models.prefix(index).count { $0 == model })
      return StreamState(
        id: index, model: model, settings: settings.sampling ?? .init(), settingsAreOwn: settings.sampling != nil,
        maxTokens: settings.maxTokens, seed: settings.seed &+ twins)
    }
    nextStream = models.count
  }

  /// The leading stream.
  var leading: StreamState { streams[lead] }
  /// Whether any stream runs or waits to.
  var isBusy: Bool { streams.contains { $0.isRunning || $0.waiting != nil } }
}
