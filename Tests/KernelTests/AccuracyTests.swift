import CKernels
import Foundation
import Tensors
import Testing
import TestSupport

@Suite("Elementary functions are accurate to within 2 ulp")
struct AccuracyTests {
  /// The largest error, in ulp of the true value, over random numbers in an interval.
  private func worstError(
    _ range: ClosedRange<Float>, _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
    _ truth: (Double) -> Double
  ) -> Double {
    var generator = SplitMix64(seed: 1)
    let x = (0..<200_000).map { _ in Float.random(in: range, using: &generator) }
    let y = written(x.count) { function(x, $0, x.count) }
    var worst = 0.0
    for (x, y) in zip(x, y) {
      let expected = truth(Double(x))
      let unit = Double(max(Float(expected).ulp, .leastNormalMagnitude.ulp))
      worst = max(worst, abs(Double(y) - expected) / unit)
    }
    return worst
  }

  @Test("exp is accurate to 1.1 ulp") func exponential() {
    let kernels = ck_active().pointee
    #expect(worstError(-1...1, { kernels.exp($0, $1, $2) }, Foundation.exp) < 1)
    #expect(worstError(-104...88.7, { kernels.exp($0, $1, $2) }, Foundation.exp) < 1.1)
  }

  @Test("log is accurate to 1.5 ulp") func logarithm() {
    let kernels = ck_active().pointee
    #expect(worstError(0.5...2, { kernels.log($0, $1, $2) }, Foundation.log) < 1.5)
    #expect(worstError(0...1e-37, { kernels.log($0, $1, $2) }, Foundation.log) < 1.5)
    #expect(worstError(1...1e30, { kernels.log($0, $1, $2) }, Foundation.log) < 1.5)
  }

  @Test("tanh is accurate to 2 ulp") func hyperbolicTangent() {
    let kernels = ck_active().pointee
    #expect(worstError(-0.7...0.7, { kernels.tanh($0, $1, $2) }, Foundation.tanh) < 2)
    #expect(worstError(-12...12, { kernels.tanh($0, $1, $2) }, Foundation.tanh) < 2)
  }

  @Test("erf is accurate to 2 ulp") func errorFunction() {
    let kernels = ck_active().pointee
    #expect(worstError(-1.1...1.1, { kernels.erf($0, $1, $2) }, Foundation.erf) < 2)
    #expect(worstError(-5...5, { kernels.erf($0, $1, $2) }, Foundation.erf) < 2)
  }

  @Test("sin and cos in double precision are accurate") func angles() {
    var generator = SplitMix64(seed: 4)
    for _ in 0..<100_000 {
      // Rotary embeddings need arguments in single precision up to millions.
      let scale = Float(sign: .plus, exponent: Int.random(in: -20...23, using: &generator), significand: 1)
      let x = Double(Float.random(in: -2...2, using: &generator) * scale)
      guard abs(x) <= 0x1p24 else { continue }
      #expect(abs(ck_sin(x) - sin(x)) <= max(2 * sin(x).ulp, 0x1p-52), "sin \(x)")
      #expect(abs(ck_cos(x) - cos(x)) <= max(2 * cos(x).ulp, 0x1p-52), "cos \(x)")
    }
    #expect(ck_sin(0) == 0 && ck_cos(0) == 1 && ck_sin(-0.5) == -ck_sin(0.5) && ck_cos(-2) == ck_cos(2))
    #expect(ck_sin(.nan).isNaN && ck_cos(.infinity).isNaN && ck_sin(0x1p25).isNaN)
  }

  @Test("exp and log in double precision are accurate to 2 ulp") func scalars() {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<100_000 {
      let x = Double.random(in: -740...709, using: &generator)
      #expect(abs(ck_exp(x) - exp(x)) <= 2 * exp(x).ulp)
      let y = Double.random(in: 0...4, using: &generator)
      #expect(abs(ck_log(y) - log(y)) <= 2 * max(log(y).ulp, 1e-17))
    }
    #expect(ck_log(0) == -.infinity && ck_log(-1).isNaN && ck_log(.infinity) == .infinity && ck_log(1) == 0)
    #expect(ck_exp(-.infinity) == 0 && ck_exp(.infinity) == .infinity && ck_exp(.nan).isNaN && ck_exp(0) == 1)
    #expect(abs(ck_log(.leastNonzeroMagnitude) + 744.4400719213812) < 1e-12)
  }

  @Test("infinities, zeros and NaN give the limits of each function") func edges() {
    let kernels = ck_active().pointee
    let x: [Float] = [.infinity, -.infinity, 0, -0.0, .nan, 1000, -1000]
    #expect(sameBits(written(7) { kernels.exp(x, $0, 7) }, [.infinity, 0, 1, 1, .nan, .infinity, 0]))
    #expect(
      sameBits(written(7) { kernels.log(x, $0, 7) }.dropLast(2) + [], [.infinity, .nan, -.infinity, -.infinity, .nan]))
    #expect(sameBits(written(7) { kernels.tanh(x, $0, 7) }, [1, -1, 0, -0.0, .nan, 1, -1]))
    #expect(sameBits(written(7) { kernels.erf(x, $0, 7) }, [1, -1, 0, -0.0, .nan, 1, -1]))
  }
}

@Suite("Activation functions")
struct ActivationTests {
  private static let points: [Float] = [-11, -5.5, -3, -1.25, -0.5, -0.01, 0, 0.02, 0.7, 1, 2.5, 3.5, 7, 12, 25]

  /// The formula of each name, in double precision.
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

  @Test("each activation name has its formula") func values() {
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
