import EngineAPI
import Layers
import Sampling
import Tensors

/// Measures the kernels that determine the speed of models. Each result comes with the machine's limit, measured in the
/// same run: memory bandwidth for kernels that read their input once, f32 multiply-adds for products with many rows.
/// Products of 8-bit codes may exceed the arithmetic limit, and data in the caches may exceed the bandwidth.
struct KernelBench {
  /// Inputs and outputs of the products: by default two layers of GPT-2 small, and its vocabulary.
  var shapes = [(inputs: 768, outputs: 2304), (inputs: 3072, outputs: 768), (inputs: 768, outputs: 50_257)]
  /// The number of rows of the largest products and of a prompt's attention. The attention of a single token uses twice
  /// as many positions.
  var length = 512
  /// The number of logits in a row.
  var vocabulary = 50_257
  /// The size of the weights for one-row products, in bytes; larger than the caches of most machines.
  var bytesFromMemory = 192 << 20
  /// The number of bytes read to measure the memory bandwidth.
  var bytesForBandwidth = 512 << 20

  /// Measures all kernels.
  func figures() -> [KernelFigure] {
    let limits = Limits(
      bandwidth: ThreadTeam.measureBandwidth(bytes: bytesForBandwidth) / 1e9,
      arithmetic: ThreadTeam.measureArithmetic() / 1e9)
    return products(limits) + attention(limits) + passes(limits)
  }

  /// The machine's limits, in GB/s and GFLOP/s.
  private struct Limits {
    var bandwidth: Double
    var arithmetic: Double

    func reading(_ name: String, bytes: Int, seconds: Double) -> KernelFigure {
      KernelFigure(name: name, value: Double(bytes) / seconds / 1e9, unit: "GB/s", limit: bandwidth)
    }

    func computing(_ name: String, multiplyAdds: Int, seconds: Double) -> KernelFigure {
      KernelFigure(name: name, value: 2 * Double(multiplyAdds) / seconds / 1e9, unit: "GFLOP/s", limit: arithmetic)
    }
  }

  private func products(_ limits: Limits) -> [KernelFigure] {
    NumberFormat.uniform.flatMap { format in
      shapes.flatMap { inputs, outputs in
        let scalars = Tensor([outputs, inputs], Self.numbers(outputs * inputs))
        let first = PackedMatrix(scalars, layout: .outputsByInputs, format: format)
        let copies = max(0, bytesFromMemory / first.byteCount - 1)
        let others = (0..<copies).map { _ in PackedMatrix(scalars, layout: .outputsByInputs, format: format) }
        return [1, 4, 8, 32, length].filter { $0 * outputs <= 1 << 21 }.map { rows in
          let x = Tensor([rows, inputs], Self.numbers(rows * inputs))
          let name = "linear \(format.rawValue) \(rows) × \(inputs) → \(outputs)"
          guard rows == 1 else {
            let seconds = Self.fastest { _ = linear(x, first) }
            return limits.computing(name, multiplyAdds: rows * inputs * outputs, seconds: seconds)
          }
          let matrices = [first] + others
          let seconds = Self.fastest { for matrix in matrices { _ = linear(x, matrix) } }
          return limits.reading(name, bytes: first.byteCount * matrices.count, seconds: seconds)
        }
      }
    }
  }

  /// Attention with twelve heads of width 64: for one new position, and for a prompt.
  private func attention(_ limits: Limits) -> [KernelFigure] {
    let (heads, headWidth) = (12, 64)
    let shape = AttentionShape(queryHeads: heads, headWidth: headWidth)
    let width = shape.queryWidth
    return CacheFormat.allCases.flatMap { format in
      [(1, 2 * length), (length, length)].map { rows, keys in
        var cache = KeyValueCache(layers: 1, heads: heads, headWidth: headWidth, format: format)
        let positions = Tensor([keys, width], Self.numbers(keys * width))
        cache.append(layer: 0, keys: positions, values: positions)
        let queries = Tensor([rows, width], Self.numbers(rows * width))
        let segment = AttentionSegment(rows: 0..<rows, cache: cache, layer: 0, isCausal: true)
        let seconds = Self.fastest {
          _ = Layers.attention(queries: queries, segments: [segment], shape: shape)
        }
        let name = "attention \(format.rawValue) \(rows) × \(keys)"
        if rows == 1 { return limits.reading(name, bytes: cache.byteCount, seconds: seconds) }
        return limits.computing(name, multiplyAdds: width * rows * (rows + 1), seconds: seconds)
      }
    }
  }

  /// Kernels that read their input once: on rows of width 768, and on one row of logits.
  private func passes(_ limits: Limits) -> [KernelFigure] {
    let (rows, width) = (length, 768)
    let x = Tensor([rows, width], Self.numbers(rows * width))
    let weight = Tensor([width], Self.numbers(width))
    let logits = Self.numbers(vocabulary)
    let row = Tensor([1, vocabulary], logits)
    let shape = "\(rows) × \(width)"
    let works: [(name: String, floats: Int, work: () -> Void)] = [
      ("layer norm \(shape)", 2 * rows * width, { _ = layerNorm(x, weight: weight, bias: weight, epsilon: 1e-5) }),
      ("rms norm \(shape)", 2 * rows * width, { _ = rmsNorm(x, weight: weight, epsilon: 1e-5) }),
      ("gelu \(shape)", 2 * rows * width, { _ = activate(x, .gelu) }),
      ("gelu_new \(shape)", 2 * rows * width, { _ = activate(x, .geluNew) }),
      ("add \(shape)", 3 * rows * width, { _ = add(x, x) }),
      ("softmax 1 × \(vocabulary)", 2 * vocabulary, { _ = softmax(row) }),
      ("log softmax 1 × \(vocabulary)", 2 * vocabulary, { _ = logSoftmax(row) }),
      ("distribution 1 × \(vocabulary)", vocabulary, { _ = Distribution(logits: logits) }),
    ]
    return works.map { limits.reading($0.name, bytes: $0.floats * 4, seconds: Self.fastest($0.work)) }
  }

  /// Test data: different numbers, none of them subnormal.
  private static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17 + 1) * 0.01 } }

  /// The shortest time of eight runs after a warm-up, in seconds.
  private static func fastest(_ work: () -> Void) -> Double {
    work()
    return (0..<8).map { _ in
      let watch = StopWatch()
      work()
      return watch.seconds
    }.min() ?? 0
  }
}
