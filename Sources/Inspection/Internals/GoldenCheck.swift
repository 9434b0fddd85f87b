import Checkpoints
import EngineAPI
import Models
import Tensors

/// Compares a pass with the activations that another program computed, by transformers' names, in the order of a pass.
///
/// The names are `hidden_states.I` and `attentions.I` with the prefixes `encoder_`, `decoder_` and `cross_` of
/// encoder-decoder models, and `logits`. A first axis of length 1, the batch, is ignored.
public struct GoldenCheck {
  /// The compared activations, in the order of a pass.
  public let activations: [GoldenActivation]

  /// The largest difference that counts as equal, in units in the last place of the largest number of an activation.
  public static let tolerance = 64.0

  /// Compares a reading with a file.
  /// - Throws: ``EngineError`` if the file cannot be read, has no activation of the model, or one of another shape.
  public init(_ reading: ProbedReading, file path: String) throws(EngineError) {
    let file: SafetensorsFile
    do throws(CheckpointError) { file = try SafetensorsFile(path: path) } catch { throw EngineError(.model, error) }
    var found: [GoldenActivation] = []
    for (name, own) in Self.named(reading) {
      guard let stored = file[name], let shape = file.entry(name)?.shape else { continue }
      guard shape == Array(own.shape) || shape == [1] + Array(own.shape) else {
        throw EngineError(
          .input, "another text or model", at: "\(path), tensor \(name)", expected: "the shape \(Array(own.shape))",
          found: "\(shape)")
      }
      found.append(Self.compare(name, own.scalars, stored.tensor().scalars))
    }
    guard !found.isEmpty else {
      let names = file.names.prefix(6).joined(separator: ", ")
      throw EngineError(
        .input, "nothing to compare", at: path, expected: "tensors named hidden_states.0, attentions.0, logits, …",
        found: names.isEmpty ? "none" : names)
    }
    do throws(CheckpointError) { try file.checkUnchanged() } catch { throw EngineError(.model, error) }
    activations = found
  }

  private static func compare(_ name: String, _ own: [Float], _ expected: [Float]) -> GoldenActivation {
    let largest = expected.lazy.map(abs).filter(\.isFinite).max() ?? 0
    var difference = 0.0
    for (a, b) in zip(own, expected) where a.bitPattern != b.bitPattern {
      let distance = abs(Double(a) - Double(b))
      difference = max(difference, distance.isNaN ? .infinity : distance)
    }
    let unit = Double(max(largest, .leastNormalMagnitude).ulp)
    let units = difference / unit
    return GoldenActivation(name: name, difference: difference, units: units, isEqual: units <= tolerance)
  }

  /// The activations of a reading by transformers' names.
  private static func named(_ reading: ProbedReading) -> [(name: String, tensor: Tensor)] {
    let log = reading.log
    let isPair = reading.source != nil
    var result: [(String, Tensor)] = []
    for stack in log.stacks {
      let prefix = isPair ? "\(stack.rawValue)_" : ""
      let count = stack == reading.stack ? reading.ids.count : reading.source?.count ?? 0
      for layer in 0...log.depth(of: stack) {
        if let states = log.activation("\(prefix)hidden_states.\(layer)") {
          result.append(("\(prefix)hidden_states.\(layer)", states))
        }
        let attentions: [(String, SublayerPlace.Kind, Int)] = [
          ("\(prefix)attentions.\(layer)", .attention, count),
          ("cross_attentions.\(layer)", .cross, reading.source?.count ?? 0),
        ]
        for (name, kind, keys) in attentions {
          let weights = log.attention(SublayerPlace(stack, layer, kind), count: count, keys: keys)
          guard !weights.isEmpty else { continue }
          result.append((name, Tensor([weights.count, count, keys], weights.flatMap { $0.flatMap(\.self) })))
        }
      }
    }
    return result + [("logits", reading.model.base.logits(reading.hidden))]
  }
}
