import TestSupport
import Tensors
import Testing

@Suite("Tensor values and operations")
struct TensorTests {
  private let tensor = Tensor([3, 2], [1, 2, 3, 4, 5, 6])

  @Test("shapes, rows, columns, gathered and stacked rows have the right elements") func parts() {
    #expect(tensor.count == 6 && tensor.rowCount == 3 && tensor.width == 2)
    #expect(tensor.row(1) == [3, 4])
    #expect(tensor.rows(1..<3) == Tensor([2, 2], [3, 4, 5, 6]))
    #expect(tensor.rows(1..<3).rows(1..<2).scalars == [5, 6])
    #expect(tensor.rows(3..<3).shape == [0, 2])
    #expect(tensor.columns(1..<2) == Tensor([3, 1], [2, 4, 6]))
    #expect(tensor.gatherRows([2, 0, 2]) == Tensor([3, 2], [5, 6, 1, 2, 5, 6]))
    #expect(tensor.reshaped([6]).scalars == [1, 2, 3, 4, 5, 6])
    #expect(Tensor.stackingRows([tensor, tensor.rows(0..<1)]) == Tensor([4, 2], [1, 2, 3, 4, 5, 6, 1, 2]))
    #expect(Tensor.zeros([2, 2]).scalars == [0, 0, 0, 0] && Tensor([], [7]).count == 1)
  }

  @Test("a slice keeps its storage alive") func lifetime() {
    func slice() -> Tensor { Tensor([1000, 3], (0..<3000).map(Float.init)).rows(999..<1000) }
    let kept = slice()
    for _ in 0..<100 { _ = Tensor.zeros([1000, 3]) }
    #expect(kept.scalars == [2997, 2998, 2999])
  }

  @Test("elementwise operations equal their definitions") func elementwise() {
    #expect(add(tensor, tensor).scalars == [2, 4, 6, 8, 10, 12])
    #expect(multiply(tensor, tensor).scalars == [1, 4, 9, 16, 25, 36])
    #expect(scale(tensor, 0.5).scalars == [0.5, 1, 1.5, 2, 2.5, 3])
    #expect(activate(scale(tensor, -1), .relu).scalars == [0, 0, 0, 0, 0, 0])
    let large = Tensor([5, 20000], randomNumbers(100_000, seed: 51))
    #expect(add(large, large) == scale(large, 2))
  }

  @Test("norms and softmax equal their formulas") func formulas() {
    let weight = Tensor([2], [2, 3])
    let normed = layerNorm(tensor, weight: weight, bias: Tensor([2], [1, 1]), epsilon: 0)
    #expect(zip(normed.scalars, [-1, 4, -1, 4, -1, 4] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 })
    let rms = rmsNorm(Tensor([1, 2], [3, 4]), weight: weight, epsilon: 0).scalars
    #expect(abs(rms[0] - 1.6970563) < 1e-5 && abs(rms[1] - 3.3941125) < 1e-5)
    #expect(softmax(Tensor([2, 2], [0, 0, 5, 5])).scalars == [0.5, 0.5, 0.5, 0.5])
    #expect(logSoftmax(Tensor([1, 2], [7, 7])).scalars.allSatisfy { abs($0 + 0.6931472) < 1e-6 })
  }

  @Test("a fused linear layer equals its separate operations bit for bit") func fusion() {
    let x = Tensor([5, 40], randomNumbers(200, seed: 52))
    let weights = PackedMatrix(Tensor([37, 40], randomNumbers(37 * 40, seed: 53)), layout: .outputsByInputs)
    let bias = Tensor([37], randomNumbers(37, seed: 54))
    let residual = Tensor([5, 37], randomNumbers(5 * 37, seed: 55))
    for activation in Activation.allCases {
      let fused = linear(x, weights, bias: bias, activation: activation, residual: residual)
      let parts = add(activate(linear(x, weights, bias: bias), activation), residual)
      #expect(sameBits(fused.scalars, parts.scalars), "\(activation)")
    }
  }

  @Test("operations accept empty tensors") func empty() {
    let weights = PackedMatrix(Tensor([0, 4], []), layout: .outputsByInputs)
    #expect(linear(Tensor.zeros([3, 4]), weights).shape == [3, 0])
    let narrow = PackedMatrix(Tensor([3, 0], []), layout: .outputsByInputs)
    #expect(linear(Tensor.zeros([2, 0]), narrow, bias: Tensor([3], [1, 2, 3])).scalars == [1, 2, 3, 1, 2, 3])
    #expect(linear(Tensor.zeros([0, 4]), weights).shape == [0, 0])
    #expect(softmax(Tensor.zeros([0, 5])).shape == [0, 5] && softmax(Tensor.zeros([5, 0])).shape == [5, 0])
  }
}
