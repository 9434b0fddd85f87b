/// The interface common to all engines: it lists models and opens them.
///
/// What can be done with an open model is divided into roles, each with its own protocol: ``Tokenizing``,
/// ``ChatRendering``, ``Generating``, ``BeamSearching``, ``Distributing``, ``Scoring``, ``Comparing``, ``MaskFilling``,
/// ``Translating``, ``Classifying``, ``Tagging``, ``Inspecting``, ``Benchmarking``, ``Quantizing``, ``ModelTraining``
/// and ``Computing``. An engine conforms to the roles it supports. Front ends do not depend on models, tensors, files
/// or a particular engine: they call an ``EngineRouter``, which finds the engine of a model.
///
/// All requests are values. Long work is canceled by canceling the calling task, which then throws an `EngineError`
/// of kind `.interrupted`, or by ending the iteration of a stream. The first use of a model opens it; `load` opens it
/// in advance and reports progress.
public protocol Engine: Sendable {
  /// The engine's capabilities. Default: the roles that its type conforms to. An engine must remove a role that its
  /// type has but its backend lacks (an older server, for instance).
  var capabilities: Set<Capability> { get }

  /// The schemes of names that belong to the engine without being registered for it: those of the stores in which it
  /// finds models. Default: none.
  var schemes: Set<String> { get }

  /// The models that can be opened by name, in display order, and those that were found but cannot be opened, with a
  /// ``ModelSummary/reason``. Names include the scheme.
  /// - Throws: an error if the models can't be listed, for example because file descriptors ran out.
  func models() async throws(EngineError) -> [ModelSummary]

  /// The same models in portions, for a front end that shows them as they are found: a store may hold thousands.
  /// Default: one portion. The stream throws an ``EngineError``, as ``models()``.
  func modelPortions() -> AsyncThrowingStream<[ModelSummary], any Error>

  /// A model as the listing shows it, by any name that opens it. Default: the listed model of this name.
  /// - Throws: an error of kind `.model` if there is no such model or it cannot be read.
  func summary(of reference: ModelReference) async throws(EngineError) -> ModelSummary

  /// The family of a model, without opening it; `nil` if the family is known only after opening. Must be fast: it is
  /// called before the first frame.
  /// - Throws: an error of kind `.model` if there is no such model.
  func family(of reference: ModelReference) throws(EngineError) -> ModelFamily?

  /// Opens a model. Returns immediately if it is already open.
  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation

  /// Stops the streams that use a model and releases its memory.
  func unload(_ reference: ModelReference) async
}

extension Engine {
  /// The roles that the engine's type conforms to.
  public var capabilities: Set<Capability> { Set(Capability.allCases.filter { $0.isRole(of: self) }) }

  /// The default: all models at once.
  public func modelPortions() -> AsyncThrowingStream<[ModelSummary], any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          continuation.yield(try await models())
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// The default: no schemes.
  public var schemes: Set<String> { [] }

  /// The default: the listed model of this name.
  public func summary(of reference: ModelReference) async throws(EngineError) -> ModelSummary {
    if let known = try await models().first(where: { $0.name == reference.name }) { return known }
    throw EngineError(
      .model, "no such model", at: "model '\(reference)'", expected: "the name of a listed model",
      found: "none of that name", hint: "'triptych models' lists them")
  }

  /// The default: unknown before the model is open.
  public func family(of reference: ModelReference) throws(EngineError) -> ModelFamily? { nil }

  /// Opens a model without reporting progress.
  public func load(_ reference: ModelReference) async throws(EngineError) -> ModelInformation {
    try await load(reference, progress: { _ in })
  }
}

/// Something an engine can do with a model; each capability corresponds to one role.
public enum Capability: String, Sendable, Hashable, CaseIterable {
  /// Conversion between text and ids.
  case tokenizing
  /// Conversations as text.
  case chatRendering = "chat templates"
  /// Token streams by sampling.
  case generating
  /// Beam search.
  case beamSearch = "beam search"
  /// The distribution at a position in a text.
  case distributions
  /// Log-probabilities of a given text.
  case scoring
  /// Divergences between models over a given text.
  case comparing
  /// Candidates for mask tokens.
  case maskFilling = "mask filling"
  /// Task prefixes of translation models.
  case translating = "translation prefixes"
  /// How models summarize.
  case summarizing = "summaries"
  /// Labels of texts.
  case classifying
  /// Labels of tokens.
  case tagging
  /// What is inside a model, and changes of it.
  case inspecting = "looking inside"
  /// Speed measurement.
  case benchmarking
  /// Conversion of a model to another number format.
  case quantizing
  /// Training of models.
  case training
  /// Settings for threads and cache format, for engines that compute in this process.
  case computing

  /// True if the engine's type conforms to the capability's protocol.
  public func isRole(of engine: any Engine) -> Bool {
    switch self {
    case .tokenizing: engine is any Tokenizing
    case .chatRendering: engine is any ChatRendering
    case .generating: engine is any Generating
    case .beamSearch: engine is any BeamSearching
    case .distributions: engine is any Distributing
    case .scoring: engine is any Scoring
    case .comparing: engine is any Comparing
    case .maskFilling: engine is any MaskFilling
    case .translating: engine is any Translating
    case .summarizing: engine is any Summarizing
    case .classifying: engine is any Classifying
    case .tagging: engine is any Tagging
    case .inspecting: engine is any Inspecting
    case .benchmarking: engine is any Benchmarking
    case .quantizing: engine is any Quantizing
    case .training: engine is any ModelTraining
    case .computing: engine is any Computing
    }
  }
}

extension EngineError {
  /// The error for a request whose engine lacks a required capability.
  public static func lacking(
    _ capability: Capability, of reference: ModelReference, having capabilities: Set<Capability>
  ) -> EngineError {
    let offered = Capability.allCases.filter(capabilities.contains).map(\.rawValue)
    return EngineError(
      .model, "no \(capability.rawValue)", at: "model '\(reference)'",
      expected: "an engine that supports \(capability.rawValue)",
      found: "one with \(offered.isEmpty ? "nothing of the kind" : "only " + offered.joined(separator: ", "))",
      hint: "use a model of the local engine: 'triptych models' lists them")
  }
}

/// The role of engines that compute in this process.
public protocol Computing: Engine {
  /// Sets the number of computing threads; 0 means the number of physical cores.
  func setThreads(_ count: Int) async throws(EngineError)

  /// Sets the number format of KV caches, for models opened from now on.
  func setCacheFormat(_ format: CacheFormat) async
}
