/// How packed weights are written, and with that how inputs are rounded on their way into a product.
public enum NumberFormat: String, Sendable, Hashable, CaseIterable {
  /// Single precision: four bytes a weight.
  case f32
  /// The upper half of single precision, two bytes a weight; inputs round to it as well.
  case bf16
  /// Eight bits, and a scale for every 32 of them: 8.5 bits a weight. Inputs round to eight bits as well.
  case q8
  /// Four bits, and a scale for every 32 of them: 4.5 bits a weight. Inputs round to eight bits.
  case q4
}

/// What keys and values are kept as; all arithmetic with them is in single precision.
public enum CacheFormat: String, Sendable, Hashable, CaseIterable {
  /// Single precision: what was computed.
  case f32
  /// The upper half of single precision, rounded to nearest: half the memory, and half as much to read in each step.
  case bf16
}
