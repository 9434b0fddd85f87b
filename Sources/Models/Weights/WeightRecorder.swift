import Checkpoints
import Tensors

/// Collects a model's weights while it is loaded, so that they can be written with the matrices packed.
final class WeightRecorder {
  private(set) var weights: PackedWeights

  init(format: NumberFormat) { weights = PackedWeights(format: format) }

  func add(_ name: String?, _ matrix: PackedMatrix) {
    if let name { weights.add(name, matrix) }
  }

  func add(_ name: String?, _ tensor: StoredTensor) {
    if let name { weights.add(name, tensor) }
  }
}
