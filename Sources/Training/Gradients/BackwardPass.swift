import CKernels
import Models
import Tensors

/// Goes back through the recorded operations of one pass and adds the gradients of its parameters to
/// ``ParameterGradients``.
///
/// Gradients of activations are kept by memory block, so views need no operation. A gradient is released as soon as the
/// operation that made its block has been gone back through, together with the operation's recorded tensors.
public struct BackwardPass {
  let parameters: ParameterGradients
  /// The gradient of each memory block of activations.
  private var gradients: [ObjectIdentifier: Tensor] = [:]
  /// Memory blocks whose gradients reach a trained parameter.
  private var needed: Set<ObjectIdentifier> = []
  /// The stage of the current tape, and how often each memory block of weights has been used in it.
  private var stage = 0
  var uses: [ObjectIdentifier: Int] = [:]
  /// Gradients of position biases. They are added at the end of a tape in the order of the sequences.
  private var biases: [BiasGradient] = []

  /// A pass that adds to these gradients.
  public init(_ parameters: ParameterGradients) { self.parameters = parameters }

  /// Asks for the gradient of a tensor that no recorded operation computed: the input of the first one.
  public mutating func keepGradient(of tensor: Tensor) { needed.insert(tensor.place.memory) }

  /// The gradient of a tensor that was asked for, after the pass. `nil` if the output does not depend on it.
  public func gradient(of tensor: Tensor) -> Tensor? {
    gradients[tensor.place.memory].map { gradient in
      Tensor(uninitialized: tensor.shape) {
        $0.update(from: gradient.pointer + tensor.place.offset, count: tensor.count)
      }
    }
  }

  /// Adds the gradients of the parameters.
  /// - Parameters:
  ///   - tapes: in the order in which to go back: a tape comes before those whose results it reads. They are emptied.
  ///   - output: a tensor that the first tape computed.
  ///   - gradient: the loss's gradient of `output`, of the same shape.
  public mutating func propagate(_ tapes: inout [Tape], from output: Tensor, gradient: Tensor) {
    for tape in tapes.reversed() { mark(tape.operations) }
    guard needsGradient(output) else { return }
    // The output begins its memory block, so its gradient can be used as it is.
    if output.place.offset == 0, gradients[output.place.memory] == nil {
      gradients[output.place.memory] = gradient
    } else {
      add(output) { addElements(gradient.pointer, to: $0, gradient.count) }
    }
    for index in tapes.indices {
      var operations = tapes[index].operations
      tapes[index].operations = []
      stage = tapes[index].stage
      uses = [:]
      goBack(&operations)
      for bias in biases.reversed() { addWeights(of: bias) }
      biases = []
    }
  }

  /// Goes back through operations, and releases each with its tensors.
  private mutating func goBack(_ operations: inout [RecordedOperation]) {
    while let operation = operations.popLast() {
      let memory = operation.output.place.memory
      if needed.contains(memory), let dy = gradients[memory] { propagate(operation, dy) }
      gradients[memory] = nil
    }
  }

  /// Computes a layer again, and goes back through its operations.
  private mutating func propagate(through layer: RecordedLayer, _ dy: Tensor) {
    var (operations, output) = layer.record()
    let marked = mark(operations)
    // The output begins its memory block.
    if needsGradient(output) {
      gradients[output.place.memory] = dy
      goBack(&operations)
    }
    // Other tensors will have their memory.
    needed.subtract(marked)
  }

  /// Finds the activations whose gradients are needed.
  /// - Returns: those that were not known before.
  @discardableResult
  private mutating func mark(_ operations: [RecordedOperation]) -> [ObjectIdentifier] {
    operations.compactMap { operation in
      // Which parameters a layer reads is not known before it is computed.
      let isLayer = if case .layer = operation { true } else { false }
      guard isLayer || operation.inputMemory.contains(where: { isNeeded($0) }) else { return nil }
      let (isNew, memory) = needed.insert(operation.output.place.memory)
      return isNew ? memory : nil
    }
  }

  private func isNeeded(_ memory: ObjectIdentifier) -> Bool {
    needed.contains(memory) || parameters.isTrained(memory)
  }

  func needsGradient(_ tensor: Tensor) -> Bool { isNeeded(tensor.place.memory) }

  func needsGradient(memory: ObjectIdentifier) -> Bool { isNeeded(memory) }

