import EngineAPI
import JSONText
import Models
import Tensors

/// Models written once in a number format, into folders that open without conversion.
extension LocalEngine: Quantizing {
  /// Writes a model into a folder; there afterwards it is whole, or as it was.
  public func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult {
    if let format = request.model.format, format != request.format {
      throw EngineError(
        .usage, "two number formats", at: "model '\(request.model)'", expected: format.rawValue,
        found: request.format.rawValue)
    }
    let source = try catalog.resolve(request.model).folder
    let target = try FolderBeingMade(path: request.output, replaces: request.replaces, source: source)
    do throws(EngineError) {
      let result = try Self.write(request, source: source, into: target, progress)
      try target.finish()
      return result
    } catch {
      target.discard()
      throw error
    }
  }

  /// Share of the whole work that packing is; writing is the rest.
  private static let packingShare = 0.5

  private static func write(
    _ request: QuantizeRequest, source: String, into target: FolderBeingMade,
    _ progress: @escaping @Sendable (LoadProgress) -> Void
  ) throws(EngineError) -> QuantizeResult {
    do {
      progress(LoadProgress(fraction: 0, step: "reading"))
      let packer = try ModelPacker(folder: source, format: NumberFormat(request.format)) {
        progress(LoadProgress(fraction: $0 * packingShare, step: "packing"))
      }
      let isWhole = try packer.writeWeights(to: target.path) { written in
        progress(LoadProgress(fraction: packingShare + written * (1 - packingShare), step: "writing"))
        return !Task.isCancelled
      }
      guard isWhole, !Task.isCancelled else { throw EngineError.cancelled }
      for file in otherFiles { try target.copy(file, from: source) }
      try target.write(packer.configurationText, to: ModelPacker.configurationFile)
      // What was written opens: a folder that does not would be found out only when the original is gone.
      let made = try ModelDescription(folder: target.path)
      progress(LoadProgress(fraction: 1, step: "done"))
      return QuantizeResult(
        format: request.format, bytes: made.byteCount, sourceBytes: packer.source.byteCount, path: request.output)
    } catch {
      throw EngineError(any: error)
    }
  }

  /// What a model folder may hold beside weights and configuration.
  private static let otherFiles = [
    "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "spiece.model", "README.md", "LICENSE",
  ]
}
