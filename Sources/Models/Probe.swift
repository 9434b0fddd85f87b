import Tensors

/// Looks into a forward pass: it is handed named activations as they are made.
///
/// The names are those of transformers' outputs: `hidden_states.0` is what enters the first layer, `hidden_states.i`
/// what leaves layer i, and the last one has gone through the final norm where the architecture has one.
/// Encoder-decoder models say `encoder_hidden_states.i` and `decoder_hidden_states.i`. The rows are those of the pass:
/// all segments' new positions, one after the other. `[rows, width]`
///
/// A pass without a probe computes nothing for it; a probe changes no bit of the result.
public struct Probe {
  private let receive: (String, Tensor) -> Void

  /// A probe that calls `receive` with the name and value of every activation.
  public init(_ receive: @escaping (_ name: String, _ activation: Tensor) -> Void) { self.receive = receive }

  /// Hands over one activation.
  func observe(_ name: @autoclosure () -> String, _ activation: Tensor) { receive(name(), activation) }
}
