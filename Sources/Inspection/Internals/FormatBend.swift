import EngineAPI
import Models
import Sampling
import Tensors

/// Compares a forward pass in a narrow number format with one in a wide format, layer by layer, and finds the matrix
/// that causes the difference.
public struct FormatBend {
  /// Opens the model in a format, with single matrices in other ones.
  public typealias Opening = (_ format: NumberFormat, _ exceptions: [String: NumberFormat]) throws -> (
    model: AnyLanguageModel, matrices: [String]
  )

  private let wide: ProbedReading
  private let narrow: ProbedReading
  private let position: Int

  /// The passes of one text in both formats.
  /// - Parameter position: the position of the lens.
  public init(wide: ProbedReading, narrow: ProbedReading, position: Int) {
    (self.wide, self.narrow, self.position) = (wide, narrow, position)
  }

  /// The divergence of the narrow model's prediction from the wide one's, at the position.
  public var divergence: Divergence { Self.divergence(wide, narrow, at: position) }

  /// The mean of KL(wide‖narrow) over all positions, in bits.
  public var meanDivergence: Double { Self.meanDivergence(wide, narrow) }

  static func divergence(_ wide: ProbedReading, _ narrow: ProbedReading, at position: Int) -> Divergence {
    let rows = [wide, narrow].map { reading in
      ProbabilityRow(reading.model.base.logits(reading.hidden.rows(position..<position + 1)).row(0))
    }
    return rows[0].divergence(from: rows[1])
  }

  static func meanDivergence(_ wide: ProbedReading, _ narrow: ProbedReading) -> Double {
    let sum = wide.ids.indices.reduce(0) { $0 + divergence(wide, narrow, at: $1).forward }
    return sum / Double(max(1, wide.ids.count))
  }

  /// The residual stream of each layer of each stack: the relative L2 difference over all positions, and the lens.
  public var layers: [BentLayer] {
    wide.log.stacks.flatMap { stack -> [BentLayer] in
      let isMain = stack == wide.stack
      let count = isMain ? wide.ids.count : wide.source?.count ?? 0
      return (0...wide.log.depth(of: stack)).map { layer in
        let place = LayerPlace(stack, layer)
        let rows = { (reading: ProbedReading) in
          (0..<count).map { reading.log.residual(place, at: $0)?.scalars ?? [] }
        }
        var found = BentLayer(
          stack: stack.rawValue, layer: layer, difference: Self.difference(rows(wide), rows(narrow)))
        let logits = isMain ? [wide, narrow].compactMap { $0.lens(place, at: position) } : []
        if logits.count == 2 {
          found.lens = ProbabilityRow(logits[0]).divergence(from: ProbabilityRow(logits[1]))
          found.topAgrees = Distribution(logits: logits[0]).best == Distribution(logits: logits[1]).best
        }
        return found
      }
    }
  }

  /// The inner values of each sublayer, which its last product reads: the relative L2 difference over all positions.
  public var parts: [BentPart] {
    wide.log.stacks.flatMap { stack -> [BentPart] in
      let count = stack == wide.stack ? wide.ids.count : wide.source?.count ?? 0
      return (0..<wide.log.depth(of: stack)).flatMap { layer in
        wide.log.kinds(of: LayerPlace(stack, layer)).map { kind in
          let rows = { (reading: ProbedReading) in
            (0..<count).map { reading.log.sublayer(SublayerPlace(stack, layer, kind), at: $0)?.inner.scalars ?? [] }
          }
          let name: BentPart.Kind =
            switch kind {
            case .attention: .attention
            case .cross: .cross
            case .feedForward: .feedForward
            }
          return BentPart(
            stack: stack.rawValue, layer: layer, name, difference: Self.difference(rows(wide), rows(narrow)))
        }
      }
    }
  }

  /// ‖a − b‖ / ‖a‖ over all rows; 0 for equal rows.
  static func difference(_ wide: [[Float]], _ narrow: [[Float]]) -> Double {
    var (sum, total) = (0.0, 0.0)
    for (left, right) in zip(wide, narrow) {
      for (a, b) in zip(left, right) {
        sum += (Double(a) - Double(b)) * (Double(a) - Double(b))
        total += Double(a) * Double(a)
      }
    }
    return sum == 0 ? 0 : (sum / total).squareRoot()
  }

  /// The number of matrices for which the gain of keeping them in the wide format is measured.
  private static let kept = 3

  /// The effect of each matrix: the mean divergence with only it in the narrow format and, for the first that moves the
  /// distribution and those with the largest effect, the mean divergence with only it in the wide format.
  ///
  /// - Parameters:
  ///   - formats: the wide and the narrow format.
  ///   - opening: opens the model.
  ///   - isStopped: asked before each model is opened.
  /// - Returns: the matrices in the order of loading; `nil` if stopped.
  public func matrices(
    _ formats: (wide: NumberFormat, narrow: NumberFormat), opening: Opening, isStopped: () -> Bool = { false }
  ) throws -> [BentMatrix]? {
    let names = try opening(formats.wide, [:]).matrices
    let whole = meanDivergence
    var found: [BentMatrix] = []
    for name in names {
      guard !isStopped() else { return nil }
      let mixed = try opening(formats.wide, [name: formats.narrow]).model
      found.append(BentMatrix(name: name, alone: Self.meanDivergence(wide, try read(mixed))))
    }
    let largest = found.indices.sorted { (found[$0].alone, $1) > (found[$1].alone, $0) }.prefix(Self.kept)
    for index in Set(largest).union([BentMatrix.first(of: found, whole: whole)].compactMap(\.self)) {
      guard !isStopped() else { return nil }
      let mixed = try opening(formats.narrow, [found[index].name: formats.wide]).model
      found[index].kept = Self.meanDivergence(wide, try read(mixed))
    }
    return found
  }

  private func read(_ model: AnyLanguageModel) throws(ModelError) -> ProbedReading {
    try ProbedReading(model, ids: wide.ids, source: wide.source, weights: .none)
  }
}

extension ProbedReading {
  /// The logits of the lens; `nil` if no pass computed the position.
  fileprivate func lens(_ place: LayerPlace, at position: Int) -> [Float]? {
    log.residual(place, at: position).map { model.base.logits(model.base.finish($0)).row(0) }
  }
}
