import CKernels
import Foundation
import TestSupport
import Testing

@Suite("Own functions against the C library in double precision")
struct AccuracyTests {
  /// The largest error in units in the last place of the true value, over many numbers of an interval.
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

  @Test("exp") func exponential() {
    let kernels = ck_active().pointee
    #expect(worstError(-1...1, { kernels.exp($0, $1, $2) }, Foundation.exp) < 1)
    #expect(worstError(-104...88.7, { kernels.exp($0, $1, $2) }, Foundation.exp) < 1.1)
  }

  @Test("log") func logarithm() {
    let kernels = ck_active().pointee
    #expect(worstError(0.5...2, { kernels.log($0, $1, $2) }, Foundation.log) < 1.5)
    #expect(worstError(0...1e-37, { kernels.log($0, $1, $2) }, Foundation.log) < 1.5)
    #expect(worstError(1...1e30, { kernels.log($0, $1, $2) }, Foundation.log) < 1.5)
  }

  @Test("tanh") func hyperbolicTangent() {
    let kernels = ck_active().pointee
    #expect(worstError(-0.7...0.7, { kernels.tanh($0, $1, $2) }, Foundation.tanh) < 2)
    #expect(worstError(-12...12, { kernels.tanh($0, $1, $2) }, Foundation.tanh) < 2)
  }

  @Test("erf") func errorFunction() {
    let kernels = ck_active().pointee
    #expect(worstError(-1.1...1.1, { kernels.erf($0, $1, $2) }, Foundation.erf) < 2)
    #expect(worstError(-5...5, { kernels.erf($0, $1, $2) }, Foundation.erf) < 2)
  }

  @Test("exp and log in double precision") func scalars() {
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

  @Test("the values at the edges") func edges() {
    let kernels = ck_active().pointee
    let x: [Float] = [.infinity, -.infinity, 0, -0.0, .nan, 1000, -1000]
    #expect(sameBits(written(7) { kernels.exp(x, $0, 7) }, [.infinity, 0, 1, 1, .nan, .infinity, 0]))
    #expect(
      sameBits(written(7) { kernels.log(x, $0, 7) }.dropLast(2) + [], [.infinity, .nan, -.infinity, -.infinity, .nan]))
    #expect(sameBits(written(7) { kernels.tanh(x, $0, 7) }, [1, -1, 0, -0.0, .nan, 1, -1]))
    #expect(sameBits(written(7) { kernels.erf(x, $0, 7) }, [1, -1, 0, -0.0, .nan, 1, -1]))
  }
}
