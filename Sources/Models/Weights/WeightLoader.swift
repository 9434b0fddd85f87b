import Checkpoints
import Layers
import Tensors

/// Makes layers from the tensors under one name prefix.
///
/// A model's initializer runs twice (see ``TensorReader``): in the checking pass every layer is a placeholder.
struct WeightLoader {
  let scope: TensorScope
  let format: NumberFormat
  /// The storage format of keys and values in the model's sequences.
  let cacheFormat: CacheFormat
  let tally: LoadTally
  /// Collects everything that is loaded, if the model is to be written packed.
  var recorder: WeightRecorder?
  /// The set that the weights join as parameters, if the model is to be trained.
  var parameters: ParameterSet?
  /// The number formats of single matrices, if not all have the same.
  var formats: MatrixFormats?
  /// What recorded passes drop.
  var dropout = DropoutRates()

  /// The loader for tensors under a name.
  func callAsFunction(_ name: String) -> WeightLoader { within(scope(name)) }

  /// The loader for tensors under a numbered name, such as `h.0`.
  func callAsFunction(_ name: String, _ index: Int) -> WeightLoader { self("\(name).\(index)") }

  /// The loader for tensors without the outer prefix: those of the head.
  var outside: WeightLoader { within(scope.outside) }

  private func within(_ scope: TensorScope) -> WeightLoader {
    WeightLoader(
      scope: scope, format: format, cacheFormat: cacheFormat, tally: tally, recorder: recorder, parameters: parameters,
      formats: formats, dropout: dropout)
  }

  /// A vector under its name or an older one. `[count]`
  func vector(_ name: String, or older: String? = nil, count: Int) -> Tensor {
    guard let stored = scope.tensor(name, older ?? name, shape: [count]) else { return Self.noVector }
    tally.add(read: stored.bytes.count, packed: count * MemoryLayout<Float>.stride)
    recorder?.add(scope.fullName(name, older ?? name), stored)
    return tensor(stored, named: scope.fullName(name, older ?? name))
  }

  /// A lookup table; not packed. `[rows, width]`
  func table(_ name: String, rows: Int, width: Int) -> Tensor {
    guard let stored = scope.tensor(name, shape: [rows, width], isTable: true) else { return Self.noVector }
    tally.add(read: stored.bytes.count, packed: rows * width * MemoryLayout<Float>.stride)
    recorder?.add(scope.fullName(name), stored)
    defer { stored.owner.discard(stored.bytes) }
    return tensor(stored, named: scope.fullName(name))
  }

  /// A table of positions whose first rows belong to no position. `[positions, width]`
  /// - Parameter first: the stored row of position 0.
  func positionTable(_ name: String, positions: Int, first: Int, width: Int) -> Tensor {
    let stored = table(name, rows: first + positions, width: width)
    return stored.rowCount == first + positions ? stored.rows(first..<first + positions) : stored
  }

  /// A packed weight matrix, under the first of its names that the store has.
  func matrix(_ names: [String], outputs: Int, inputs: Int, layout: WeightLayout = .outputsByInputs) -> PackedMatrix {
    let name = names.first { scope.contains($0) } ?? names[0]
    if scope.packedFormat != nil { return panels(name, outputs: outputs, inputs: inputs) }
    let layout = scope.matrixLayout ?? layout
    let shape = layout == .outputsByInputs ? [outputs, inputs] : [inputs, outputs]
    guard let stored = scope.tensor(name, shape: shape) else { return Self.noMatrix }
    return pack([stored], layout, name: scope.fullName(name), parts: [scope.fullName(name)])
  }

  /// The matrix of this name, or `other` if the store lacks the name or has equal bytes under it. Tied weights are thus
  /// kept in memory once, even if the file stores them twice.
  /// - Parameter names: the names that `other` was loaded by.
  func matrix(
    _ name: String, orShared other: PackedMatrix, of names: [String], outputs: Int, inputs: Int
  ) -> PackedMatrix {
    guard let loaded = names.first(where: scope.contains), scope.contains(name), name != loaded else { return other }
    // In training, two parameters are not tied merely because their values are equal.
    let isOther = parameters?.contains(scope.fullName(name)) == true
    return !isOther && scope.areEqual(name, loaded) ? other : matrix([name], outputs: outputs, inputs: inputs)
  }

