import Checkpoints
import Tensors

/// Collects what a model is made of while it is loaded, so that it can be written with its matrices packed.
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
