import EngineAPI
import Generation

/// Reading a text into a decoder, with all that the memory of texts saves.
extension LocalEngine {
  /// Tokens of a prompt that run before other requests get their turn. The results do not depend on it.
  static let promptChunk = 256

  /// A text that begins with `ids`, all of which have been read: for looking at.
  func sequence(
    reading ids: [Int], source: [Int]?, of loaded: LoadedModel
  ) async throws(EngineError) -> ReadSequence {
    if let known = loaded.memory.sequence(covering: ids, source: source) { return known }
    try loaded.validateLength(ids.count)
    let sequence = try loaded.sequence(sharing: ids, source: source)
    while sequence.ids.count < ids.count {
      guard !Task.isCancelled else { throw .cancelled }
      let next = min(ids.count, sequence.ids.count + Self.promptChunk)
      do throws(GenerationError) {
        try sequence.read(Array(ids.prefix(next)))
      } catch {
        throw EngineError(error)
      }
      // The mailbox's turn.
      await Task.yield()
    }
    loaded.memory.keep(sequence, isRunning: false)
    return sequence
  }
}
