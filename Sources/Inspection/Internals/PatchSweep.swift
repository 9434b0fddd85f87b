import Models
import Tensors

/// Activation patching at every layer and position (Meng et al. 2022, arXiv:2202.05262): how much of the difference
/// between two tokens' logits, which a text has and its corruption has lost, a single activation of the text restores.
public struct PatchSweep: Sendable {
  /// The effect of one patch.
  public struct Cell: Sendable, Hashable {
    /// The logit of the first token minus that of the second, at the position of the sweep.
    public let difference: Double
    /// The share of the lost difference that is restored: 0 as in the corrupted text, 1 as in the other.
    public let restored: Double
  }

  /// Why a sweep is impossible.
  public enum Refusal: Error, Sendable, Hashable {
    /// The texts have different numbers of tokens.
    case lengths(Int, Int)
    /// The difference of the logits is the same in both texts.
    case noDifference
  }

  /// The difference of the logits in the text whose activations are used.
  public let clean: Double
  /// The difference of the logits in the corrupted text.
  public let corrupted: Double
  /// Layers × positions.
  public let cells: [[Cell]]

  /// Runs a sweep of a model that reads one text.
  /// - Parameters:
  ///   - clean: the ids whose activations are used.
  ///   - corrupted: as many ids, in whose pass they are put.
  ///   - tokens: the tokens whose logits are compared.
  ///   - position: the position whose logits they are.
  ///   - progress: receives the share of the patches that are done, and returns whether to go on.
  /// - Returns: `nil` if `progress` returned `false`.
  /// - Throws: ``ModelError`` or ``Refusal``.
  public init?(
    _ model: AnyLanguageModel, from clean: [Int], to corrupted: [Int], comparing tokens: (Int, Int), at position: Int,
    progress: (Double) -> Bool = { _ in true }
  ) throws {
    guard clean.count == corrupted.count else { throw Refusal.lengths(clean.count, corrupted.count) }
    let source = try ProbedReading(model, ids: clean, weights: .none)
    let target = try ProbedReading(model, ids: corrupted, weights: .none)
    let stack = source.stack
    self.clean = Self.difference(source, tokens, position)
    self.corrupted = Self.difference(target, tokens, position)
    let lost = self.clean - self.corrupted
    guard lost != 0 else { throw Refusal.noDifference }
    var cells: [[Cell]] = []
    for layer in 0..<source.depth {
      var row: [Cell] = []
      for place in clean.indices {
        guard progress(Double(layer * clean.count + place) / Double(source.depth * clean.count)) else { return nil }
        guard let stream = source.log.residual(LayerPlace(stack, layer + 1), at: place) else { continue }
        var changes = PassChanges()
        changes.rows[LayerPlace(stack, layer)] = [place: PassChanges.Row(stream)]
        let found = try ProbedReading(model.changed(by: changes), ids: corrupted, weights: .none)
        let difference = Self.difference(found, tokens, position)
        row.append(Cell(difference: difference, restored: (difference - self.corrupted) / lost))
      }
      cells.append(row)
    }
    self.cells = cells
  }

  private static func difference(_ reading: ProbedReading, _ tokens: (Int, Int), _ position: Int) -> Double {
    let logits = reading.model.base.logits(reading.hidden.rows(position..<position + 1)).row(0)
    return Double(logits[tokens.0]) - Double(logits[tokens.1])
  }
}
