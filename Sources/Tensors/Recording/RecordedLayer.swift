/// A layer of a recorded pass of which only the input and the output are kept (Chen et al. 2016, Training Deep Nets
/// with Sublinear Memory Cost, arXiv:1604.06174).
///
/// The backward pass computes the layer a second time and records its operations then. Both computations have the same
/// bits, because dropout masks are functions of their place.
///
/// Unchecked: the layer reads the pass that it belongs to, which one thread uses at a time.
public struct RecordedLayer: @unchecked Sendable {
  /// The input of the layer.
  public let input: Tensor
  /// The output of the layer.
  public let output: Tensor
  private let recorder: Recorder
  private let layer: (_ x: Tensor, _ recorder: Recorder?) -> Tensor

  /// Computes a layer without noting its operations, and notes the layer.
  /// - Parameters:
  ///   - input: the input, with a recorder attached that recomputes layers.
  ///   - recorder: the recorder.
  ///   - layer: computes the layer with a recorder attached to all that it reads.
  /// - Returns: the output, with the recorder attached.
  public static func output(
    of input: Tensor, _ recorder: Recorder, layer: @escaping (_ x: Tensor, _ recorder: Recorder?) -> Tensor
  ) -> Tensor {
    let silent = recorder.dropout == nil ? nil : recorder.ofLayer(keeps: false)
    let output = layer(input.recorded(by: silent), silent).unrecorded
    recorder.note(
      .layer(RecordedLayer(input: input.unrecorded, output: output, recorder: recorder, layer: layer)))
    return output.recorded(by: recorder)
  }

  private init(
    input: Tensor, output: Tensor, recorder: Recorder, layer: @escaping (_ x: Tensor, _ recorder: Recorder?) -> Tensor
  ) {
    self.input = input
    self.output = output
    self.recorder = recorder
    self.layer = layer
  }

  /// Computes the layer again.
  /// - Returns: its operations, and its output in other memory.
  public func record() -> (operations: [RecordedOperation], output: Tensor) {
    let own = recorder.ofLayer(keeps: true)
    let output = layer(input.recorded(by: own), own)
    return (own.takeAll(), output.unrecorded)
  }
}
