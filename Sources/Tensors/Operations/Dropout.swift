import CKernels

/// Dropout, and the residual that follows it: `mask · x / (1 - p) + residual`. `[rows, width]` → `[rows, width]`
///
/// - Parameters:
///   - mask: one key for each row.
///   - residual: of the shape of `x`.
public func dropout(_ x: Tensor, _ mask: DropoutMask, residual: Tensor? = nil) -> Tensor {
  let (rows, width) = (x.rowCount, x.width)
  precondition(mask.keys.count == rows, "\(mask.keys.count) keys for \(rows) rows")
  precondition(residual == nil || residual?.count == x.count, "residual \(residual?.shape ?? []) for \(x.shape)")
  let dropped = withExtendedLifetime((x, residual)) {
    Tensor(uninitialized: x.shape) { out in
      ThreadTeam.parallel(rows, grain: max(1, 8192 / max(1, width))) { range in
        for row in range {
          let first = row * width
          if let residual {
            kernels.drop(
              x.pointer + first, mask.keys[row], mask.threshold, mask.scale, residual.pointer + first, out + first,
              width)
          } else {
            kernels.drop(x.pointer + first, mask.keys[row], mask.threshold, mask.scale, nil, out + first, width)
          }
        }
      }
    }
  }
  return dropped.noted(by: x.recorder ?? residual?.recorder) {
    .dropout(input: x.unrecorded, mask, residual: residual?.unrecorded, output: $0)
  }
}

/// Adds the gradient of dropout's input to `dx`.
/// - Parameters:
///   - dy: the gradient of the output. `[rows, width]`
///   - dx: `[rows, width]`
package func addDropoutGradient(
  _ mask: DropoutMask, _ dy: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, width: Int
) {
  ThreadTeam.parallel(mask.keys.count, grain: max(1, 8192 / max(1, width))) { range in
    for row in range {
      kernels.drop_back(dy + row * width, mask.keys[row], mask.threshold, mask.scale, dx + row * width, width)
    }
  }
}

extension DropoutMask {
  /// The factors of the first elements of a row: 0 or 1 / (1 - p).
  /// - Parameter key: the number of the row's key.
  public func factors(key: Int, count: Int) -> [Float] {
    let ones = [Float](repeating: 1, count: count)
    return [Float](unsafeUninitializedCapacity: count) { out, written in
      if let base = out.baseAddress { kernels.drop(ones, keys[key], threshold, scale, nil, base, count) }
      written = count
    }
  }

  /// Calls `body` with a mask of attention as a kernel reads it, from the first row and head on.
  package static func with<Result>(_ mask: DropoutMask?, heads: Int, _ body: (ck_dropout) -> Result) -> Result {
    guard let mask else { return body(ck_dropout(keys: nil, stride: 0, threshold: 0, scale: 1)) }
    return mask.keys.withUnsafeBufferPointer { keys in
      body(ck_dropout(keys: keys.baseAddress, stride: heads, threshold: mask.threshold, scale: mask.scale))
    }
  }
}
