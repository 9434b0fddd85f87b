import EngineAPI

/// How far a model is.
public enum ModelStatus: Sendable, Equatable {
  /// It is being opened.
  case loading(LoadProgress)
  /// It is open.
  case ready(ModelInformation)
  /// It could not be opened.
  case failed(EngineError)

  /// The open model's facts.
  var information: ModelInformation? {
    if case .ready(let information) = self { information } else { nil }
  }
}
