import EngineAPI
import Inspection
import Models

/// Comparing two number formats of a model inside.
extension LocalEngine {
  /// Reads a text in the model's own number format and in another one. Runs off the actor, because every matrix takes a
  /// loading of its own.
  func bend(
    _ loaded: LoadedModel, _ other: NumberFormat, ids: [Int], source: [Int]?, at position: Int
  ) async throws(EngineError) -> FormatBendAnswer {
    let own = loaded.opened.format
    guard loaded.information.reference.changes.isEmpty else {
      throw EngineError(
        .usage, "can't compare number formats of a changed model", at: "model '\(loaded.information.reference)'",
        expected: "an unchanged model", found: "changes", hint: "leave the changes or the other format out")
    }
    guard other != own else {
      throw EngineError(
        .usage, "the same number format twice", at: "model '\(loaded.information.reference)'",
        expected: "another format than \(own.rawValue)", found: other.rawValue)
    }
    let path = loaded.path
    let work = Task.detached { () -> Result<FormatBendAnswer, EngineError> in
      do {
        let weights = try MixedFormats(path: path)
        let readings = try [own, other].map { format in
          try ProbedReading(weights.open(format).model, ids: ids, source: source, weights: .none)
        }
        let bend = FormatBend(wide: readings[0], narrow: readings[1], position: position)
        let matrices = try bend.matrices(
          (own, other), opening: { try weights.open($0, except: $1) }, isStopped: { Task.isCancelled })
        guard let matrices else { return .failure(.cancelled) }
        return .success(
          FormatBendAnswer(
            (own, other), divergence: bend.divergence, meanDivergence: bend.meanDivergence, layers: bend.layers,
            parts: bend.parts, matrices: matrices))
      } catch {
        return .failure(EngineError(any: error))
      }
    }
    let result = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      work.cancel()
    }
    return try result.get()
  }
}
