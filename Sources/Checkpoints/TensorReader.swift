import Tensors

/// Looks up tensors for a model that is being built, and collects problems.
///
/// The same code builds a model twice: first with a reader that only checks, which finds every missing name and wrong
/// shape without reading weights; then, if there are no problems, with one that reads.
public final class TensorReader {
  /// The weights.
  public let store: any TensorStore
  /// Whether tensors are only checked, not read.
  public let onlyChecks: Bool
  /// The problems found so far, in the order of the model.
  public private(set) var problems: [TensorProblem] = []
  /// The number of elements of all requested tensors; each tensor counts once.
  public private(set) var elementCount = 0
  /// The size in the files of all requested tensors, in bytes; each tensor counts once.
  public private(set) var byteCount = 0
  /// All requested matrices that are packed, as the file stores them; each tensor counts once.
  public private(set) var matrices: [StoredMatrix] = []
  /// The number of elements of all other requested tensors.
  public private(set) var otherElements = 0
  private var seen: Set<String> = []

  /// A reader of these weights.
  public init(_ store: any TensorStore, onlyChecks: Bool) {
    self.store = store
    self.onlyChecks = onlyChecks
  }

  /// The root scope. It looks up the model's tensor names with any of these outer prefixes.
  /// - Parameter prefixes: in order of preference, for example `["transformer.", ""]`.
  public func root(prefixes: [String] = [""]) -> TensorScope {
    let names = store.names
    // A store without tensors is that of a new model, whose tensors get the usual names.
    let usual =
      names.isEmpty
      ? prefixes.first ?? ""
      : prefixes.first { prefix in !prefix.isEmpty && names.contains { $0.hasPrefix(prefix) } } ?? ""
    return TensorScope(reader: self, prefixes: prefixes, usualPrefix: usual, path: "")
  }

  /// Throws all problems at once, if there are any.
  public func throwProblems() throws(CheckpointError) {
    guard problems.isEmpty else { throw .unfitTensors(folder: store.location, problems) }
  }

  func report(_ problem: TensorProblem) { problems.append(problem) }

  /// The panels of a matrix; `nil` if the reader only checks or has reported a problem.
  func panels(_ name: String, _ size: MatrixSize) -> StoredTensor? {
    guard let entry = store.entry(name), let found = entry.panels else {
      report(.notPacked(name: name))
      return nil
    }
    guard found == size else {
      report(
        .shape(name: name, expected: [size.outputs, size.inputs], found: [found.outputs, found.inputs]))
      return nil
    }
    return read(name, elements: size.outputs * size.inputs, bytes: entry.byteCount)
  }

  /// The tensor; `nil` if the reader only checks or has reported a problem.
  ///
  /// - Parameter isTable: whether a two-dimensional tensor is kept in single precision instead of being packed.
  func tensor(_ name: String, shape: [Int], isTable: Bool = false) -> StoredTensor? {
    guard let entry = store.entry(name) else { return nil }
    guard entry.shape == shape else {
      report(.shape(name: name, expected: shape, found: entry.shape))
      return nil
    }
    guard let type = entry.layout.elementType, type.isFloatingPoint else {
      let word = entry.layout.elementType == nil ? ", which is not supported" : ""
      report(.elementType(name: name, found: entry.layout.name + word))
      return nil
    }
    return read(name, elements: entry.elementCount, bytes: entry.byteCount, isTable: isTable)
  }

  private func read(_ name: String, elements: Int, bytes: Int, isTable: Bool = false) -> StoredTensor? {
    if seen.insert(name).inserted {
      elementCount += elements
      byteCount += bytes
      if !isTable, let entry = store.entry(name), let size = entry.panels ?? entry.matrix {
        matrices.append(StoredMatrix(size: size, type: entry.layout.elementType ?? .f32))
      } else {
        otherElements += elements
      }
    }
    guard !onlyChecks else { return nil }
    let stored = store[name]
    if stored == nil { report(.elementType(name: name, found: store.entry(name)?.layout.name ?? "none")) }
    return stored
  }
}

/// The tensors under one name prefix. `scope("h.0")("ln_1")` looks up `weight` as `h.0.ln_1.weight`.
public struct TensorScope {
  let reader: TensorReader
  let prefixes: [String]
  /// The prefix to use in the names of missing tensors.
  let usualPrefix: String
  let path: String

  /// The scope under a name.
  public func callAsFunction(_ name: String) -> TensorScope {
    TensorScope(reader: reader, prefixes: prefixes, usualPrefix: usualPrefix, path: path + name + ".")
  }