  private mutating func propagate(_ operation: RecordedOperation, _ gradient: Tensor) {
    // An operation's output begins its memory block.
    let dy = gradient.pointer
    switch operation {
    case .product(let input, let weights, let bias, let residual, let output):
      if let residual { add(residual) { addElements(dy, to: $0, output.count) } }
      if let bias { addColumns(dy, rows: output.rowCount, to: bias) }
      propagate(through: weights, input: input, dy)
    case .embedding(let ids, let table, _): addRows(dy, ids, to: table)
    case .rows(let input, let indices, _): addRows(dy, indices, to: input)
    case .stack(let parts, _):
      var next = dy
      for part in parts {
        add(part) { addElements(next, to: $0, part.count) }
        next += part.count
      }
    case .sum(let a, let b, let output):
      for tensor in [a, b] { add(tensor) { addElements(dy, to: $0, output.count) } }
    case .elementwiseProduct(let a, let b, let output):
      for (tensor, other) in [(a, b), (b, a)] {
        add(tensor) { sum in
          elementwise(output.count) { range in
            let first = range.lowerBound
            kernels.multiply_add(dy + first, other.pointer + first, sum + first, range.count)
          }
        }
      }
    case .scale(let input, let factor, let output):
      add(input) { sum in
        elementwise(output.count) {
          kernels.scale_add(dy + $0.lowerBound, factor, sum + $0.lowerBound, $0.count)
        }
      }
    case .dropout(let input, let mask, let residual, let output):
      if let residual { add(residual) { addElements(dy, to: $0, output.count) } }
      add(input) { addDropoutGradient(mask, dy, to: $0, width: output.width) }
    case .activation(let input, let activation, let output):
      add(input) { sum in
        elementwise(output.count) { range in
          let first = range.lowerBound
          kernels.activate_back(
            activation.kernelCode, input.pointer + first, dy + first, sum + first, range.count)
        }
      }
    case .layerNorm(let input, let weight, let bias, let statistics, _):
      propagate(throughLayerNorm: input, weight, bias, statistics, dy)
    case .rmsNorm(let input, let weight, let statistics, _): propagate(throughRMSNorm: input, weight, statistics, dy)
    case .softmax(let input, let output):
      eachRow(of: input, output, dy) { kernels.softmax_back($0, $1, $2, $3) }
    case .logSoftmax(let input, let output):
      eachRow(of: input, output, dy) { kernels.log_softmax_back($0, $1, $2, $3) }
    case .rotation(let input, let angles, let headWidth, let pairs, _):
      propagate(throughRotation: input, angles, headWidth, pairs, dy)
    case .positionBias(let weight, let buckets, let queries, let keyCount, _):
      biases.append(
        BiasGradient(weight: weight, buckets: buckets, rows: queries.count, keyCount: keyCount, gradient: gradient))
    case .attention(let attention): propagate(through: attention, dy)
    case .layer(let layer): propagate(through: layer, gradient)
    }
  }

  private mutating func eachRow(
    of input: Tensor, _ output: Tensor, _ dy: UnsafePointer<Float>,
    _ body: (
      _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ count: Int
    ) -> Void
  ) {
    let width = output.shape.last ?? 1
    add(input) { sum in
      rowWise(output.count / max(1, width), width: width) { rows in
        for row in rows { body(output.pointer + row * width, dy + row * width, sum + row * width, width) }
      }
    }
  }

  // MARK: - Where gradients are added

  /// The next use of weights in the current tape.
  mutating func use(_ memory: ObjectIdentifier) -> ParameterGradients.Use {
    let ordinal = uses[memory, default: 0]
    uses[memory] = ordinal + 1
    return ParameterGradients.Use(stage: stage, memory: memory, ordinal: ordinal)
  }

  /// Calls `body` with the gradient of a tensor's elements, row after row, if it is needed.
  mutating func add(_ tensor: Tensor, _ body: (UnsafeMutablePointer<Float>) -> Void) { add(tensor.place, body) }

  /// Calls `body` with the gradient of a place, whose rows are `place.stride` apart, if it is needed.
  mutating func add(_ place: TensorPlace, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    guard isNeeded(place.memory) else { return }
    if !needed.contains(place.memory) {
      // The whole tensor is one parameter, such as a table.
      for part in parameters.sums(use(place.memory)) where part.range.lowerBound == 0 {
        part.add { body($0 + place.offset) }
      }
      return
    }
    body(activations(place).sums + place.offset)
  }

  /// The gradient of a memory block of activations.
  mutating func activations(_ place: TensorPlace) -> Tensor {
    if let known = gradients[place.memory] { return known }
    let made = Tensor.zeros(Shape(place.capacity))
    gradients[place.memory] = made
    return made
  }

  /// Adds rows to the gradient of a vector of the model.
  private mutating func addColumns(_ dy: UnsafePointer<Float>, rows: Int, to vector: Tensor) {
    guard parameters.isTrained(vector.place.memory) else { return }
    let stride = vector.count
    for part in parameters.sums(use(vector.place.memory)) {
      // A vector may be stored as one row.
      let width = part.parameter.count / part.range.count
      part.add { sum in
        columnWise(part.parameter.count, rows: rows) { columns in
          let first = part.range.lowerBound * width + columns.lowerBound
          kernels.add_rows(dy + first, stride, rows, columns.count, sum + columns.lowerBound)
        }
      }
    }
  }

  /// Adds row i to row `ids[i]` of a table's gradient.
  private mutating func addRows(_ dy: UnsafePointer<Float>, _ ids: [Int], to table: PackedMatrix) {
    guard parameters.isTrained(table.memory) else { return }
    let width = table.inputs
    for part in parameters.sums(use(table.memory), readsRows: true) {
      if let rows = part.rows {
        rows.add(dy, to: ids.map { part.range.contains($0) ? $0 - part.range.lowerBound : -1 })
        continue
      }
      part.add { sum in
        columnWise(width, rows: ids.count) { columns in
          for (row, id) in ids.enumerated() where part.range.contains(id) {
            let source = dy + row * width + columns.lowerBound
            if part.layout == .outputsByInputs {
              let target = sum + (id - part.range.lowerBound) * width + columns.lowerBound
              kernels.add(target, source, target, columns.count)
            } else {
              let target = sum + columns.lowerBound * part.range.count + id - part.range.lowerBound
              for column in 0..<columns.count { target[column * part.range.count] += source[column] }
            }
          }
        }
      }
    }
  }

  /// Adds row i to row `indices[i]` of a tensor's gradient.
  private mutating func addRows(_ dy: UnsafePointer<Float>, _ indices: [Int], to input: TensorColumns) {
    let place = input.place
    add(place) { sum in
      columnWise(place.width, rows: indices.count) { columns in
        for (row, index) in indices.enumerated() {
          let target = sum + index * place.stride + columns.lowerBound
          kernels.add(target, dy + row * place.width + columns.lowerBound, target, columns.count)
        }
      }
    }
  }
}
