/// Writes valid and invalid GGUF files.
public struct GGUFWriter: Sendable {
  /// A metadata value.
  public indirect enum Value: Sendable {
    case uint8(UInt8)
    case uint16(UInt16)
    case uint32(UInt32)
    case int32(Int32)
    case uint64(UInt64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    /// An array of values of the same type; an empty one is written as an array of `uint32`.
    case array([Value])

    var type: UInt32 {
      switch self {
      case .uint8: 0
      case .uint16: 2
      case .uint32: 4
      case .int32: 5
      case .float32: 6
      case .bool: 7
      case .string: 8
      case .array: 9
      case .uint64: 10
      case .float64: 12
      }
    }

    var bytes: [UInt8] {
      switch self {
      case .uint8(let number): [number]
      case .uint16(let number): little(number)
      case .uint32(let number): little(number)
      case .int32(let number): little(number)
      case .uint64(let number): little(number)
      case .float32(let number): little(number.bitPattern)
      case .float64(let number): little(number.bitPattern)
      case .bool(let isTrue): [isTrue ? 1 : 0]
      case .string(let text): counted(text)
      case .array(let values):
        little(values.first?.type ?? 4) + little(UInt64(values.count)) + values.flatMap(\.bytes)
      }
    }
  }

  /// A tensor.
  public struct Tensor: Sendable {
    var name: String
    /// The length of each axis, innermost first, as in the file.
    var sizes: [UInt64]
    /// The number of the type.
    var type: UInt32
    var bytes: [UInt8]
    /// The offset in the header, if it differs from the actual one.
    var offset: UInt64?

    /// A tensor of any type.
    public init(_ name: String, _ sizes: [UInt64], type: UInt32 = 0, bytes: [UInt8], offset: UInt64? = nil) {
      self.name = name
      self.sizes = sizes
      self.type = type
      self.bytes = bytes
      self.offset = offset
    }

    /// A tensor of f32 elements.
    public init(_ name: String, _ sizes: [UInt64], _ numbers: [Float]) {
      self.init(name, sizes, bytes: numbers.flatMap { little($0.bitPattern) })
    }
  }

  /// The metadata entries, in file order.
  public var metadata: [(key: String, value: Value)]
  /// The tensors, in file order.
  public var tensors: [Tensor]
  /// The version of the format.
  public var version: UInt32
  /// Tensors start at multiples of this number of bytes.
  public var alignment = 32

  /// A file with these parts.
  public init(
    _ metadata: [(key: String, value: Value)] = [("general.architecture", .string("test"))], _ tensors: [Tensor] = [],
    version: UInt32 = 3
  ) {
    self.metadata = metadata
    self.tensors = tensors
    self.version = version
  }

  /// The bytes of the file.
  public var bytes: [UInt8] {
    var head = Array("GGUF".utf8) + little(version) + little(UInt64(tensors.count)) + little(UInt64(metadata.count))
    for (key, value) in metadata { head += counted(key) + little(value.type) + value.bytes }
    var data: [UInt8] = []
    for tensor in tensors {
      data += padding(data.count)
      head += counted(tensor.name) + little(UInt32(tensor.sizes.count)) + tensor.sizes.flatMap(little)
      head += little(tensor.type) + little(tensor.offset ?? UInt64(data.count))
      data += tensor.bytes
    }
    return head + padding(head.count) + data
  }

  private func padding(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
  }
}

private func little(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

private func counted(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }
