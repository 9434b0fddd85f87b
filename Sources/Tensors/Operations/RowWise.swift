import CKernels

/// (x − mean) / √(variance + epsilon) · weight + bias over each row of the last axis (Ba, Kiros, Hinton 2016).
public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
  precondition(weight.count == x.lastAxis && bias.count == x.lastAxis, "norm of \(x.shape) with \(weight.shape)")
  return withExtendedLifetime((weight, bias)) {
    rowWise(x) { kernels.layer_norm($0, weight.pointer, bias.pointer, epsilon, $1, $2) }
  }
}

/// x / √(mean of squares + epsilon) · weight over each row of the last axis (Zhang, Sennrich 2019).
public func rmsNorm(_ x: Tensor, weight: Tensor, epsilon: Float) -> Tensor {
  precondition(weight.count == x.lastAxis, "norm of \(x.shape) with \(weight.shape)")
  return withExtendedLifetime(weight) {
    rowWise(x) { kernels.rms_norm($0, weight.pointer, epsilon, $1, $2) }
  }
}

/// exp(x) over its sum, in each row of the last axis.
public func softmax(_ x: Tensor) -> Tensor { rowWise(x) { kernels.softmax($0, $1, $2) } }

/// x − log Σ exp(x), in each row of the last axis.
public func logSoftmax(_ x: Tensor) -> Tensor { rowWise(x) { kernels.log_softmax($0, $1, $2) } }

extension Tensor {
  /// Length of the last axis; 1 for a single number.
  var lastAxis: Int { shape.last ?? 1 }
}

private func rowWise(
  _ x: Tensor, _ body: (_ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int) -> Void
) -> Tensor {
  let width = x.lastAxis
  return withExtendedLifetime(x) {
    Tensor(uninitialized: x.shape) { out in
      guard width > 0 else { return }
      ThreadTeam.parallel(x.count / width, grain: max(1, 8192 / width)) { range in
        for row in range { body(x.pointer + row * width, out + row * width, width) }
      }
    }
  }
}
