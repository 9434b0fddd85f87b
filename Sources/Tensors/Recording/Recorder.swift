import Synchronization

/// Notes the operations of a forward pass in their order, with what each one's gradient needs.
///
/// It travels with the data: a tensor that a recorder follows (``Tensor/recorded(by:)``) hands it to everything that is
/// computed from it, so a model's code does not mention it, and rows that leave a model still have it when the head
/// turns them into logits. Where tensors enter without one (rows of a table) the forward pass attaches it.
///
/// The numbers are the same bits with and without a recorder. Without one nothing is stored and nothing allocated; an
/// operation tests a reference once a call.
public final class Recorder: Sendable {
  private let log = Mutex<[RecordedOperation]>([])

  /// A recorder that has noted nothing.
  public init() {}

  /// The operations in the order in which they ran. Their tensors have no recorder.
  public var operations: [RecordedOperation] { log.withLock { $0 } }

  /// Forgets all operations, and gives their tensors' memory back.
  public func removeAll() { log.withLock { $0.removeAll() } }

  func note(_ operation: RecordedOperation) { log.withLock { $0.append(operation) } }
}

/// Where a matrix of numbers lies: number (row, column) is number `offset + row · stride + column` of a memory.
///
/// Recorded tensors are identified by it. Views (runs of rows, of columns, other shapes) have the memory of what they
/// look at, so a gradient that is kept for each memory needs no operation for them.
public struct TensorPlace: Sendable, Hashable {
  /// The memory; valid as long as a tensor in it is alive.
  public let memory: ObjectIdentifier
  /// Numbers that the memory has room for.
  public let capacity: Int
  /// The first number of the first row.
  public let offset: Int
  /// Rows.
  public let rowCount: Int
  /// Numbers in a row.
  public let width: Int
  /// From one row to the next.
  public let stride: Int
}

extension Tensor {
  /// Where the numbers lie, as rows of the first axis.
  public var place: TensorPlace { TensorColumns(self).place }

  /// The tensor as it is noted: were it to keep its recorder, the two would keep each other alive.
  var unrecorded: Tensor { recorder == nil ? self : recorded(by: nil) }

  /// The result of an operation, noted where a recorder follows one of its inputs.
  @inline(__always)
  func noted(by recorder: Recorder?, _ operation: (_ output: Tensor) -> RecordedOperation) -> Tensor {
    guard let recorder else { return self }
    recorder.note(operation(self))
    return recorded(by: recorder)
  }
}

extension TensorColumns {
  /// Where the numbers lie.
  public var place: TensorPlace {
    TensorPlace(
      memory: ObjectIdentifier(tensor.storage), capacity: tensor.storage.capacity / MemoryLayout<Float>.stride,
      offset: tensor.offset + rows.lowerBound * stride + first, rowCount: rowCount, width: width, stride: stride)
  }

  /// The numbers row by row, copied.
  public var scalars: [Float] { unrecorded.gatherRows(Array(0..<rowCount)).scalars }

  var unrecorded: TensorColumns { tensor.recorder == nil ? self : replacing(tensor.unrecorded) }
}

extension PackedMatrix {
  /// Identifies the weights: copies of a matrix have the same, as tied layers do. Valid as long as a copy is alive.
  public var memory: ObjectIdentifier { ObjectIdentifier(panels) }
}
