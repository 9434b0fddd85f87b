/// One tensor that does not fit what the model needs.
public enum TensorProblem: Sendable, Hashable, CustomStringConvertible {
  /// No file has a tensor of this name.
  case missing(name: String, shape: [Int])
  /// The tensor has another shape.
  case shape(name: String, expected: [Int], found: [Int])
  /// The tensor's element type is not supported for weights.
  case elementType(name: String, found: String)

  /// The tensor is not packed, as the other weights of its file are.
  case notPacked(name: String)

  /// The problem in a few words.
  public var description: String {
    switch self {
    case .missing(let name, let shape): "expected \(name) \(shape), found no such tensor"
    case .shape(let name, let expected, let found): "expected \(name) \(expected), found \(found)"
    case .elementType(let name, let found): "expected \(name) of floating-point numbers, found \(found)"
    case .notPacked(let name): "expected \(name) in panels, found an ordinary tensor"
    }
  }

  /// The most problems that a sentence spells out.
  private static let spelledOut = 40

  static func list(_ problems: [TensorProblem]) -> String {
    let rest = problems.count - spelledOut
    let words = problems.prefix(spelledOut).map(\.description).joined(separator: "; ")
    return rest > 0 ? words + "; and \(rest) more" : words
  }
}
