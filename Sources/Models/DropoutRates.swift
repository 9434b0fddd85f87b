/// A place of dropout in a model.
enum DropoutPlace: UInt64, Sendable, Hashable {
  /// The embeddings before the first layer.
  case embedding
  /// The probabilities of self-attention.
  case attention
  /// The probabilities of cross-attention.
  case cross
  /// The projected output of self-attention.
  case attentionOutput
  /// The projected output of cross-attention.
  case crossOutput
  /// The hidden values of a feed-forward layer.
  case activation
  /// The projected output of a feed-forward layer.
  case feedForwardOutput
  /// The output of a stack after its last norm.
  case stackOutput
  /// The input of the head that labels texts, before the head's transform.
  case textHeadInput
  /// What the last matrix of the head that labels texts reads.
  case textHead
  /// What the last matrix of the head that labels tokens reads.
  case tokenHead
}

/// The probability of dropout at each place of a model.
struct DropoutRates: Sendable, Hashable {
  private var rates: [DropoutPlace: Double] = [:]

  /// The probability at a place; 0 where nothing is dropped.
  subscript(_ place: DropoutPlace) -> Double {
    get { rates[place] ?? 0 }
    set { rates[place] = newValue > 0 ? newValue : nil }
  }

  /// Whether nothing is dropped anywhere.
  var isZero: Bool { rates.isEmpty }
}
