import CKernels

/// Numbers that one thread takes at a time; fewer than two such pieces stay on the calling thread.
private let piece = 16384

/// The elementwise sum of two tensors of one shape.
public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "sum of \(a.shape) and \(b.shape)")
  return withExtendedLifetime((a, b)) {
    elementwise(a.shape) { range, out in
      kernels.add(a.pointer + range.lowerBound, b.pointer + range.lowerBound, out, range.count)
    }
  }
}

/// The elementwise product of two tensors of one shape.
public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "product of \(a.shape) and \(b.shape)")
  return withExtendedLifetime((a, b)) {
    elementwise(a.shape) { range, out in
      kernels.multiply(a.pointer + range.lowerBound, b.pointer + range.lowerBound, out, range.count)
    }
  }
}

/// Every number times `factor`.
public func scale(_ x: Tensor, _ factor: Float) -> Tensor {
  withExtendedLifetime(x) {
    elementwise(x.shape) { range, out in kernels.scale(x.pointer + range.lowerBound, factor, out, range.count) }
  }
}

/// The function of every number.
public func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
  withExtendedLifetime(x) {
    elementwise(x.shape) { range, out in
      kernels.activate(activation.kernelCode, x.pointer + range.lowerBound, out, range.count)
    }
  }
}

private func elementwise(
  _ shape: Shape, _ body: (_ range: Range<Int>, _ out: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  Tensor(uninitialized: shape) { out in
    ThreadTeam.parallel(shape.numbers, grain: piece) { body($0, out + $0.lowerBound) }
  }
}
