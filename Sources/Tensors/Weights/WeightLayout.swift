/// Which axis of a stored weight matrix is which.
public enum WeightLayout: Sendable {
  /// `[outputs, inputs]`: `nn.Linear`, and embeddings with their ids as outputs.
  case outputsByInputs
  /// `[inputs, outputs]`: GPT-2's `Conv1D`.
  case inputsByOutputs
}
