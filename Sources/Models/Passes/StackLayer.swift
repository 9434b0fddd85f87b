import Tensors

/// A layer of a stack, as ``ForwardPass/layers(_:_:of:named:with:)`` runs it: once, or a second time when its gradient
/// is computed.
protocol StackLayer: Sendable {
  /// What all layers of a stack read beside their rows, such as positions.
  associatedtype Context

  /// `[rows, width]` → `[rows or wanted, width]`
  func output(of x: Tensor, _ context: Context, _ pass: ForwardPass) -> Tensor
}

/// A layer that reads nothing beside its rows.
protocol PlainLayer: StackLayer where Context == Void {
  /// `[rows, width]` → `[rows or wanted, width]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor
}

extension PlainLayer {
  func output(of x: Tensor, _ context: Void, _ pass: ForwardPass) -> Tensor { self(x, pass) }
}
