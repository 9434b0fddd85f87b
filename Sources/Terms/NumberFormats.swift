/// The number format of packed weights. It also determines how the inputs of a product are rounded.
public enum NumberFormat: String, Sendable, Hashable, CaseIterable {
  /// Single precision: 32 bits per weight.
  case f32
  /// The upper half of single precision: 16 bits per weight. Inputs are rounded to bf16 too.
  case bf16
  /// 8-bit codes with a scale for each block of 32: 8.5 bits per weight. Inputs are rounded to 8 bits too.
  case q8
  /// 4-bit codes with a scale for each block of 32: 4.5 bits per weight. Inputs are rounded to 8 bits.
  case q4
  /// Each matrix as its file stores it: f16, and GGML's Q8_0, Q4_0, Q4_K, Q5_K and Q6_K with their own codes, scales
  /// and bits per weight. Matrices of other types are in f32. The inputs of blocks are rounded to 16 bits (Q6_K: 15).
  case stored

  /// The formats that any matrix can be converted to, so that a model has one format throughout.
  public static let uniform: [NumberFormat] = [.f32, .bf16, .q8, .q4]
}

/// The number format of the KV cache. Arithmetic with cached values is in single precision.
public enum CacheFormat: String, Sendable, Hashable, CaseIterable {
  /// Single precision, as computed.
  case f32
  /// The upper half of single precision, rounded to nearest: half the memory and half the memory traffic per step.
  case bf16
}
