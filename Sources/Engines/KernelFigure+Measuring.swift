import EngineAPI
import Tensors

extension KernelFigure {
  /// The kernels that decide the speed of models, each beside the limit that the machine showed in the same run:
  /// bandwidth for products with one row, multiply-adds for products with many.
  static func measureAll() -> [KernelFigure] {
    let bandwidth = ThreadTeam.measureBandwidth() / 1e9
    let arithmetic = ThreadTeam.measureArithmetic() / 1e9
    let rows = [1, 4, 8, 32, 512]
    return [(768, 2304), (768, 3072), (3072, 768), (768, 50_257)].flatMap { inputs, outputs in
      let scalars = [Float](repeating: 0.01, count: inputs * outputs)
      let weights = PackedMatrix(Tensor([outputs, inputs], scalars), layout: .outputsByInputs)
      return rows.filter { $0 * outputs <= 1 << 22 }.map { rows in
        let x = Tensor([rows, inputs], [Float](repeating: 0.5, count: rows * inputs))
        let seconds = fastest { _ = linear(x, weights) }
        let name = "linear f32 \(rows) × \(inputs) → \(outputs)"
        if rows == 1 {
          let bytes = Double(weights.byteCount)
          return KernelFigure(name: name, value: bytes / seconds / 1e9, unit: "GB/s", limit: bandwidth)
        }
        let operations = 2 * Double(rows) * Double(inputs) * Double(outputs)
        return KernelFigure(name: name, value: operations / seconds / 1e9, unit: "GFLOP/s", limit: arithmetic)
      }
    }
  }

  /// The shortest of many runs, after a warm-up.
  private static func fastest(_ work: () -> Void) -> Double {
    work()
    return (0..<8).map { _ in
      let watch = StopWatch()
      work()
      return watch.seconds
    }.min() ?? 0
  }
}
