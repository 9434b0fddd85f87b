import CKernels

/// Whoever keeps the bytes of stored tensors valid: a mapped file, or an array.
public protocol StoredBytesOwner: AnyObject, Sendable {
  /// The bytes have been converted and are not needed soon; a mapped file may drop their pages from memory. They must
  /// still read the same afterwards. Called from any thread.
  func discard(_ bytes: UnsafeRawBufferPointer)
}

/// A tensor as it lies in a file: bytes not converted yet, kept alive by their owner.
///
/// Sendable although it holds a pointer: the bytes are never written.
public struct StoredTensor: @unchecked Sendable {
  /// How the numbers are written, in little-endian order.
  public let type: ElementType
  /// Length of each axis, outermost first.
  public let shape: [Int]
  /// The numbers in row-major order, at any alignment. Valid as long as the owner lives.
  public let bytes: UnsafeRawBufferPointer
  /// Keeps `bytes` valid.
  public let owner: any StoredBytesOwner
  /// The order in which the steps of the first axis lie.
  public let rowOrder: RowOrder

  /// A tensor over bytes of `owner`, whose number must be exactly what shape and type ask for.
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

  /// A tensor over a copy of the given bytes.
  public init(
    type: ElementType, shape: [Int], bytes: [UInt8], rowOrder: RowOrder = .plain
  ) throws(TensorError) {
    let owner = OwnedBytes(bytes)
    try self.init(
      type: type, shape: shape, bytes: UnsafeRawBufferPointer(owner.buffer), owner: owner, rowOrder: rowOrder)
  }

  /// Bytes that a tensor takes; throws where the number cannot be counted.
  public static func byteCount(of shape: [Int], _ type: ElementType) throws(TensorError) -> Int {
    // Blocks lie along the innermost axis.
    guard type.blockCount == 1 || (shape.last ?? 1).isMultiple(of: type.blockCount) else {
      throw .cutBlock(shape: shape, type: type)
    }
    // An axis of length 0 does not excuse others that overflow: such a header lies.
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

  /// Numbers in the tensor.
  public var count: Int { bytes.count / type.blockBytes * type.blockCount }

  /// Numbers in one step of the first axis.
  var rowLength: Int { shape.dropFirst().reduce(1, *) }
}

/// Bytes in memory of their own.
private final class OwnedBytes: StoredBytesOwner, @unchecked Sendable {
  // Written in the initialiser alone.
  let buffer: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8]) {
    buffer = .allocate(byteCount: bytes.count, alignment: 64)
    buffer.copyBytes(from: bytes)
  }

  func discard(_ bytes: UnsafeRawBufferPointer) {}

  deinit { buffer.deallocate() }
}

extension StoredTensor {
  /// The numbers in single precision, in the order of the shape: exact for f32, f16, bf16, blocks and small integers,
  /// else rounded to nearest.
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

  /// Converts the numbers of one step of the first axis, wherever it lies; of types that weights may have.
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

  /// The kernels' name of a type that weights may have.
  var kernelType: UInt32 { type.kernelType ?? UInt32(CK_F32) }

  /// Whether kernels read the numbers where they lie: one by one, in the order of the shape.
  public var isPlain: Bool { type.isFloatingPoint && !type.isBlocked && rowOrder == .plain }

  /// The same numbers where they can be read so: the tensor itself, or a stored f32 tensor.
  public func plain() -> StoredTensor {
    guard !isPlain else { return self }
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

/// Why bytes are not the tensor that they are said to be.
public enum TensorError: Error, Equatable, CustomStringConvertible {
  /// The shape has a negative axis, or more numbers than can be counted.
  case badShape([Int])
  /// The bytes are fewer or more than shape and type ask for.
  case wrongByteCount(shape: [Int], type: ElementType, expected: Int, found: Int)
  /// A row of the shape does not end with a block of the type.
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

  /// What to do about it, if anything is known.
  public var hint: String? { nil }
}
