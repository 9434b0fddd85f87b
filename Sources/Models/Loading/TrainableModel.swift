import Checkpoints
import Tensors
import Terms

/// A model in training: its parameters, and a way to build a model from their current values.
///
/// Models stay immutable during training. After parameters have changed, ``model()`` builds a new model; earlier ones
/// keep their values and can still generate text. A matrix is repacked only if its values have changed, and reuses the
/// memory of the previous model if that has been released.
public final class TrainableModel {
  /// The parameters by their names in the checkpoint.
  public let parameters = ParameterSet()
  /// The names of tensors that the source lacked and that got new values.
  public let initialized: [String]
  private let plan: ModelPlan
  private let format: NumberFormat
  private let location: String
  private let dropout: DropoutRates

  /// Reads a model's weights as parameters.
  ///
  /// Holds the weights in memory twice: as f32 master values and as packed panels.
  /// - Parameters:
  ///   - format: the number format of the panels that forward passes read.
  ///   - initialize: makes the values of a tensor that the source lacks, for a new head or a new model. Without it a
  ///     missing tensor is an error. A tensor of another shape is replaced if `replaces` says so.
  ///   - most: the number of weights that fit in memory; `nil` if it is unknown. Nothing is made or read of a model
  ///     with more.
  ///   - progress: receives the share of the weights that has been read, 0…1.
  /// - Throws: ``ModelError``; packed weights cannot be trained.
  public init(
    _ source: ModelSource, format: NumberFormat = .f32,
    initialize: ((_ name: String, _ shape: [Int]) -> Tensor)? = nil,
    replaces: (_ name: String) -> Bool = { _ in false }, most: Int? = nil,
    progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) {
    plan = try ModelPlan(source)
    dropout = try plan.dropout()
    self.format = format
    var store = try source.tensors()
    location = store.location
    if let stored = store.packedFormat {
      throw .packedForInference(folder: source.path, stored: stored)
    }
    var added: [String: Tensor] = [:]
    if let initialize {
      let stored = store
      // A tensor that is there can make others necessary.
      while true {
        var isComplete = true
        let problems = plan.problems(store)
        try Self.check(
          added.values.reduce(0) { $0 + $1.count } + Self.missing(problems), most, path: source.path)
        for problem in problems {
          switch problem {
          case .missing(let name, let shape): added[name] = initialize(name, shape)
          case .shape(let name, let shape, _) where replaces(name) && added[name] == nil:
            added[name] = initialize(name, shape)
          default: continue
          }
          isComplete = false
        }
        guard !isComplete else { break }
        store = CompletedStore(stored, added: ParameterStore(location: stored.location, values: added))
      }
    }
    initialized = added.keys.sorted()
    let format = try plan.format(format, of: store)
    let checked = try plan.check(store)
    try Self.check(checked.elementCount, most, path: source.path)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    _ = try plan.load(
      store, format: format, totalBytes: checked.byteCount, parameters: parameters, progress: progress)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
  }

  /// The number of elements of missing tensors; `Int.max` if it is larger.
  private static func missing(_ problems: [TensorProblem]) -> Int {
    var total = 0
    for case .missing(_, let shape) in problems {
      let count = shape.reduce(1) { product, size in
        let (value, overflow) = product.multipliedReportingOverflow(by: size)
        return overflow ? .max : value
      }
      let (sum, overflow) = total.addingReportingOverflow(count)
      total = overflow ? .max : sum
    }
    return total
  }

  private static func check(_ count: Int, _ most: Int?, path: String) throws(ModelError) {
    guard let most, count > most else { return }
    throw .invalidConfiguration(
      path: path, key: "the sizes of the model", expected: "at most \(most) weights, which fit in memory",
      found: "\(count)")
  }

  /// The family of the model.
  public var family: ModelFamily { plan.family }

  /// The maximum number of tokens of a sequence; `nil` if there is no limit.
  public var contextLength: Int? { plan.contextLength }

  /// The decoding defaults of the model's files.
  public func generation() throws(ModelError) -> GenerationConfiguration { try plan.generation() }

  /// Builds a model from the current values of the parameters.
  ///
  /// ``ParameterSet/parts(ofMemory:)`` refers to the newest model only.
  public func model() throws(ModelError) -> AnyLanguageModel {
    parameters.beginModel()
    let store = parameters.store(location: location)
    return try plan.load(store, format: format, totalBytes: store.byteCount, parameters: parameters, dropout: dropout)
  }

  /// The keys with which a configuration sets the probabilities of dropout.
  /// - Throws: ``ModelError``, as opening a model of the source does.
  public static func dropoutKeys(_ source: ModelSource) throws(ModelError) -> [String] {
    try ModelPlan(source).dropoutKeys
  }
}

/// A store with further tensors in memory, which take precedence.
struct CompletedStore: TensorStore {
  private let base: any TensorStore
  private let added: ParameterStore

  init(_ base: any TensorStore, added: ParameterStore) {
    self.base = base
    self.added = added
  }

  var location: String { base.location }
  var names: [String] { Set(base.names).union(added.names).sorted() }
  var byteCount: Int { base.byteCount + added.byteCount }
  var packedFormat: NumberFormat? { base.packedFormat }
  var matrixLayout: WeightLayout? { base.matrixLayout }
  var ownFormat: NumberFormat { base.ownFormat }
  var holdsWholeNorms: Bool { base.holdsWholeNorms }

  func entry(_ name: String) -> TensorEntry? { added.entry(name) ?? base.entry(name) }

  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    added.entry(name) == nil ? base.bytes(of: name, range) : added.bytes(of: name, range)
  }

  func checkUnchanged() throws(CheckpointError) { try base.checkUnchanged() }
}

/// A store without tensors: the weights of a model that does not exist yet.
public struct EmptyStore: TensorStore {
  /// The name in messages.
  public let location: String

  /// A store with a name for messages.
  public init(location: String) { self.location = location }

  /// None.
  public var names: [String] { [] }
  /// None.
  public var byteCount: Int { 0 }
  /// Always `nil`.
  public func entry(_ name: String) -> TensorEntry? { nil }
  /// Always `nil`.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? { nil }
}
