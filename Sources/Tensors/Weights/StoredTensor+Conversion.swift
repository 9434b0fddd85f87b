import CKernels

extension StoredTensor {
  /// The numbers in single precision: exact for f32, f16, bf16 and small integers, else rounded to nearest.
  public func tensor() -> Tensor {
    Tensor(uninitialized: Shape(shape)) { out in
      guard let base = bytes.baseAddress else { return }
      switch type {
      case .f32, .f16, .bf16, .f64: ck_convert(base, kernelType, out, count)
      case .i64: convert(Int64.self, to: out)
      case .i32: convert(Int32.self, to: out)
      case .i16: convert(Int16.self, to: out)
      case .i8: convert(Int8.self, to: out)
      case .u64: convert(UInt64.self, to: out)
      case .u32: convert(UInt32.self, to: out)
      case .u16: convert(UInt16.self, to: out)
      case .u8: convert(UInt8.self, to: out)
      case .bool: for i in 0..<count { out[i] = bytes[i] == 0 ? 0 : 1 }
      }
    }
  }

  private func convert<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, to out: UnsafeMutablePointer<Float>) {
    for i in 0..<count {
      let number = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self)
      out[i] = Float(T(littleEndian: number))
    }
  }

  /// The kernels' name of a floating-point type.
  var kernelType: UInt32 {
    switch type {
    case .f16: UInt32(CK_F16)
    case .bf16: UInt32(CK_BF16)
    case .f64: UInt32(CK_F64)
    default: UInt32(CK_F32)
    }
  }

  /// The same numbers as a stored f32 tensor, for types that kernels do not read.
  func inFloatingPoint() -> StoredTensor {
    guard !type.isFloatingPoint else { return self }
    let converted = tensor()
    guard let stored = try? StoredTensor(converted) else { preconditionFailure("a tensor of a shape \(shape)") }
    return stored
  }

  /// A tensor as if it were stored; shares storage.
  public init(_ tensor: Tensor) throws(TensorError) {
    let owner = TensorOwner(tensor)
    let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
    try self.init(type: .f32, shape: Array(tensor.shape), bytes: bytes, owner: owner)
  }
}

private final class TensorOwner: StoredBytesOwner {
  let tensor: Tensor

  init(_ tensor: Tensor) { self.tensor = tensor }

  func discard(_ bytes: UnsafeRawBufferPointer) {}
}
