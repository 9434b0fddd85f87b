import Tensors

/// One tensor of a file of packed weights.
enum PackedContent: Sendable {
  /// A matrix.
  case panels(PackedMatrix)
  /// An ordinary tensor.
  case stored(StoredTensor)

  /// Bytes in the file.
  var byteCount: Int {
    switch self {
    case .panels(let matrix): matrix.byteCount
    case .stored(let tensor): tensor.bytes.count
    }
  }

  /// The element type that the header names.
  var type: ElementType {
    switch self {
    case .panels(let matrix): matrix.format.panelElementType
    case .stored(let tensor): tensor.type
    }
  }

  /// The shape that the header gives it.
  var shape: [Int] {
    switch self {
    case .panels(let matrix):
      let panels = PackedMatrix.panelCount(outputs: matrix.outputs)
      return [panels, matrix.byteCount / max(1, panels) / type.byteCount]
    case .stored(let tensor): return tensor.shape
    }
  }
}
