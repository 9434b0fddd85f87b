import EngineAPI

/// A model that is being opened by its path, to take its place once its family is known.
struct PendingModel: Sendable, Equatable {
  /// Where the person was and what had been begun there.
  struct Place: Sendable, Equatable {
    /// The open tab.
    var tab: TabID
    /// The model in use.
    var model: ModelReference
    /// The prompt.
    var text: String
    /// What was begun in the tab.
    var requests: [Int?]
  }

  /// The model.
  var reference: ModelReference
  /// Where its path was typed.
  var place: Place
}
