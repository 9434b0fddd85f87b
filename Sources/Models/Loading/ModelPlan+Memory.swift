import Checkpoints
import Tensors
import Terms

extension ModelPlan {
  /// The memory that the model needs, determined by a checking pass.
  /// - Parameters:
  ///   - reader: the reader of that pass.
  ///   - model: the model that it built, whose weights have not been read.
  func memory(_ reader: TensorReader, _ model: AnyLanguageModel) -> MemoryEstimate {
    let own = reader.store.packedFormat ?? reader.store.ownFormat
    let formats = reader.store.packedFormat.map { [$0] } ?? NumberFormat.uniform + (own == .stored ? [own] : [])
    var weights: [NumberFormat: Int] = [:]
    for format in formats {
      // Matrices are packed; all else is kept in single precision.
      var bytes = reader.otherElements * MemoryLayout<Float>.stride
      for matrix in reader.matrices {
        let packed = PackedMatrix.byteCount(
          outputs: matrix.size.outputs, inputs: matrix.size.inputs, format: format, storedAs: matrix.type)
        let (sum, overflow) = bytes.addingReportingOverflow(packed ?? .max)
        bytes = overflow ? .max : sum
      }
      weights[format] = bytes
    }
    return MemoryEstimate(
      weights: weights, own: own, cachePerToken: cachePerToken(model), contextLength: contextLength)
  }

  /// Bytes of the keys and values of one token in single precision.
  private func cachePerToken(_ model: AnyLanguageModel) -> Int {
    switch model {
    case .causal(let model):
      let geometry = model.makeState().cache.geometry
      return geometry.blockBytes / KeyValueGeometry.positions * (geometry.format == .f32 ? 1 : 2)
    case .masked, .labeling: return 0
    // An estimate for the decoder, by the width of a hidden row; in most models keys and values are at least that wide.
    case .seq2seq(let model):
      return 2 * model.facts.layerCount * model.facts.width * MemoryLayout<Float>.stride
    }
  }
}
