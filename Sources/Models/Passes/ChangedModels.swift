import Tensors

extension AnyLanguageModel {
  /// The same model with changes in every forward pass. The weights are shared.
  public func changed(by changes: PassChanges) -> AnyLanguageModel {
    switch self {
    case .causal(let model): .causal(ChangedCausal(base: model, changes: changes))
    case .masked(let model): .masked(ChangedMasked(base: model, changes: changes))
    case .seq2seq(let model): .seq2seq(ChangedSeq2Seq(base: model, changes: changes))
    case .labeling(let model): .labeling(ChangedLabeling(base: model, changes: changes))
    }
  }
}

/// What the changed models of all families have in common: everything but the passes is that of the base.
private protocol ChangedModel: LanguageModel {
  associatedtype Base
  var base: Base { get }
  var changes: PassChanges { get }
  /// The base as the protocol that all families share.
  var unchanged: any LanguageModel { get }
}

extension ChangedModel {
  var facts: ModelFacts { unchanged.facts }
  var readout: Readout { unchanged.readout }
  func finish(_ x: Tensor) -> Tensor { unchanged.finish(x) }
  func logits(_ hidden: Tensor) -> Tensor { unchanged.logits(hidden) }
}

private struct ChangedCausal: CausalModel, ChangedModel {
  let base: any CausalModel
  let changes: PassChanges
  var unchanged: any LanguageModel { base }

  func makeState() -> SequenceState { base.makeState() }

  func forward(_ segments: [Segment], probe: Probe?, recorder: Recorder?) throws(ModelError) -> HiddenRows {
    try base.forward(segments, probe: .changing(changes, probe), recorder: recorder)
  }
}

private struct ChangedMasked: MaskedModel, ChangedModel {
  let base: any MaskedModel
  let changes: PassChanges
  var unchanged: any LanguageModel { base }

  func forward(_ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?) throws(ModelError) -> HiddenRows {
    try base.forward(sequences, probe: .changing(changes, probe), recorder: recorder)
  }
}

private struct ChangedSeq2Seq: Seq2SeqModel, ChangedModel {
  let base: any Seq2SeqModel
  let changes: PassChanges
  var unchanged: any LanguageModel { base }

  func encode(_ ids: [Int], probe: Probe?, recorder: Recorder?) throws(ModelError) -> EncoderState {
    try base.encode(ids, probe: .changing(changes, probe), recorder: recorder)
  }

  func makeState(_ encoder: EncoderState) -> SequenceState { base.makeState(encoder) }

  func forward(_ segments: [Segment], probe: Probe?, recorder: Recorder?) throws(ModelError) -> HiddenRows {
    try base.forward(segments, probe: .changing(changes, probe), recorder: recorder)
  }
}

private struct ChangedLabeling: LabelingModel, ChangedModel {
  let base: any LabelingModel
  let changes: PassChanges
  var unchanged: any LanguageModel { base }
  var labels: LabelSet { base.labels }
  var readout: Readout { base.readout }

  func forward(_ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?) throws(ModelError) -> HiddenRows {
    try base.forward(sequences, probe: .changing(changes, probe), recorder: recorder)
  }
}
