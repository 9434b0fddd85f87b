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

  /// A tensor over bytes of `owner`, whose number must be exactly what shape and type ask for.
  public init(
    type: ElementType, shape: [Int], bytes: UnsafeRawBufferPointer, owner: any StoredBytesOwner
  ) throws(TensorError) {
    let expected = try StoredTensor.byteCount(of: shape, type)
    guard bytes.count == expected else {
      throw .wrongByteCount(shape: shape, type: type, expected: expected, found: bytes.count)
    }
    self.type = type
    self.shape = shape
    self.bytes = bytes
    self.owner = owner
  }

  /// A tensor over a copy of the given bytes.
  public init(type: ElementType, shape: [Int], bytes: [UInt8]) throws(TensorError) {
    let owner = OwnedBytes(bytes)
    try self.init(type: type, shape: shape, bytes: UnsafeRawBufferPointer(owner.buffer), owner: owner)
  }

  /// Bytes that a tensor takes; throws where the number cannot be counted.
  public static func byteCount(of shape: [Int], _ type: ElementType) throws(TensorError) -> Int {
    // An axis of length 0 does not excuse others that overflow: such a header lies.
    var product = type.byteCount
    var isEmpty = false
    for axis in shape {
      guard axis >= 0 else { throw .badShape(shape) }
      isEmpty = isEmpty || axis == 0
      let (next, overflow) = product.multipliedReportingOverflow(by: max(axis, 1))
      guard !overflow else { throw .badShape(shape) }
      product = next
    }
    return isEmpty ? 0 : product
  }

  /// Numbers in the tensor.
  public var count: Int { bytes.count / type.byteCount }
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
