/// Why bytes are not the tensor that they are said to be.
public enum TensorError: Error, Equatable, CustomStringConvertible {
  /// The shape has a negative axis, or more numbers than can be counted.
  case badShape([Int])
  /// The bytes are fewer or more than shape and type ask for.
  case wrongByteCount(shape: [Int], type: ElementType, expected: Int, found: Int)

  /// One line: what, where, expected, found.
  public var description: String {
    switch self {
    case .badShape(let shape): "impossible shape of a tensor: expected a countable number of elements, found \(shape)"
    case .wrongByteCount(let shape, let type, let expected, let found):
      "wrong size of a tensor, shape \(shape) of \(type.rawValue): expected \(expected) bytes, found \(found)"
    }
  }

  /// What to do about it, if anything is known.
  public var hint: String? { nil }
}
