import Tensors

/// The tensors below one name, as a model's code goes down its layers: `scope("h.0")("ln_1")` holds `h.0.ln_1.weight`
/// as `weight`.
public struct TensorScope {
  let reader: TensorReader
  let prefixes: [String]
  /// The prefix that this checkpoint's names have, so that a missing tensor is named as it would be found there.
  let usualPrefix: String
  let path: String

  /// The scope below a name.
  public func callAsFunction(_ name: String) -> TensorScope {
    TensorScope(reader: reader, prefixes: prefixes, usualPrefix: usualPrefix, path: path + name + ".")
  }

  /// The scope below a number, as in `h.0`.
  public func callAsFunction(_ name: String, _ index: Int) -> TensorScope { self("\(name).\(index)") }

  /// The names that never have an outer prefix, looked up from the top.
  public var outside: TensorScope { TensorScope(reader: reader, prefixes: [""], usualPrefix: "", path: "") }

  /// Whether tensors are only looked for, not read.
  public var onlyChecks: Bool { reader.onlyChecks }

  /// The number of elements of all tensors that were asked for so far, each counted once.
  public var elementCount: Int { reader.elementCount }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { resolve(name) != nil }

  /// The tensor of the first of these names that there is.
  /// - Parameters:
  ///   - names: the name and its older spellings, relative to this scope.
  ///   - shape: the shape it must have.
  /// - Returns: the tensor, or `nil` when the reader only checks or has noted a problem.
  public func tensor(_ names: String..., shape: [Int]) -> StoredTensor? {
    for name in names {
      if let found = resolve(name) { return reader.tensor(found, shape: shape) }
    }
    if let name = names.first { reader.report(.missing(name: usualPrefix + path + name, shape: shape)) }
    return nil
  }

  /// The number format of the matrices where they lie packed in panels.
  public var packedFormat: NumberFormat? { reader.checkpoint.packedFormat }

  /// The panels of the matrix of this name.
  /// - Returns: the panels, or `nil` when the reader only checks or has noted a problem.
  public func panels(_ name: String, outputs: Int, inputs: Int) -> StoredTensor? {
    let size = PanelDirectory.Size(outputs: outputs, inputs: inputs)
    if let found = resolve(name) { return reader.panels(found, size) }
    reader.report(.missing(name: usualPrefix + path + name, shape: [outputs, inputs]))
    return nil
  }

  /// The whole name of the first of these that there is, from the top: `transformer.h.0.ln_1.weight`.
  public func fullName(_ names: String...) -> String? { names.lazy.compactMap(resolve).first }

  /// Whether two tensors have the same bytes, as weights do that were tied when they were written.
  ///
  /// A reader that only checks takes it from the shapes and touches no weight.
  public func areEqual(_ name: String, _ other: String) -> Bool {
    guard let first = resolve(name), let second = resolve(other) else { return false }
    let checkpoint = reader.checkpoint
    guard let a = checkpoint[first], let b = checkpoint[second], a.type == b.type, a.shape == b.shape else {
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
    for prefix in prefixes where reader.checkpoint.contains(prefix + path + name) { return prefix + path + name }
    return nil
  }
}
