/// How a model in a narrow number format differs from the same model in a wide one, over one text.
public struct FormatBendAnswer: Sendable, Hashable {
  /// The wide format: that of the request's model.
  public var wide: NumberFormat
  /// The narrow format.
  public var narrow: NumberFormat
  /// The divergence between both predictions at the position; ``Divergence/forward`` is KL(wide‖narrow).
  public var divergence: Divergence
  /// The mean of KL(wide‖narrow) over all positions, in bits.
  public var meanDivergence: Double
  /// The residual stream, layer by layer: the embedding first, then what each layer leaves.
  public var layers: [BentLayer]
  /// The sublayers.
  public var parts: [BentPart]
  /// The matrices in the order in which a pass uses them.
  public var matrices: [BentMatrix]

  /// An answer with these values.
  public init(
    _ formats: (wide: NumberFormat, narrow: NumberFormat), divergence: Divergence, meanDivergence: Double,
    layers: [BentLayer], parts: [BentPart], matrices: [BentMatrix]
  ) {
    wide = formats.wide
    narrow = formats.narrow
    self.divergence = divergence
    self.meanDivergence = meanDivergence
    self.layers = layers
    self.parts = parts
    self.matrices = matrices
  }

  /// The first matrix that moves the distribution; `nil` if none does.
  public var first: BentMatrix? { BentMatrix.first(of: matrices, whole: meanDivergence).map { matrices[$0] } }

  /// The part of the mean divergence that keeping the matrix wide removes, in bits; `nil` if it was not measured.
  public func gain(of matrix: BentMatrix) -> Double? { matrix.kept.map { meanDivergence - $0 } }
}

/// The residual stream after a number of layers, in two number formats.
public struct BentLayer: Sendable, Hashable {
  /// The stack: `encoder` or `decoder`.
  public var stack: String
  /// The number of layers that were computed; 0 is the embedding.
  public var layer: Int
  /// ‖wide − narrow‖ / ‖wide‖ over all positions.
  public var difference: Double
  /// The divergence of the lens at the position; `nil` for a stack that predicts no tokens.
  public var lens: Divergence?
  /// Whether both would predict the same token.
  public var topAgrees: Bool?

  /// A layer with these values.
  public init(stack: String, layer: Int, difference: Double) {
    self.stack = stack
    self.layer = layer
    self.difference = difference
  }
}

/// The values inside a sublayer, which its last product reads, in two number formats.
public struct BentPart: Sendable, Hashable {
  /// The kinds of sublayers.
  public enum Kind: String, Sendable, Hashable {
    /// The outputs of the heads.
    case attention
    /// The same of a decoder's cross-attention.
    case cross
    /// The hidden values of a feed-forward layer.
    case feedForward = "feed_forward"
  }

  /// The stack: `encoder` or `decoder`.
  public var stack: String
  /// The layer, from 0.
  public var layer: Int
  /// What it is.
  public var kind: Kind
  /// ‖wide − narrow‖ / ‖wide‖ over all positions.
  public var difference: Double

  /// A part with these values.
  public init(stack: String, layer: Int, _ kind: Kind, difference: Double) {
    self.stack = stack
    self.layer = layer
    self.kind = kind
    self.difference = difference
  }
}

/// A weight matrix in two number formats.
public struct BentMatrix: Sendable, Hashable {
  /// The minimum share of the total divergence at which a matrix counts as moving the distribution.
  public static let leastShare = 0.1

  /// Its name in the file.
  public var name: String
  /// The mean of KL(wide‖mixed) in bits, with this matrix alone in the narrow format.
  public var alone: Double
  /// The same with all matrices but this one in the narrow format; `nil` if it was not measured.
  public var kept: Double?

  /// A matrix with these values.
  public init(name: String, alone: Double, kept: Double? = nil) {
    self.name = name
    self.alone = alone
    self.kept = kept
  }

  /// The index of the first matrix whose rounding alone has at least ``leastShare`` of the whole divergence; `nil` if
  /// the whole divergence is 0. If no matrix has as much, the one with the most.
  public static func first(of matrices: [BentMatrix], whole: Double) -> Int? {
    guard whole > 0 else { return nil }
    return matrices.firstIndex { $0.alone >= leastShare * whole }
      ?? matrices.indices.max { (matrices[$0].alone, $1) < (matrices[$1].alone, $0) }
  }
}
