/// How packed weights are written.
public enum NumberFormat: String, Sendable, CaseIterable {
  /// Single precision: four bytes a weight.
  case f32
}
