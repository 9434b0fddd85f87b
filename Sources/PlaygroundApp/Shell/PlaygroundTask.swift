import EngineAPI

/// What the playground does with a model: one tab each, one family of models each.
public enum PlaygroundTask: String, Sendable, Hashable, CaseIterable {
  /// Text goes on from a prompt.
  case generate
  /// Gaps of a text are filled.
  case fillMask = "fill-mask"
  /// A text is translated.
  case translate

  /// The tab's title.
  public var title: String {
    switch self {
    case .generate: "Generate"
    case .fillMask: "Fill mask"
    case .translate: "Translate"
    }
  }

  /// The family of models that can do it.
  public var family: ModelFamily {
    switch self {
    case .generate: .causal
    case .fillMask: .masked
    case .translate: .seq2seq
    }
  }

  /// The task that a family of models is for.
  public init(family: ModelFamily) {
    switch family {
    case .causal: self = .generate
    case .masked: self = .fillMask
    case .seq2seq: self = .translate
    }
  }
}
