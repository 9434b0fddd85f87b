import CKernels
import Tensors

/// The cross-entropy of rows of logits with one target each, and its gradient.
struct CrossEntropy {
  /// The loss of each row, in nats.
  let losses: [Double]
  /// The gradient of Σ losses · factor. `[rows, classes]`
  let gradient: Tensor

  /// - Parameters:
  ///   - logits: `[rows, classes]`
  ///   - targets: the class of each row.
  ///   - factor: 1 / the number of targets in the optimizer step.
  ///   - smoothing: the weight of the mean loss over all classes (label smoothing).
  ///   - isInPlace: whether the gradient takes the memory of the logits, which are then lost.
  init(_ logits: Tensor, targets: [Int], factor: Float, smoothing: Float, isInPlace: Bool = false) {
    self.init(
      logits, targets: targets, factors: Array(repeating: factor, count: targets.count), smoothing: smoothing,
      isInPlace: isInPlace)
  }

  /// The same with a factor for each row.
  init(_ logits: Tensor, targets: [Int], factors: [Float], smoothing: Float, isInPlace: Bool = false) {
    let classes = logits.width
    precondition(logits.rowCount == targets.count, "\(targets.count) targets for \(logits.shape)")
    precondition(targets.allSatisfy { $0 >= 0 && $0 < classes }, "a target beyond \(classes) classes")
    let losses = Tensor(uninitialized: Shape(targets.count * 2)) { _ in }
    func fill(_ gradient: UnsafeMutablePointer<Float>) {
      UnsafeMutableRawPointer(losses.sums).withMemoryRebound(to: Double.self, capacity: targets.count) { losses in
        rowWise(targets.count, width: classes) { rows in
          for row in rows {
            losses[row] = kernels.cross_entropy(
              logits.pointer + row * classes, classes, targets[row], smoothing, factors[row], gradient + row * classes)
          }
        }
      }
    }
    if isInPlace {
      gradient = logits.recorded(by: nil)
      fill(logits.sums)
    } else {
      gradient = Tensor(uninitialized: logits.shape, fill)
    }
    self.losses = losses.withUnsafeScalars { scalars in
      scalars.withMemoryRebound(to: Double.self) { Array($0.prefix(targets.count)) }
    }
    withExtendedLifetime(logits) {}
  }
}
