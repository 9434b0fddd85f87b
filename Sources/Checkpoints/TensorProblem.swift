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
  public var description: String { "expected \(facts.expected), found \(facts.found)" }

  /// What was expected, with the tensor's name, and what was found.
  var facts: (expected: String, found: String) {
    switch self {
    case .missing(let name, let shape): ("\(name) \(shape)", "no such tensor")
    case .shape(let name, let expected, let found): ("\(name) \(expected)", "\(found)")
    case .elementType(let name, let found): ("\(name) of floating-point numbers", found)
    case .notPacked(let name): ("\(name) in panels", "an ordinary tensor")
    }
  }

  /// The most problems that a sentence spells out.
  private static let spelledOut = 40

  /// What was found of the first problem, then the others.
  static func list(_ problems: [TensorProblem]) -> String {
    let rest = problems.count - spelledOut
    let first = problems.first?.facts.found ?? "none"
    let words = [first] + problems.prefix(spelledOut).dropFirst().map(\.description)
    return (words + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "; ")
  }
}