  /// The scope under a numbered name, such as `h.0`.
  public func callAsFunction(_ name: String, _ index: Int) -> TensorScope { self("\(name).\(index)") }

  /// The root scope without an outer prefix.
  public var outside: TensorScope { TensorScope(reader: reader, prefixes: [""], usualPrefix: "", path: "") }

  /// Whether tensors are only checked, not read.
  public var onlyChecks: Bool { reader.onlyChecks }

  /// The number of elements of all tensors requested so far; each tensor counts once.
  public var elementCount: Int { reader.elementCount }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { resolve(name) != nil }

  /// The tensor under the first of these names that the store has.
  /// - Parameters:
  ///   - names: the name and its older variants, relative to this scope.
  ///   - shape: the required shape.
  ///   - isTable: whether a two-dimensional tensor is kept in single precision instead of being packed.
  /// - Returns: the tensor, or `nil` if the reader only checks or has reported a problem.
  public func tensor(_ names: String..., shape: [Int], isTable: Bool = false) -> StoredTensor? {
    for name in names {
      if let found = resolve(name) { return reader.tensor(found, shape: shape, isTable: isTable) }
    }
    if let name = names.first { reader.report(.missing(name: usualPrefix + path + name, shape: shape)) }
    return nil
  }

  /// The number format of the matrices if they are stored as packed panels; otherwise `nil`.
  public var packedFormat: NumberFormat? { reader.store.packedFormat }

  /// The layout of all layer matrices, if the container has a single one; otherwise `nil`.
  public var matrixLayout: WeightLayout? { reader.store.matrixLayout }

  /// Whether norms are stored as they are applied, with nothing to add.
  public var holdsWholeNorms: Bool { reader.store.holdsWholeNorms }

  /// The panels of a packed matrix.
  /// - Returns: the panels, or `nil` if the reader only checks or has reported a problem.
  public func panels(_ name: String, outputs: Int, inputs: Int) -> StoredTensor? {
    let size = MatrixSize(outputs: outputs, inputs: inputs)
    if let found = resolve(name) { return reader.panels(found, size) }
    reader.report(.missing(name: usualPrefix + path + name, shape: [outputs, inputs]))
    return nil
  }

  /// The full name of the first of these tensors that the store has, such as `transformer.h.0.ln_1.weight`.
  public func fullName(_ names: String...) -> String? { names.lazy.compactMap(resolve).first }

  /// Whether two tensors have equal bytes, as tied weights that were stored twice have.
  ///
  /// A reader that only checks compares types and shapes and does not read the weights.
  public func areEqual(_ name: String, _ other: String) -> Bool {
    guard let first = resolve(name), let second = resolve(other) else { return false }
    let store = reader.store
    guard let a = store[first], let b = store[second], a.type == b.type, a.shape == b.shape else {
      return false
    }
    guard !reader.onlyChecks else { return true }
    defer {
      a.owner.discard(a.bytes)
      b.owner.discard(b.bytes)
    }
    return a.bytes.elementsEqual(b.bytes)
  }

  private func resolve(_ name: String) -> String? {
    for prefix in prefixes where reader.store.contains(prefix + path + name) { return prefix + path + name }
    return nil
  }
}

/// A tensor that does not fit the model.
public enum TensorProblem: Sendable, Hashable, CustomStringConvertible {
  /// No file has a tensor of this name.
  case missing(name: String, shape: [Int])
  /// The tensor has another shape.
  case shape(name: String, expected: [Int], found: [Int])
  /// The tensor's element type is not supported for weights.
  case elementType(name: String, found: String)
  /// The tensor is not packed although the other weights of its file are.
  case notPacked(name: String)

  /// The problem in a few words.
  public var description: String { "expected \(facts.expected), found \(facts.found)" }

  /// The expected tensor, with its name, and the one found.
  var facts: (expected: String, found: String) {
    switch self {
    case .missing(let name, let shape): ("\(name) \(shape)", "no such tensor")
    case .shape(let name, let expected, let found): ("\(name) \(expected)", "\(found)")
    case .elementType(let name, let found): ("\(name) of floating-point numbers", found)
    case .notPacked(let name): ("\(name) in panels", "an ordinary tensor")
    }
  }

  /// The maximum number of problems in an error message.
  private static let mostListed = 40

  /// The `found` part of an error message: that of the first problem, then the other problems.
  static func list(_ problems: [TensorProblem]) -> String {
    let rest = problems.count - mostListed
    let first = problems.first?.facts.found ?? "none"
    let words = [first] + problems.prefix(mostListed).dropFirst().map(\.description)
    return (words + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "; ")
  }
}
