import EngineAPI
import Generation
import Models

/// Which model guesses for another.
extension LocalEngine {
  /// The opened draft model of a request, if it names one.
  /// - Throws: `EngineError` where one of the two is not causal, or their ids mean different tokens.
  func draftModel(
    of request: GenerationRequest, for loaded: LoadedModel
  ) async throws(EngineError) -> (any CausalModel)? {
    guard let reference = request.speculation.draft, request.speculation.isOn else { return nil }
    guard case .causal = loaded.model else { throw loaded.unfit("a causal model, to go with a draft model") }
    let draft = try await model(reference)
    guard case .causal(let model) = draft.model else { throw draft.unfit("a causal model as the draft") }
    if let difference = loaded.vocabularyDifference(from: draft) {
      throw EngineError(
        .usage, "the draft model has another vocabulary", at: "model '\(reference)'",
        expected: "the tokens of model '\(loaded.information.reference)'", found: difference,
        hint: "a draft model must have been trained with the same tokenizer")
    }
    return model
  }
}

extension LoadedModel {
  /// The first difference between two models' vocabularies in words; `nil` where there is none.
  fileprivate func vocabularyDifference(from other: LoadedModel) -> String? {
    guard folder != other.folder else { return nil }
    let (mine, theirs) = (model.base.facts.vocabularySize, other.model.base.facts.vocabularySize)
    guard mine == theirs else { return "\(theirs) tokens instead of \(mine)" }
    if agreesWith.contains(other.folder) { return nil }
    if let id = (0..<mine).first(where: { tokenizer.bytes(of: $0) != other.tokenizer.bytes(of: $0) }) {
      return "another token \(id)"
    }
    agreesWith.insert(other.folder)
    return nil
  }
}

extension Speculation {
  /// What guesses for a stream; `nil` where nothing does.
  func drafter(_ draft: (any CausalModel)?, _ options: StreamOptions) -> (any Drafter)? {
    guard isOn else { return nil }
    var drafters: [any Drafter] = []
    if looksUpPrompt { drafters.append(PromptLookup()) }
    if let draft { drafters.append(ModelDrafter(draft, options: options)) }
    return DrafterList(drafters)
  }
}
