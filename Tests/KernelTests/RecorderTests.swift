import Testing

@testable import Tensors

/// A recorder records each operation and does not change its result.
@Suite("Operations with a recorder")
struct RecorderTests {
  private func tensor(_ rows: Int, _ width: Int, seed: UInt64) -> Tensor {
    Tensor([rows, width], randomNumbers(rows * width, seed: seed))
  }

  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }

  /// The recorded operations of `compute`. Checks that the result has the same bits as without a recorder.
  private func operations(_ input: Tensor, _ compute: (Tensor) -> Tensor) -> [RecordedOperation] {
    let recorder = Recorder()
    let result = compute(input.recorded(by: recorder))
    #expect(bits(result) == bits(compute(input)))
    #expect(result.recorder === recorder, "the result carries the recorder")
    #expect(recorder.operations.allSatisfy { $0.output.recorder == nil }, "recorded tensors do not carry it")
    #expect(recorder.operations.last?.output.place == result.place)
    return recorder.operations
  }

  @Test("a product and its activation are recorded separately", arguments: Activation.allCases, NumberFormat.uniform)
  func products(_ activation: Activation, _ format: NumberFormat) throws {
    let (x, residual) = (tensor(5, 40, seed: 1), tensor(5, 19, seed: 2))
    let weights = PackedMatrix(tensor(19, 40, seed: 3), layout: .outputsByInputs, format: format)
    let bias = Tensor([19], randomNumbers(19, seed: 4))
    for residual in [nil, residual] {
      let noted = operations(x) { linear($0, weights, bias: bias, activation: activation, residual: residual) }
      guard case .product(let input, let matrix, let notedBias, let joined, let sums) = noted.first else {
        Issue.record("no product")
        continue
      }
      #expect(input.place == x.place && matrix.memory == weights.memory && notedBias?.place == bias.place)
      if activation == .linear {
        #expect(noted.count == 1 && joined?.place == residual?.place)
        continue
      }
      #expect(joined == nil && bits(sums) == bits(linear(x, weights, bias: bias)))
      guard case .activation(let before, activation, let after) = noted[1] else {
        Issue.record("no activation")
        continue
      }
      #expect(before.place == sums.place)
      guard let residual else {
        #expect(noted.count == 2)
        continue
      }
      guard case .sum(let a, let b, _) = noted[2] else {
        Issue.record("no sum")
        continue
      }
      #expect(noted.count == 3 && a.place == after.place && b.place == residual.place)
    }
  }

  @Test("a sum is recorded if only the residual has a recorder")
  func residualAlone() {
    let (x, residual) = (tensor(3, 8, seed: 1), tensor(3, 4, seed: 2))
    let weights = PackedMatrix(tensor(4, 8, seed: 3), layout: .outputsByInputs)
    #expect(operations(residual) { linear(x, weights, residual: $0) }.count == 1)
    #expect(operations(residual) { linear(x, weights, activation: .relu, residual: $0) }.count == 3)
    #expect(operations(residual) { add(residual, $0) }.count == 1)
    #expect(operations(residual) { multiply(residual, $0) }.count == 1)
  }

  @Test("norms are recorded with each row's statistics", arguments: [1, 7, 16, 33])
  func norms(_ width: Int) throws {
    let x = tensor(6, width, seed: 5)
    let (weight, bias) = (
      Tensor([width], randomNumbers(width, seed: 6)), Tensor([width], randomNumbers(width, seed: 7))
    )
    let layer = operations(x) { layerNorm($0, weight: weight, bias: bias, epsilon: 1e-5) }
    let rms = operations(x) { rmsNorm($0, weight: weight, epsilon: 1e-6) }
    guard layer.count == 1, case .layerNorm(let input, let w, let b, let statistics, _) = layer[0],
      rms.count == 1, case .rmsNorm(_, _, let inverses, _) = rms[0]
    else { throw Unexpected() }
    #expect(input.place == x.place && w.place == weight.place && b.place == bias.place)
    #expect(statistics.shape == [6, 2] && inverses.shape == [6, 1])
    for row in 0..<6 {
      let numbers = x.row(row).map(Double.init)
      let mean = numbers.reduce(0, +) / Double(width)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let square = numbers.reduce(0) { $0 + $1 * $1 } / Double(width)
      #expect(abs(Double(statistics.row(row)[0]) - mean) < 1e-5)
      #expect(abs(Double(statistics.row(row)[1]) * (variance + 1e-5).squareRoot() - 1) < 1e-5)
      #expect(abs(Double(inverses.row(row)[0]) * (square + 1e-6).squareRoot() - 1) < 1e-5)
    }
  }

  @Test("lookups are recorded with their indices, other operations with their inputs")
  func others() throws {
    let x = tensor(4, 6, seed: 8)
    guard case .rows(let source, [2, 0, 2], _) = operations(x, { $0.gatherRows([2, 0, 2]) })[0],
      case .rows(let columns, [0, 1, 2, 3], _) = operations(x, { $0.columns(1..<3) })[0],
      case .stack(let parts, _) = operations(x, { .stackingRows([x, $0.rows(1..<2)]) })[0],
      case .scale(_, 0.5, _) = operations(x, { scale($0, 0.5) })[0],
      case .softmax = operations(x, softmax)[0], case .logSoftmax = operations(x, logSoftmax)[0],
      case .rotation(let turned, let angles, 6, .interleaved, _) = operations(
        x,
        {
          rotate(
            TensorColumns($0), angles: rotations([0, 1, 2, 9], frequencies: [1, 0.1]), headWidth: 6, pairs: .interleaved
          )
        })[0],
      case .positionBias(_, [3, 0, 1, 2], let queries, 3, _) = operations(
        x, { positionBias($0, buckets: [3, 0, 1, 2], queries: 1..<3, keyCount: 3) })[0]
    else { throw Unexpected() }
    #expect(source.place == x.place && turned.place == x.place && queries == 1..<3)
    #expect(columns.place == TensorColumns(x, 1..<3).place)
    #expect(parts.map(\.place) == [x.place, x.rows(1..<2).place])
    #expect(angles.shape == [4, 4])
    let recorder = Recorder()
    let table = PackedMatrix(x, layout: .outputsByInputs)
    let rows = embedding([3, 3, 0], table, recorder: recorder)
    guard case .embedding([3, 3, 0], let noted, let output) = recorder.operations[0] else { throw Unexpected() }
    #expect(noted.memory == table.memory && output.place == rows.place && rows.recorder === recorder)
  }

  @Test("views have the memory of their tensor")
  func places() {
    let x = tensor(6, 10, seed: 9)
    let view = TensorColumns(x.rows(1..<5), 3..<7).rows(1..<3)
    #expect(view.place.memory == x.place.memory && x.reshaped([60]).place.memory == x.place.memory)
    #expect(view.place.offset == 2 * 10 + 3 && view.place.stride == 10)
    #expect((view.place.rowCount, view.place.width) == (2, 4))
    #expect(view.scalars == Array(x.row(2)[3..<7] + x.row(3)[3..<7]))
    #expect(x.place.capacity >= 60 && x.detached().place.memory != x.place.memory)
  }

  @Test("a recorder and its tensors form no reference cycle, and removeAll releases the tensors")
  func lifetime() {
    weak var gone: Recorder?
    do {
      let recorder = Recorder()
      gone = recorder
      let x = tensor(2, 4, seed: 10).recorded(by: recorder)
      _ = softmax(add(x, x))
      #expect(recorder.operations.count == 2)
      recorder.removeAll()
      #expect(recorder.operations.isEmpty)
      _ = layerNorm(x, weight: x.rows(0..<1), bias: x.rows(1..<2), epsilon: 1)
      #expect(add(x.recorded(by: nil), tensor(2, 4, seed: 1)).recorder == nil)
      #expect(recorder.operations.count == 1)
    }
    #expect(gone == nil)
  }
}

private struct Unexpected: Error {}
