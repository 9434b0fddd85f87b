import Checkpoints
import Tensors

/// The parameters of a model that is being trained, by their names in its checkpoint.
///
/// Weights that are tied are one parameter, under the name that they were loaded by. The set remembers what the model
/// was made of: a packed matrix or tensor that a recorder has noted leads back to its parameters.
public final class ParameterSet {
  /// All parameters, in the order of the model.
  public private(set) var all: [Parameter] = []
  private var byName: [String: Parameter] = [:]
  private var panels: [String: ParameterPanels] = [:]
  private var owners: [ObjectIdentifier: [ParameterPart]] = [:]

  init() {}

  /// The parameter of this name.
  public subscript(name: String) -> Parameter? { byName[name] }

  /// The parameters that the newest model has in a memory: of a packed matrix (``Tensors/PackedMatrix/memory``) or of a
  /// tensor (weights of a norm, a bias, a table: ``Tensors/TensorPlace/memory``). None where the memory is not one of
  /// the model's weights.
  public func parts(ofMemory memory: ObjectIdentifier) -> [ParameterPart] { owners[memory] ?? [] }

  /// The values as they are now, as a checkpoint in memory.
  /// - Parameter location: what it is called in messages.
  public func store(location: String) -> ParameterStore {
    ParameterStore(location: location, values: byName.mapValues(\.value))
  }

  // MARK: - Making a model

  func contains(_ name: String?) -> Bool { name.map { byName[$0] != nil } ?? false }

  /// Forgets what the last model was made of.
  func beginModel() { owners = [:] }

  /// The values of a parameter, which is made of the stored tensor if there is none of this name.
  func tensor(_ stored: StoredTensor, named name: String) -> Tensor {
    let parameter = parameter(stored, named: name)
    let value = parameter.value
    owners[value.place.memory] = [
      ParameterPart(parameter: parameter, range: 0..<value.rowCount, layout: .outputsByInputs)
    ]
    return value
  }

  /// Vectors of this model one after the other.
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

  /// A vector of this model with a constant added to it. Its gradient is the vector's.
  func shifted(_ vector: Tensor, by offset: Float) -> Tensor {
    let shifted = vector.adding(offset)
    owners[shifted.place.memory] = parts(ofMemory: vector.place.memory)
    return shifted
  }

  /// Panels of parameters whose outputs lie side by side.
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

/// What a parameter is of a packed matrix or a tensor.
public struct ParameterPart {
  /// The parameter.
  public let parameter: Parameter
  /// Its outputs among those of the matrix; of a tensor, its rows.
  public let range: Range<Int>
  /// How the parameter's matrix lies. A tensor's rows lie as the parameter's.
  public let layout: WeightLayout
}

/// Values of parameters as a checkpoint in memory.
public struct ParameterStore: TensorStore {
  /// What it is called in messages.
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
