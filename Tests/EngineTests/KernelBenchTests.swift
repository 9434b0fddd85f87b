import EngineAPI
import Testing

@testable import Engines

/// The kernels of `bench --kernels`.
struct KernelBenchTests {
  @Test func everyKernelIsMeasured() {
    let figures = KernelBench(
      shapes: [(64, 96), (96, 64)], length: 40, vocabulary: 500, bytesFromMemory: 1 << 18, bytesForBandwidth: 1 << 20
    ).figures()
    for name in [
      "linear f32 1 × 64 → 96", "linear bf16 8 × 96 → 64", "linear q8 32", "linear q4 40", "attention f32 1 × 80",
      "attention bf16 40 × 40", "layer norm 40", "rms norm", "gelu 40", "gelu_new", "add", "softmax 1 × 500",
      "log softmax", "distribution",
    ] {
      #expect(figures.contains { $0.name.hasPrefix(name) }, "\(name)")
    }
    #expect(figures.allSatisfy { $0.value > 0 && $0.value.isFinite && $0.limit > 0 })
  }
}
