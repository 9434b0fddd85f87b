import Foundation
import Tensors
import Testing

@Suite("Activations")
struct ActivationTests {
  private static let points: [Float] = [-11, -5.5, -3, -1.25, -0.5, -0.01, 0, 0.02, 0.7, 1, 2.5, 3.5, 7, 12, 25]

  /// Each name's formula in double precision.
  private static let formulas: [(names: [String], formula: @Sendable (Double) -> Double)] = [
    (["linear"], { $0 }),
    (["relu"], { max($0, 0) }),
    (["relu2"], { pow(max($0, 0), 2) }),
    (["relu6"], { min(max($0, 0), 6) }),
    (["leaky_relu"], { $0 < 0 ? 0.01 * $0 : $0 }),
    (["gelu", "gelu_python"], { $0 * erfc(-$0 / 2.0.squareRoot()) / 2 }),
    (["gelu_10"], { min(max($0 * erfc(-$0 / 2.0.squareRoot()) / 2, -10), 10) }),
    (
      ["gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate"],
      { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    ),
    (["quick_gelu"], { $0 / (1 + exp(-1.702 * $0)) }),
    (["silu", "swish"], { $0 / (1 + exp(-$0)) }),
    (["mish"], { $0 * tanh(log1p(exp($0))) }),
    (["tanh"], { tanh($0) }),
    (["sigmoid"], { 1 / (1 + exp(-$0)) }),
    (["hardswish"], { $0 * min(max($0 + 3, 0), 6) / 6 }),
    (["laplace"], { (1 + erf(($0 - 0.707107) / (0.282095 * 2.0.squareRoot()))) / 2 }),
    (["sqrtsoftplus"], { log1p(exp($0)).squareRoot() }),
  ]

  @Test("each name has its formula") func values() {
    var seen: Set<String> = []
    for (names, formula) in ActivationTests.formulas {
      for name in names {
        seen.insert(name)
        guard let activation = Activation(name: name) else {
          Issue.record("no activation \(name)")
          continue
        }
        let out = activate(Tensor([ActivationTests.points.count], ActivationTests.points), activation).scalars
        for (x, y) in zip(ActivationTests.points, out) {
          let expected = formula(Double(x))
          #expect(abs(Double(y) - expected) <= 3e-7 * max(1, abs(Double(x))), "\(name)(\(x))")
        }
      }
    }
    #expect(seen == Set(Activation.allCases.map(\.rawValue)))
    #expect(Activation(name: "prelu") == nil && Activation(name: "") == nil)
  }
}
