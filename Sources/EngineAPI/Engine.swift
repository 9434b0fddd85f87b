/// What every engine does, whatever else it can: it lists models and opens them.
///
/// What can be done with an open model is divided into roles, each a protocol of its own: ``Tokenizing``,
/// ``Generating``, ``BeamSearching``, ``Distributing``, ``Scoring``, ``MaskFilling``, ``Translating``,
/// ``Benchmarking``, ``Quantizing`` and ``Computing``. An engine conforms to those that it has. Front ends know no
/// model, tensor or file, and no engine either: they ask an ``EngineRouter``, which finds the engine of a model.
///
/// All requests are values. Work that takes long is cancelled by cancelling the calling task (it then throws an
/// `EngineError` of kind `.interrupted`) or by leaving the stream. A model is opened by its first use; `load` does it
/// in advance and reports progress.
public protocol Engine: Sendable {
  /// What the engine can do. By default the roles that its type conforms to; an engine that has a role in its type but
  /// not behind it (an older server, for instance) leaves it out.
  var capabilities: Set<Capability> { get }

  /// The models that can be opened by name, in the order to list them. Their names include the engine's scheme.
  func models() async -> [ModelSummary]

  /// The family of a model that need not be open; `nil` where only opening tells. It must be quick: it is asked before
  /// the first frame.
  /// - Throws: an error of kind `.model` where there is no such model.
  func family(of reference: ModelReference) throws(EngineError) -> ModelFamily?

  /// Opens a model (once; later calls return at once).
  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation

  /// Releases a model's memory; streams that use it end first.
  func unload(_ reference: ModelReference) async
}

extension Engine {
  /// The roles that the engine's type conforms to.
  public var capabilities: Set<Capability> { Set(Capability.allCases.filter { $0.isRole(of: self) }) }

  /// Not known before the model is open.
  public func family(of reference: ModelReference) throws(EngineError) -> ModelFamily? { nil }

  /// Opens a model without reporting progress.
  public func load(_ reference: ModelReference) async throws(EngineError) -> ModelInformation {
    try await load(reference, progress: { _ in })
  }
}

/// What an engine can do with a model. Each capability stands for one role.
public enum Capability: String, Sendable, Hashable, CaseIterable {
  /// Text to ids and back.
  case tokenizing
  /// Streams of sampled tokens.
  case generating
  /// Beam search.
  case beamSearch = "beam search"
  /// The distribution at a place in a text.
  case distributions
  /// The log-probabilities of a given text.
  case scoring
  /// Candidates for masks.
  case maskFilling = "mask filling"
  /// The task prefixes of translation models.
  case translating = "translation prefixes"
  /// Measuring speed.
  case benchmarking
  /// Writing a model in another number format.
  case quantizing
  /// Threads and cache formats, of engines that compute in this process.
  case computing

  /// Whether the engine's type conforms to the capability's protocol.
  public func isRole(of engine: any Engine) -> Bool {
    switch self {
    case .tokenizing: engine is any Tokenizing
    case .generating: engine is any Generating
    case .beamSearch: engine is any BeamSearching
    case .distributions: engine is any Distributing
    case .scoring: engine is any Scoring
    case .maskFilling: engine is any MaskFilling
    case .translating: engine is any Translating
    case .benchmarking: engine is any Benchmarking
    case .quantizing: engine is any Quantizing
    case .computing: engine is any Computing
    }
  }
}

extension EngineError {
  /// A model's engine lacks a capability that the request needs.
  public static func lacking(
    _ capability: Capability, of reference: ModelReference, having capabilities: Set<Capability>
  ) -> EngineError {
    let offered = Capability.allCases.filter(capabilities.contains).map(\.rawValue)
    return EngineError(
      .model, "no \(capability.rawValue)", at: "model '\(reference)'",
      expected: "an engine with \(capability.rawValue)",
      found: "one with \(offered.isEmpty ? "nothing of the kind" : "only " + offered.joined(separator: ", "))",
      hint: "take a model that runs in this program: 'triptych models' lists them")
  }
}

/// The role of engines that compute in this process.
public protocol Computing: Engine {
  /// How many threads compute.
  func setThreads(_ count: Int) async throws(EngineError)

  /// The number format of keys and values in the caches of models that are opened from now on.
  func setCacheFormat(_ format: CacheFormat) async
}
