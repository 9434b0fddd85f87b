import EngineAPI

/// A model that is being opened by its path. It is assigned to a tab once its family is known.
struct PendingModel: Sendable, Equatable {
  /// The open tab with its model, prompt and requests, to detect whether the user has done something else meanwhile.
  struct Place: Sendable, Equatable {
    /// The open tab.
    var tab: TabID
    /// The model in use.
    var model: ModelReference
    /// The prompt.
    var text: String
    /// The versions of the requests started in the tab.
    var requests: [Int?]
  }

  /// The model.
  var reference: ModelReference
  /// The state of the open tab when the path was typed.
  var place: Place
  /// Whether the model opens in the first tab that takes its family, even if the open tab takes it as well.
  var leavesTab = false
}
