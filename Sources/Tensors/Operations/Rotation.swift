import CKernels

/// How the two numbers of a pair lie in a head whose pairs are rotated.
public enum RotationPairs: Sendable, Hashable {
  /// Number i and number i + pairs: GPT-NeoX, Llama in Hugging Face's layout.
  case halves
  /// Number 2 i and number 2 i + 1: GPT-J, Llama as published.
  case interleaved
}

/// Cosines and sines of rows of angles: `[rows, 2 × pairs]`, the cosines first.
///
/// Angle i of a row is `position · frequencies[i]`, rounded to single precision, as in the reference; its cosine and
/// sine are our own polynomials in double precision, rounded and multiplied by `factor`: the same bits on every machine.
public func rotations(_ positions: [Int], frequencies: [Float], factor: Float = 1) -> Tensor {
  let pairs = frequencies.count
  return Tensor(uninitialized: Shape(positions.count, 2 * pairs)) { out in
    ThreadTeam.parallel(positions.count, grain: max(1, 256 / max(1, pairs))) { range in
      for row in range {
        let (cosines, sines) = (out + row * 2 * pairs, out + row * 2 * pairs + pairs)
        for pair in 0..<pairs {
          let angle = Double(Float(positions[row]) * frequencies[pair])
          cosines[pair] = Float(ck_cos(angle)) * factor
          sines[pair] = Float(ck_sin(angle)) * factor
        }
      }
    }
  }
}

/// Rotates the pairs of each head by its row's angles (Su et al. 2021, arXiv:2104.09864).
///
/// - Parameters:
///   - x: `[rows, heads * headWidth]`.
///   - angles: of ``rotations(_:frequencies:factor:)``, for each row; numbers of a head beyond its pairs stay as they
///     are.
/// - Returns: `[rows, heads * headWidth]`. x cos − y sin and y cos + x sin, each product rounded.
public func rotate(_ x: TensorColumns, angles: Tensor, headWidth: Int, pairs layout: RotationPairs) -> Tensor {
  let pairs = angles.width / 2
  precondition(angles.rowCount == x.rowCount, "angles of \(angles.rowCount) rows for \(x.rowCount)")
  precondition(x.width % headWidth == 0 && 2 * pairs <= headWidth, "\(pairs) pairs in heads of \(headWidth)")
  return withExtendedLifetime((x, angles)) {
    Tensor(uninitialized: Shape(x.rowCount, x.width)) { out in
      ThreadTeam.parallel(x.rowCount, grain: max(1, 16384 / max(1, x.width))) { range in
        for row in range {
          let (source, target) = (x.pointer + row * x.stride, out + row * x.width)
          let cosines = angles.pointer + row * 2 * pairs
          for start in stride(from: 0, to: x.width, by: headWidth) {
            kernels.rotate(
              source + start, cosines, cosines + pairs, pairs, layout == .interleaved, target + start)
            (target + start + 2 * pairs).update(from: source + start + 2 * pairs, count: headWidth - 2 * pairs)
          }
        }
      }
    }
  }
}

/// e^(−exponent · log base): the frequencies of rotations are powers of a base; in double precision, the same bits on
/// every machine, rounded to single precision.
public func inversePower(_ base: Double, _ exponent: Double) -> Float { Float(ck_exp(-exponent * ck_log(base))) }
