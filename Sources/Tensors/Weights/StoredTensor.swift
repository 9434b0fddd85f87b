import CKernels

/// The owner of a stored tensor's bytes, which keeps them valid: a mapped file or an array.
public protocol StoredBytesOwner: AnyObject, Sendable {
  /// Called when the bytes have been converted and are not needed soon. A mapped file may drop their pages from memory,
  /// but later reads must return the same bytes. Called from any thread.
  func discard(_ bytes: UnsafeRawBufferPointer)
}

/// A tensor in the format of its file: unconverted bytes, kept alive by their owner.
///
/// Sendable although it holds a pointer: the bytes are never written.
public struct StoredTensor: @unchecked Sendable {
  /// The type of the elements, in little-endian order.
  public let type: ElementType
  /// Length of each axis, outermost first.
  public let shape: [Int]
  /// The elements in row-major order, with any alignment. Valid as long as the owner lives.
  public let bytes: UnsafeRawBufferPointer
  /// Keeps `bytes` valid.
  public let owner: any StoredBytesOwner
  /// The stored order of the rows (steps along the first axis).
  public let rowOrder: RowOrder

  /// A tensor over bytes of `owner`. Throws if the byte count does not match shape and type.
  public init(
    type: ElementType, shape: [Int], bytes: UnsafeRawBufferPointer, owner: any StoredBytesOwner,
    rowOrder: RowOrder = .plain
  ) throws(TensorError) {
    let expected = try StoredTensor.byteCount(of: shape, type)
    guard rowOrder.fits(shape.first ?? 1) else { throw .badShape(shape) }
    guard bytes.count == expected else {
      throw .wrongByteCount(shape: shape, type: type, expected: expected, found: bytes.count)
    }
    self.type = type
    self.shape = shape
    self.bytes = bytes
    self.owner = owner
    self.rowOrder = rowOrder
  }

  /// A tensor over a copy of the given bytes. Throws if the byte count does not match shape and type.
  public init(
    type: ElementType, shape: [Int], bytes: [UInt8], rowOrder: RowOrder = .plain
  ) throws(TensorError) {
    let owner = OwnedBytes(bytes)
    try self.init(
      type: type, shape: shape, bytes: UnsafeRawBufferPointer(owner.buffer), owner: owner, rowOrder: rowOrder)
  }

  /// Bytes of a tensor with this shape and type. Throws if the count overflows or a row ends within a block.
  public static func byteCount(of shape: [Int], _ type: ElementType) throws(TensorError) -> Int {
    // Blocks lie along the innermost axis.
    guard type.blockCount == 1 || (shape.last ?? 1).isMultiple(of: type.blockCount) else {
      throw .cutBlock(shape: shape, type: type)
    }
    // Check all axes for overflow even if one has length 0: such a header is invalid.
    var product = type.blockBytes
    var isEmpty = false
    for axis in shape {
      guard axis >= 0 else { throw .badShape(shape) }
      isEmpty = isEmpty || axis == 0
      let (next, overflow) = product.multipliedReportingOverflow(by: max(axis, 1))
      guard !overflow else { throw .badShape(shape) }
      product = next
    }
    return isEmpty ? 0 : product / type.blockCount
  }

  /// The number of elements.
  public var count: Int { bytes.count / type.blockBytes * type.blockCount }

  /// Elements in one row: the product of all axes but the first.
  var rowLength: Int { shape.dropFirst().reduce(1, *) }
}

/// A copy of bytes in an allocation of its own.
private final class OwnedBytes: StoredBytesOwner, @unchecked Sendable {
  // Written only in the initializer.
  let buffer: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8]) {
    buffer = .allocate(byteCount: bytes.count, alignment: 64)
    buffer.copyBytes(from: bytes)
  }

  func discard(_ bytes: UnsafeRawBufferPointer) {}

  deinit { buffer.deallocate() }
}

extension StoredTensor {
  /// The elements in single precision, rows in the model's order. Exact for f32, f16, bf16, block types and small
  /// integers; others are rounded to nearest.
  public func tensor() -> Tensor {
    Tensor(uninitialized: Shape(shape)) { out in
      guard let base = bytes.baseAddress, count > 0 else { return }
      switch type {
      case .i64: convert(Int64.self, to: out)
      case .i32: convert(Int32.self, to: out)
      case .i16: convert(Int16.self, to: out)
      case .i8: convert(Int8.self, to: out)
      case .u64: convert(UInt64.self, to: out)
      case .u32: convert(UInt32.self, to: out)
      case .u16: convert(UInt16.self, to: out)
      case .u8: convert(UInt8.self, to: out)
      case .bool: for i in 0..<count { out[i] = bytes[i] == 0 ? 0 : 1 }
      default:
        guard rowOrder != .plain else { return ck_convert(base, kernelType, out, count) }
        for row in 0..<shape[0] { convert(row: row, to: out + row * rowLength) }
      }
    }
  }

  /// Converts one row, given by its index in the model's order. Only for types that weights may have.
  func convert(row: Int, to out: UnsafeMutablePointer<Float>) {
    guard let base = bytes.baseAddress else { return }
    let rowBytes = rowLength / type.blockCount * type.blockBytes
    ck_convert(base + rowOrder.place(of: row, among: shape[0]) * rowBytes, kernelType, out, rowLength)
  }

  private func convert<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, to out: UnsafeMutablePointer<Float>) {
    for i in 0..<count {
      let number = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self)
      out[i] = Float(T(littleEndian: number))
    }
  }

  /// The type's code in the kernels.
  var kernelType: UInt32 { type.kernelType ?? UInt32(CK_F32) }

  /// True if kernels can read the elements in place: a floating-point type without blocks, rows in the model's order.
  public var isPlain: Bool { type.isFloatingPoint && !type.isBlocked && rowOrder == .plain }

  /// The tensor itself if it is plain, otherwise a converted copy in f32.
  public func plain() -> StoredTensor {
    guard !isPlain else { return self }
    let converted = tensor()
    guard let stored = try? StoredTensor(converted) else { preconditionFailure("a tensor of a shape \(shape)") }
    return stored
  }

  /// A tensor as a stored f32 tensor; shares storage.
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

/// Why bytes and shape do not form a tensor.
public enum TensorError: Error, Equatable, CustomStringConvertible {
  /// The shape has a negative axis, or the element count overflows.
  case badShape([Int])
  /// The byte count does not match shape and type.
  case wrongByteCount(shape: [Int], type: ElementType, expected: Int, found: Int)
  /// The row length is not a multiple of the type's block size.
  case cutBlock(shape: [Int], type: ElementType)

  /// One line: what, where, expected, found.
  public var description: String {
    switch self {
    case .badShape(let shape): "impossible shape of a tensor: expected a countable number of elements, found \(shape)"
    case .wrongByteCount(let shape, let type, let expected, let found):
      "wrong size of a tensor, shape \(shape) of \(type.rawValue): expected \(expected) bytes, found \(found)"
    case .cutBlock(let shape, let type):
      "a block that is cut, shape \(shape) of \(type.rawValue): expected rows of a multiple of \(type.blockCount), "
        + "found \(shape.last ?? 1)"
    }
  }

  /// A suggestion for the user, if there is one.
  public var hint: String? { nil }
}
