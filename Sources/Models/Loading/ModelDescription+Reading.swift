import Checkpoints
import Terms

/// What is known about a model without reading its weights.
public typealias ModelDescription = Terms.ModelDescription

extension ModelDescription {
  /// Describes a folder.
  /// - Throws: ``ModelError`` if it is not a model folder, or its configuration or files are invalid. An unsupported
  ///   architecture is not an error here.
  public init(folder: String) throws(ModelError) { try self.init(ModelSource(folder: folder)) }

  /// Describes a source.
  /// - Throws: as ``init(folder:)``.
  public init(_ source: ModelSource) throws(ModelError) {
    let name = try ModelPlan.architectureName(source.configuration)
    guard Architectures.named(name) != nil else {
      self.init(architecture: name, family: nil, context: .unknown, try source.tensors())
      return
    }
    let plan = try ModelPlan(source)
    let store = try source.tensors()
    let (checked, memory) = try plan.checkWithMemory(store)
    self.init(plan, store, parameters: checked.elementCount, memory)
  }

  /// Describes a model that has been checked.
  init(_ plan: ModelPlan, _ store: any TensorStore, parameters: Int, _ memory: MemoryEstimate) {
    self.init(
      architecture: plan.architecture.name, family: plan.family, context: ContextLength(plan.contextLength), store)
    self.parameters = parameters
    self.memory = memory
  }

  /// Describes weights of an unknown architecture: all elements of floating-point tensors count as weights.
  private init(architecture: String, family: ModelFamily?, context: ContextLength, _ store: any TensorStore) {
    let counts = store.elementCounts
    let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    self.init(
      architecture: architecture, family: family, context: context,
      parameters: counts.filter { Self.isFloat($0.key) }.values.reduce(0, +),
      dtype: store.packedFormat?.rawValue ?? common ?? "none", bytes: store.byteCount)
  }

  /// Whether elements of a type are weights: all types except integers and Booleans, and therefore also blocks.
  private static func isFloat(_ type: String) -> Bool {
    !["i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool"].contains(type)
  }
}
