import Synchronization

/// Records the operations of a forward pass in order, each with the values that its gradient needs.
///
/// A recorder is attached to tensors (``Tensor/recorded(by:)``). Every tensor computed from a recorded tensor is
/// recorded too, so a model's code does not mention the recorder, and the hidden rows that a model returns carry it
/// into the head. Inputs without a recorder (rows of an embedding table) get it from the forward pass.
///
/// Results have the same bits with and without a recorder. Without one nothing is stored or allocated; each operation
/// only checks a reference.
public final class Recorder: Sendable {
  private let log = Mutex<[RecordedOperation]>([])
  private let outputs = Mutex<[RandomKey]>([])
  /// The key from which the dropout of a pass follows; `nil` for a pass without dropout.
  public let dropout: RandomKey?
  /// Whether a pass notes its layers as wholes (``RecordedLayer``) instead of their operations.
  public let recomputesLayers: Bool
  /// Adapters with a dropout of their own; `nil` for none.
  public let branches: LowRankBranches?
  private let keeps: Bool
  private let rows = Mutex<(all: [RandomKey], wanted: [RandomKey])>(([], []))

  /// An empty recorder.
  public convenience init(
    dropout: RandomKey? = nil, recomputesLayers: Bool = false, branches: LowRankBranches? = nil
  ) {
    self.init(dropout: dropout, recomputesLayers: recomputesLayers, branches: branches, keeps: true)
  }

  private init(dropout: RandomKey?, recomputesLayers: Bool, branches: LowRankBranches?, keeps: Bool) {
    self.dropout = dropout
    self.recomputesLayers = recomputesLayers
    self.branches = branches
    self.keeps = keeps
  }

  /// Notes the dropout keys of the rows of a pass: of all, and of the requested ones.
  public func noteRows(all: [RandomKey], wanted: [RandomKey]) { rows.withLock { $0 = (all, wanted) } }

  /// The keys of all rows of the pass, or of the requested ones.
  func keys(ofRows count: Int) -> [RandomKey] {
    let (all, wanted) = rows.withLock { $0 }
    let keys = all.count == count ? all : wanted
    precondition(keys.count == count, "\(count) rows in a pass of \(all.count), \(wanted.count) of them requested")
    return keys
  }

  /// A recorder with the same dropout for one layer.
  /// - Parameter keeps: whether operations are noted. Otherwise it carries the dropout only.
  func ofLayer(keeps: Bool) -> Recorder {
    Recorder(dropout: dropout, recomputesLayers: false, branches: branches, keeps: keeps)
  }

  /// The dropout keys of the rows that a pass returns, for a head's dropout. Empty without dropout.
  public var outputKeys: [RandomKey] {
    get { outputs.withLock { $0 } }
    set { outputs.withLock { $0 = newValue } }
  }

  /// The recorded operations in the order in which they ran. Their tensors have no recorder attached.
  public var operations: [RecordedOperation] { log.withLock { $0 } }

  /// Removes all operations and returns them. The caller can release each one's tensors as soon as it has gone back
  /// through it.
  public func takeAll() -> [RecordedOperation] {
    log.withLock { log in
      defer { log = [] }
      return log
    }
  }

  /// Removes all operations and releases their tensors.
  public func removeAll() { log.withLock { $0.removeAll() } }

  func note(_ operation: RecordedOperation) {
    guard keeps else { return }
    log.withLock { $0.append(operation) }
  }
}

/// The location of a matrix in memory: element (row, column) is float `offset + row · stride + column` of a buffer.
///
/// It identifies recorded tensors. Views (ranges of rows or columns, other shapes) share the buffer of their tensor, so
/// gradients kept by buffer need no operation for views.
public struct TensorPlace: Sendable, Hashable {
  /// The buffer's identity; valid as long as a tensor in the buffer is alive.
  public let memory: ObjectIdentifier
  /// Floats that the buffer can hold.
  public let capacity: Int
  /// Index of the first element of the first row.
  public let offset: Int
  /// The number of rows.
  public let rowCount: Int
  /// Elements in a row.
  public let width: Int
  /// Distance from one row to the next, in floats.
  public let stride: Int
}

extension Tensor {
  /// The location of the elements, as rows of the first axis.
  public var place: TensorPlace { TensorColumns(self).place }

  /// The tensor without its recorder. Recorded operations hold this copy: with the recorder attached, the two would
  /// form a reference cycle.
  var unrecorded: Tensor { recorder == nil ? self : recorded(by: nil) }

  /// Records the operation if one of its inputs has a recorder, and returns the result with the recorder attached.
  @inline(__always)
  func noted(by recorder: Recorder?, _ operation: (_ output: Tensor) -> RecordedOperation) -> Tensor {
    guard let recorder else { return self }
    recorder.note(operation(self))
    return recorded(by: recorder)
  }
}

extension TensorColumns {
  /// The location of the elements.
  public var place: TensorPlace {
    TensorPlace(
      memory: ObjectIdentifier(tensor.storage), capacity: tensor.storage.capacity / MemoryLayout<Float>.stride,
      offset: tensor.offset + rows.lowerBound * stride + first, rowCount: rowCount, width: width, stride: stride)
  }

  /// The elements row by row, copied.
  public var scalars: [Float] { unrecorded.gatherRows(Array(0..<rowCount)).scalars }

  var unrecorded: TensorColumns { tensor.recorder == nil ? self : replacing(tensor.unrecorded) }
}

extension PackedMatrix {
  /// Identifies the weights: copies of a matrix, such as tied layers, have the same value. Valid as long as a copy is
  /// alive.
  public var memory: ObjectIdentifier { ObjectIdentifier(groups[0]) }
}
