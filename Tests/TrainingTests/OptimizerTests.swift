import EngineAPI
import JSONText
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Optimizers")
struct OptimizerTests {
  private func numbers(_ value: JSONValue?, _ name: String) throws -> [Float] {
    try #require(value?[name]?.array).compactMap { $0.double.map(Float.init) }
  }

  @Test(
    "five steps with weight decay give the values of PyTorch and transformers",
    arguments: [OptimizerKind.sgd, .adamw, .adafactor])
  func reference(_ kind: OptimizerKind) throws {
    let file = try JSONValue(contentsOfFile: Fixtures.path("training/optimizers.json"))
    let steps = try #require(file[kind.rawValue]?.array)
    var options = TrainingOptions()
    options.optim = kind
    options.weightDecay = 0.05
    let optimizer = makeOptimizer(options)
    let parameters = [
      Parameter(name: "matrix.weight", Tensor(Shape(3, 4), try numbers(file["start"], "matrix"))),
      Parameter(name: "vector", Tensor(Shape(4), try numbers(file["start"], "vector"))),
    ]
    #expect(steps.count == 5)
    for (index, expected) in steps.enumerated() {
      for (parameter, name) in zip(parameters, ["matrix", "vector"]) {
        let gradient = try numbers(file["gradients"]?[index], name)
        parameter.zeroGradient()
        parameter.addToGradient { sum in for place in gradient.indices { sum[place] += gradient[place] } }
        optimizer.update(parameter, OptimizerStep(number: index + 1, rate: 0.1, factor: 1))
        for (found, expected) in zip(parameter.value.scalars, try numbers(expected, name)) {
          #expect(abs(found - expected) < 2e-5 * (1 + abs(expected)), "\(kind) \(name) step \(index + 1)")
        }
      }
    }
  }
}
