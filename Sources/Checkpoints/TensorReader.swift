import Tensors

/// Looks tensors up for a model that is being built, and keeps account of what does not fit.
///
/// A model is built twice by the same code: first from a reader that only checks, which finds every missing name and
/// every wrong shape without touching a weight; then, if nothing was found, from one that reads.
public final class TensorReader {
  /// The weights.
  public let checkpoint: Checkpoint
  /// Whether tensors are only looked for, not read.
  public let onlyChecks: Bool
  /// What did not fit so far, in the order of the model.
  public private(set) var problems: [TensorProblem] = []
  /// The number of elements of all tensors that were asked for, each counted once.
  public private(set) var elementCount = 0
  /// The bytes in the files of all tensors that were asked for, each counted once.
  public private(set) var byteCount = 0
  private var seen: Set<String> = []

  /// A reader of these weights.
  public init(_ checkpoint: Checkpoint, onlyChecks: Bool) {
    self.checkpoint = checkpoint
    self.onlyChecks = onlyChecks
  }

  /// The names as the model's code knows them, looked up with any of these outer prefixes.
  /// - Parameter prefixes: in the order of preference, `["transformer.", ""]` for instance.
  public func root(prefixes: [String] = [""]) -> TensorScope {
    let names = checkpoint.names
    let usual = prefixes.first { prefix in !prefix.isEmpty && names.contains { $0.hasPrefix(prefix) } } ?? ""
    return TensorScope(reader: self, prefixes: prefixes, usualPrefix: usual, path: "")
  }

  /// Throws all problems at once, if there are any.
  public func throwProblems() throws(CheckpointError) {
    guard problems.isEmpty else { throw .unfitTensors(folder: checkpoint.folder, problems) }
  }

  func report(_ problem: TensorProblem) { problems.append(problem) }

  /// The panels of a matrix, if they are to be read and fit; a problem is noted otherwise.
  func panels(_ name: String, _ size: PanelDirectory.Size) -> StoredTensor? {
    guard let found = checkpoint.panelSize(name) else {
      report(.notPacked(name: name))
      return nil
    }
    guard found == size else {
      report(
        .shape(name: name, expected: [size.outputs, size.inputs], found: [found.outputs, found.inputs]))
      return nil
    }
    if seen.insert(name).inserted {
      elementCount += size.outputs * size.inputs
      byteCount += checkpoint.entry(name)?.range.count ?? 0
    }
    return onlyChecks ? nil : checkpoint[name]
  }

  /// The tensor, if it is to be read and fits; a problem is noted otherwise.
  func tensor(_ name: String, shape: [Int]) -> StoredTensor? {
    guard let entry = checkpoint.entry(name) else { return nil }
    guard entry.shape == shape else {
      report(.shape(name: name, expected: shape, found: entry.shape))
      return nil
    }
    guard entry.type.isWeight else {
      report(.elementType(name: name, found: entry.type.rawValue))
      return nil
    }
    if seen.insert(name).inserted {
      elementCount += entry.elementCount
      byteCount += entry.range.count
    }
    return onlyChecks ? nil : checkpoint[name]
  }
}