  /// A fully connected layer.
  func linear(
    _ name: String, inputs: Int, outputs: Int, layout: WeightLayout = .outputsByInputs, bias: Bool = true
  ) -> Linear { stacked([name], inputs: inputs, outputs: outputs, layout: layout, bias: bias) }

  /// Several fully connected layers with the same input, stacked into one; their outputs are side by side. `outputs` is
  /// the number of outputs of each.
  func stacked(
    _ names: [String], inputs: Int, outputs: Int, layout: WeightLayout = .outputsByInputs, bias: Bool = true
  ) -> Linear {
    stacked(names.map { ($0, outputs) }, inputs: inputs, layout: layout, bias: bias)
  }

  /// Stacks layers with different numbers of outputs.
  func stacked(
    _ parts: [(name: String, outputs: Int)], inputs: Int, layout: WeightLayout = .outputsByInputs, bias: Bool = true
  ) -> Linear {
    let outputs = parts.reduce(0) { $0 + $1.outputs }
    let layout = scope.matrixLayout ?? layout
    let packedName = parts.map(\.name).joined(separator: "+")
    let weight: PackedMatrix
    if scope.packedFormat != nil {
      weight = self(packedName).panels("weight", outputs: outputs, inputs: inputs)
    } else {
      let weights = parts.compactMap { part in
        let shape = layout == .outputsByInputs ? [part.outputs, inputs] : [inputs, part.outputs]
        return scope(part.name).tensor("weight", shape: shape)
      }
      if weights.count == parts.count {
        // The packed file stores the stack under the joined names: `prefix.q+k+v.weight`.
        let first = parts[0].name
        let name = scope(first).fullName("weight")?.dropLast("\(first).weight".count)
        weight = pack(
          weights, layout, name: name.map { "\($0)\(packedName).weight" },
          parts: parts.map { scope($0.name).fullName("weight") })
      } else {
        weight = Self.noMatrix
      }
    }
    let biases = bias ? parts.map { self($0.name).vector("bias", count: $0.outputs) } : []
    guard !scope.onlyChecks, weight.outputs == outputs else { return Linear(weight: Self.noMatrix) }
    let allBiases =
      biases.count == 1 ? biases[0] : parameters?.stack(biases) ?? Tensor.stackingRows(biases)
    return Linear(weight: weight, bias: bias ? allBiases : nil)
  }

  /// A layer norm. Old checkpoints name its parameters `gamma` and `beta`.
  func layerNorm(_ name: String, width: Int, epsilon: Float) -> LayerNorm {
    LayerNorm(
      weight: self(name).vector("weight", or: "gamma", count: width),
      bias: self(name).vector("bias", or: "beta", count: width), epsilon: epsilon)
  }

  /// A layer norm without learned parameters: weights of one, biases of zero.
  func bareLayerNorm(width: Int, epsilon: Float) -> LayerNorm {
    guard !scope.onlyChecks else { return LayerNorm(weight: Self.noVector, bias: Self.noVector, epsilon: epsilon) }
    let ones = Tensor(uninitialized: [width]) { $0.update(repeating: 1, count: width) }
    return LayerNorm(weight: ones.detached(), bias: Tensor.zeros([width]).detached(), epsilon: epsilon)
  }

  /// A root-mean-square norm.
  /// - Parameter offset: what is added to the stored weights. A GGUF file stores the sums.
  func rmsNorm(_ name: String, width: Int, epsilon: Float, offset: Float = 0) -> RMSNorm {
    let stored = self(name).vector("weight", count: width)
    guard offset != 0, !scope.holdsWholeNorms else { return RMSNorm(weight: stored, epsilon: epsilon) }
    let weight = parameters?.shifted(stored, by: offset) ?? stored.adding(offset)
    return RMSNorm(weight: weight, epsilon: epsilon)
  }

