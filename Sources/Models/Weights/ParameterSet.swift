import Checkpoints
import Tensors

/// The parameters of a model that is being trained, by their names in its checkpoint.
///
/// Tied weights are one parameter, under the name by which they were loaded. The set maps the packed matrices and
/// tensors of the newest model to their parameters, so that gradients of recorded operations reach the parameters.
public final class ParameterSet {
  /// All parameters, in the order of the model.
  public private(set) var all: [Parameter] = []
  private var byName: [String: Parameter] = [:]
  private var panels: [String: ParameterPanels] = [:]
  private var owners: [ObjectIdentifier: [ParameterPart]] = [:]

  init() {}

  /// The parameter of this name.
  public subscript(name: String) -> Parameter? { byName[name] }

  /// The parameters stored in a memory block of the newest model: that of a packed matrix
  /// (``Tensors/PackedMatrix/memory``) or of a tensor such as a norm's weights, a bias or a table
  /// (``Tensors/TensorPlace/memory``). Empty if the block holds none of the model's weights.
  public func parts(ofMemory memory: ObjectIdentifier) -> [ParameterPart] { owners[memory] ?? [] }

  /// The memory blocks of the newest model that hold a parameter, with its part of each.
  public func places(of parameter: Parameter) -> [(memory: ObjectIdentifier, part: ParameterPart)] {
    owners.flatMap { memory, parts in parts.filter { $0.parameter === parameter }.map { (memory: memory, part: $0) } }
  }

  /// Adds a matrix that is not the model's, until the next model is built.
  public func add(_ matrix: PackedMatrix, _ parts: [ParameterPart]) { owners[matrix.memory] = parts }

  /// The layout of a parameter's matrix in its checkpoint.
  public func layout(of parameter: Parameter) -> WeightLayout {
    panels.values.first { $0.parts.contains { $0 === parameter } }?.layout ?? .outputsByInputs
  }

  /// A snapshot of the current values as a checkpoint in memory.
  /// - Parameter location: the name of the checkpoint in messages.
  public func store(location: String) -> ParameterStore {
    ParameterStore(location: location, values: byName.mapValues(\.value))
  }

  // MARK: - Making a model

  func contains(_ name: String?) -> Bool { name.map { byName[$0] != nil } ?? false }

  /// Clears the map from memory blocks to parameters before a new model is built.
  func beginModel() { owners = [:] }

  /// The values of a parameter. Creates the parameter from the stored tensor at the first call.
  func tensor(_ stored: StoredTensor, named name: String) -> Tensor {
    let parameter = parameter(stored, named: name)
    let value = parameter.value
    owners[value.place.memory] = [
      ParameterPart(parameter: parameter, range: 0..<value.rowCount, layout: .outputsByInputs)
    ]
    return value
  }

  /// Concatenates vectors of this model.
  func stack(_ vectors: [Tensor]) -> Tensor {
    let stacked = Tensor.stackingRows(vectors).detached()
    var (first, parts) = (0, [ParameterPart]())
    for vector in vectors {
      let range = first..<first + vector.rowCount
      parts += self.parts(ofMemory: vector.place.memory).map {
        ParameterPart(parameter: $0.parameter, range: range, layout: .outputsByInputs)
      }
      first = range.upperBound
    }
    owners[stacked.place.memory] = parts
    return stacked
  }

  /// A vector of this model plus a constant. Its gradient is the gradient of the vector.
  func shifted(_ vector: Tensor, by offset: Float) -> Tensor {
    let shifted = vector.adding(offset)
    owners[shifted.place.memory] = parts(ofMemory: vector.place.memory)
    return shifted
  }

  /// Packs parameters into one matrix, with their outputs side by side.
  func matrix(
    _ stored: [StoredTensor], named names: [String], layout: WeightLayout, format: NumberFormat
  ) -> PackedMatrix {
    let key = names.joined(separator: "+")
    let made =
      panels[key]
      ?? ParameterPanels(
        zip(stored, names).map { parameter($0, named: $1) }, layout: layout, format: format)
    panels[key] = made
    let matrix = made.matrix()
    var (first, parts) = (0, [ParameterPart]())
    for parameter in made.parts {
      let range = first..<first + parameter.shape[layout == .outputsByInputs ? 0 : 1]
      parts.append(ParameterPart(parameter: parameter, range: range, layout: layout))
      first = range.upperBound
    }
    owners[matrix.memory] = parts
    return matrix
  }

  private func parameter(_ stored: StoredTensor, named name: String) -> Parameter {
    if let known = byName[name] { return known }
    let parameter = Parameter(name: name, stored.tensor())
    stored.owner.discard(stored.bytes)
    byName[name] = parameter
    all.append(parameter)
    return parameter
  }
}

/// The part of a packed matrix or tensor that a parameter fills.
public struct ParameterPart {
  /// The parameter.
  public let parameter: Parameter
  /// The range of its outputs in the packed matrix, or of its rows in the tensor.
  public let range: Range<Int>
  /// The layout of the parameter's matrix: outputs × inputs or inputs × outputs. Tensors have the parameter's layout.
  public let layout: WeightLayout

  /// A part with these values.
  public init(parameter: Parameter, range: Range<Int>, layout: WeightLayout) {
    self.parameter = parameter
    self.range = range
    self.layout = layout
  }
}

/// Values of parameters as a checkpoint in memory.
public struct ParameterStore: TensorStore {
  /// The name in messages.
  public let location: String
  private let values: [String: Tensor]

  init(location: String, values: [String: Tensor]) {
    self.location = location
    self.values = values
  }

  /// The parameters' names, sorted.
  public var names: [String] { values.keys.sorted() }

  /// Bytes of all values.
  public var byteCount: Int { values.values.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }

  /// Shape and element type of a parameter.
  public func entry(_ name: String) -> TensorEntry? {
    guard let value = values[name] else { return nil }
    return TensorEntry(
      shape: Array(value.shape), layout: ElementType.f32.layout, byteCount: value.count * MemoryLayout<Float>.stride)
  }

  /// The bytes of a parameter's values.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    guard let value = values[name], let stored = try? StoredTensor(value) else { return nil }
    return StoredBytes(stored.bytes, owner: stored.owner)[range]
  }
}
