import Layers
import Tensors
import Testing

@Suite("Layers")
struct LayerTests {
  private let x = Tensor([2, 3], [1, 2, 3, -1, 0, 4])

  @Test("a linear layer applies its activation, then adds the residual") func linearLayer() {
    let weight = PackedMatrix(Tensor([2, 3], [1, 0, 0, 0, -1, 0]), layout: .outputsByInputs)
    let layer = Linear(weight: weight, bias: Tensor([2], [0.5, 1]))
    #expect(layer(x) == Tensor([2, 2], [1.5, -1, -0.5, 1]))
    #expect(layer(x, activation: .relu) == Tensor([2, 2], [1.5, 0, 0, 1]))
    #expect(layer(x, activation: .relu, residual: Tensor([2, 2], [1, 1, 2, 2])) == Tensor([2, 2], [2.5, 1, 2, 3]))
  }

  @Test("an embedding table serves as a tied head") func tied() {
    let table = Embedding(weight: PackedMatrix(Tensor([3, 2], [1, 2, 3, 4, 5, 6]), layout: .outputsByInputs))
    #expect(table([2, 0]) == Tensor([2, 2], [5, 6, 1, 2]))
    #expect(table.scores(Tensor([1, 2], [1, 10])) == Tensor([1, 3], [21, 43, 65]))
  }

  @Test("norm layers equal their operations") func norms() {
    let ones = Tensor([3], [1, 1, 1])
    let layer = LayerNorm(weight: ones, bias: Tensor.zeros([3]), epsilon: 1e-5)
    #expect(layer(x) == layerNorm(x, weight: ones, bias: Tensor.zeros([3]), epsilon: 1e-5))
    #expect(RMSNorm(weight: ones, epsilon: 1e-6)(x) == rmsNorm(x, weight: ones, epsilon: 1e-6))
  }

  @Test("a gate is the product of its activated half and the other one") func gates() {
    let numbers = (0..<66).map { Float(($0 * 29 + 5) % 31) / 7 - 2 }
    let both = Tensor([3, 22], numbers)
    let (left, right) = (both.columns(0..<11), both.columns(11..<22))
    #expect(gate(both, .silu) == multiply(activate(left, .silu), right))
  }

  @Test("a norm of groups of columns is the norm of each group alone") func groupNorms() {
    let numbers = (0..<60).map { Float(($0 * 37 + 11) % 23) - 9.5 }
    let (x, weight) = (Tensor([3, 20], numbers), Tensor([4], [1, -0.5, 2, 3]))
    let norm = RMSNorm(weight: weight, epsilon: 0.01)
    let normed = norm(TensorColumns(x, 4..<16))
    #expect(normed.shape == [3, 12])
    for row in 0..<3 {
      for first in stride(from: 0, to: 12, by: 4) {
        let group = Tensor([1, 4], Array(x.row(row)[first + 4..<first + 8]))
        #expect(Array(normed.row(row)[first..<first + 4]) == norm(group).scalars)
      }
    }
  }
}