  /// The value of a stored tensor: a parameter's, if the model is to be trained.
  private func tensor(_ stored: StoredTensor, named name: String?) -> Tensor {
    guard let parameters, let name else { return stored.tensor() }
    return parameters.tensor(stored, named: name)
  }

  /// Packs stored matrices into one.
  /// - Parameters:
  ///   - name: its name in a file of packed weights.
  ///   - names: the full name of each stored matrix.
  private func pack(
    _ stored: [StoredTensor], _ layout: WeightLayout, name: String?, parts names: [String?]
  ) -> PackedMatrix {
    let format = formats?.format(of: name, in: format) ?? format
    let packed =
      parameters?.matrix(stored, named: names.compactMap(\.self), layout: layout, format: format)
      ?? PackedMatrix(stored, layout: layout, format: format)
    tally.add(read: stored.reduce(0) { $0 + $1.bytes.count }, packed: packed.byteCount)
    recorder?.add(name, packed)
    return packed
  }

  /// A matrix that the file stores packed.
  private func panels(_ name: String, outputs: Int, inputs: Int) -> PackedMatrix {
    guard let stored = scope.panels(name, outputs: outputs, inputs: inputs) else { return Self.noMatrix }
    let packed = PackedMatrix(panels: stored, outputs: outputs, inputs: inputs, format: format)
    tally.add(read: stored.bytes.count, packed: packed.byteCount)
    recorder?.add(scope.fullName(name), packed)
    return packed
  }

  private static let noVector = Tensor.zeros([1])
  private static let noMatrix = PackedMatrix(Tensor.zeros([1, 1]), layout: .outputsByInputs)
}

/// The number formats of single matrices of a model that is loaded, and the names of all its matrices.
final class MatrixFormats {
  /// The formats of matrices that do not have the model's, by name.
  private let exceptions: [String: NumberFormat]
  /// The names of the matrices in the order in which they were loaded.
  private(set) var names: [String] = []

  init(_ exceptions: [String: NumberFormat]) { self.exceptions = exceptions }

  /// The format of a matrix in a model of a format.
  func format(of name: String?, in format: NumberFormat) -> NumberFormat {
    guard let name else { return format }
    names.append(name)
    return exceptions[name] ?? format
  }
}

/// Counts the bytes loaded so far and reports progress.
final class LoadTally {
  /// Bytes of the weights as packed in memory.
  private(set) var packedBytes = 0
  private var readBytes = 0
  private let totalBytes: Int
  private let progress: (Double) -> Void

  /// Creates a tally for `totalBytes` of stored weights; `progress` is called with the fraction done, 0…1.
  init(totalBytes: Int, progress: @escaping (Double) -> Void = { _ in }) {
    self.totalBytes = max(totalBytes, 1)
    self.progress = progress
  }

  func add(read: Int, packed: Int) {
    readBytes += read
    packedBytes += packed
    progress(min(1, Double(readBytes) / Double(totalBytes)))
  }
}

extension Tensor {
  /// A copy with `offset` added to every element. Not recorded.
  func adding(_ offset: Float) -> Tensor { Tensor(shape, scalars.map { $0 + offset }).detached() }
}

extension ModelFacts {
  /// The facts of a model whose weights have just been loaded.
  init(
    vocabularySize: Int, sourceVocabularySize: Int? = nil, contextLength: Int?, width: Int, layerCount: Int,
    _ weights: WeightLoader
  ) {
    self.init(
      vocabularySize: vocabularySize, sourceVocabularySize: sourceVocabularySize ?? vocabularySize,
      contextLength: contextLength, width: width, layerCount: layerCount,
      parameterCount: weights.scope.elementCount, weightBytes: weights.tally.packedBytes,
      cacheFormat: weights.cacheFormat, dropout: weights.dropout)
  }
}
