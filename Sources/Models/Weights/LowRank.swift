import Tensors

/// A low-rank change of a matrix W: W + scale · B · A (LoRA: Hu et al. 2021, arXiv:2106.09685). With magnitudes m, each
/// output of that sum V is normalized: m · V / ‖V‖ (DoRA: Liu et al. 2024, arXiv:2402.09353).
///
/// A run computes with these values, and opening an adapter gives the same bits.
public enum LowRank {
  /// W + scale · B · A.
  /// - Parameters:
  ///   - base: W. `[outputs, inputs]`
  ///   - down: A. `[rank, inputs]`
  ///   - up: B. `[outputs, rank]`
  public static func sum(_ base: Tensor, down: Tensor, up: Tensor, scale: Float) -> Tensor {
    add(base, Tensors.scale(linear(up, PackedMatrix(down, layout: .inputsByOutputs)), scale))
  }

  /// The Euclidean norm of each row, summed in double precision. `[rows]`
  public static func norms(_ x: Tensor) -> Tensor {
    let (count, width) = (x.rowCount, x.width)
    return Tensor(uninitialized: Shape(count)) { out in
      x.withUnsafeScalars { x in
        ThreadTeam.parallel(count, grain: max(1, 8192 / max(1, width))) { rows in
          for row in rows {
            var sum = 0.0
            for index in row * width..<(row + 1) * width { sum += Double(x[index]) * Double(x[index]) }
            out[row] = Float(sum.squareRoot())
          }
        }
      }
    }
  }

  /// Each row times its factor, divided by its divisor.
  public static func scaledRows(_ x: Tensor, _ factors: Tensor, dividedBy divisors: Tensor) -> Tensor {
    let (factors, divisors) = (factors.scalars, divisors.scalars)
    return Tensor(uninitialized: x.shape) { out in
      x.withUnsafeScalars { x in
        let width = x.count / max(1, factors.count)
        for row in factors.indices {
          let factor = factors[row] / divisors[row]
          for index in row * width..<(row + 1) * width { out[index] = x[index] * factor }
        }
      }
    }
  }

  /// `[rows, columns]` → `[columns, rows]`
  public static func transposed(_ x: Tensor) -> Tensor {
    let (rows, columns) = (x.shape[0], x.shape[1])
    return Tensor(uninitialized: Shape(columns, rows)) { out in
      x.withUnsafeScalars { x in
        for column in 0..<columns { for row in 0..<rows { out[column * rows + row] = x[row * columns + column] } }
      }
    }
  }
}
