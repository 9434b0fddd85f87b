import EngineAPI
import Generation
import Models
import Sampling

/// Mask filling.
extension LocalEngine: MaskFilling {
  /// Fills the masks of a text, separately and, if requested, jointly.
  public func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult {
    let loaded = try await model(of: request.context)
    guard case .masked(let model) = loaded.model else { throw loaded.unfit("a masked-language model") }
    let ids = request.context.ids
    if let wrong = request.targets.first(where: { !(0..<model.facts.vocabularySize).contains($0) }) {
      throw EngineError(
        .input, "no such token", at: "the targets", expected: "an id below \(model.facts.vocabularySize)",
        found: "\(wrong)")
    }
    let cancellation = Cancellation { Task.isCancelled }
    let filler = MaskFiller(model, maskID: loaded.maskID, targets: request.targets)
    do throws(GenerationError) {
      let gaps = try filler.candidates(for: ids, topK: request.topK, cancellation)
      let isJoint = request.joint && gaps.count > 1
      let fillings = isJoint ? try filler.jointFillings(for: ids, cancellation) : []
      return FillMaskResult(
        masks: gaps.map { gap in
          gap.map { ranked in
            MaskCandidate(
              ranked: ranked.map(loaded.token),
              sequence: loaded.text(of: ids, putting: [ranked.id], at: [gap.position]))
          }
        },
        joint: fillings.map { filling in
          JointFilling(
            tokens: filling.ids.map(loaded.token), logprob: filling.logprob,
            sequence: loaded.text(of: ids, putting: filling.ids, at: gaps.map(\.position)))
        })
    } catch {
      throw loaded.naming(maskOf: error)
    }
  }
}

extension LoadedModel {
  /// Converts an error; a missing mask is named by its text instead of its id.
  fileprivate func naming(maskOf error: GenerationError) -> EngineError {
    guard case .noMask = error else { return EngineError(error) }
    guard let mask = information.maskToken?.text else {
      return EngineError(
        .model, "no mask token", at: "model '\(information.reference)'", expected: "a tokenizer that has one",
        found: "none")
    }
    return EngineError(
      .input, "no mask", at: "the text", expected: "\(mask), the mask token of model '\(information.reference)'",
      found: "none", hint: "write \(mask) where a word is missing")
  }
}
