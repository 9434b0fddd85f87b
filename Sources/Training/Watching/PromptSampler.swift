import EngineAPI
import JSONText
import Models
import Tensors
import Terms
import Tokenizers

/// What a model in training makes of fixed prompts. Nothing is drawn at random: a text is continued with the most
/// probable tokens.
struct PromptSampler {
  /// A prompt and the ids that the model reads.
  private struct Prompt {
    let text: String
    let ids: [Int]
  }

  /// The number of candidates of a sample.
  private static let candidateCount = 20

  private let objective: TrainingObjective
  private let options: TrainingOptions
  private let tokenizer: Tokenizer
  private let labels: [String]
  /// `decoder_start_token_id` of an encoder-decoder model.
  private let decoderStart: Int?
  /// Ids that end a text.
  private let ends: Set<Int>
  private let contextLength: Int?
  private let prompts: [Prompt]

  /// Reads the prompts of the options.
  /// - Returns: `nil` if there are none.
  /// - Throws: if the file can't be read, or a prompt has no tokens, too many, or no mask for a masked model.
  init?(
    _ maker: ExampleMaker, ends: [Int], contextLength: Int?
  ) throws(TrainingError) {
    (objective, options, tokenizer, labels) = (maker.objective, maker.options, maker.tokenizer, maker.labels)
    decoderStart = maker.decoderStart
    self.ends = Set(ends)
    self.contextLength = contextLength
    var texts = options.samplePrompts
    if let path = options.samplePromptsFile { texts += try Self.lines(path) }
    guard !texts.isEmpty else { return nil }
    let mask = tokenizer.specialTokens.mask?.id
    var prompts: [Prompt] = []
    for text in texts {
      func failure(_ expected: String, _ found: String) -> TrainingError {
        TrainingError(
          .usage, "can't use a prompt", at: "sample_prompt '\(text)'", expected: expected, found: found)
      }
      let ids = tokenizer.encode(objective == .seq2seq ? options.sourcePrefix + text : text).ids
      guard !ids.isEmpty else { throw failure("a text", "no tokens") }
      if let contextLength, ids.count > contextLength {
        throw failure("at most \(contextLength) tokens, the model's context", "\(ids.count)")
      }
      if objective == .masked, !ids.contains(where: { $0 == mask }) {
        let name = mask.map { String(decoding: maker.tokenizer.bytes(of: $0), as: UTF8.self) }
        throw failure("a text with the mask \(name ?? "token")", "none")
      }
      prompts.append(Prompt(text: text, ids: ids))
    }
    self.prompts = prompts
  }

  private static func lines(_ path: String) throws(TrainingError) -> [String] {
    let bytes: [UInt8]
    do throws(JSONError) { bytes = try FileBytes.read(path, limit: 16 << 20) } catch {
      throw TrainingError(.usage, error)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TrainingError(.usage, "can't read the prompts", at: path, expected: "UTF-8", found: "other bytes")
    }
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard !lines.isEmpty else {
      throw TrainingError(.usage, "can't read the prompts", at: path, expected: "a prompt in each line", found: "none")
    }
    return lines
  }

  /// The samples after a number of steps.
  func samples(_ step: Int, _ model: AnyLanguageModel) throws(TrainingError) -> TrainingSamples {
    var samples: [TrainingSample] = []
    do throws(ModelError) {
      for prompt in prompts { samples.append(try sample(prompt, model)) }
    } catch {
      throw TrainingError(.model, error)
    }
    return TrainingSamples(step: step, samples: samples)
  }

  private func sample(_ prompt: Prompt, _ model: AnyLanguageModel) throws(ModelError) -> TrainingSample {
    switch model {
    case .causal(let model):
      var decoder = tokenizer.makeStreamingDecoder()
      for id in prompt.ids { _ = decoder.append(id) }
      return try continued(prompt, model, model.makeState(), prompt.ids, &decoder)
    case .seq2seq(let model):
      var decoder = tokenizer.makeStreamingDecoder()
      let state = model.makeState(try model.encode(prompt.ids))
      return try continued(prompt, model, state, [decoderStart ?? 0], &decoder)
    case .masked(let model): return try filled(prompt, model)
    case .labeling(let model): return try labeled(prompt, model)
    }
  }

  /// Continues a text with the most probable token each time.
  private func continued(
    _ prompt: Prompt, _ model: any DecoderModel, _ state: SequenceState, _ ids: [Int],
    _ decoder: inout StreamingDecoder
  ) throws(ModelError) -> TrainingSample {
    var (next, length, text) = (ids, 0, "")
    var candidates: [TrainingSample.Candidate] = []
    for index in 0..<options.sampleTokens {
      length += next.count
      if let contextLength, length > contextLength { break }
      let row = model.logits(try model.forward([Segment(ids: next, state: state)]).tensor).row(0)
      if index == 0 { candidates = self.candidates(Probabilities.softmax(row), piece) }
      let best = Probabilities.best(row)
      guard !ends.contains(best) else { break }
      text += decoder.append(best)
      next = [best]
    }
    return TrainingSample(prompt: prompt.text, text: text + decoder.finish(), candidates: candidates)
  }

  /// Fills all masks at once.
  private func filled(_ prompt: Prompt, _ model: any MaskedModel) throws(ModelError) -> TrainingSample {
    let gaps = prompt.ids.indices.filter { prompt.ids[$0] == tokenizer.specialTokens.mask?.id }
    let logits = model.logits(try model.forward([MaskedSequence(ids: prompt.ids, wanted: .positions(gaps))]).tensor)
    var ids = prompt.ids
    for (row, gap) in gaps.enumerated() { ids[gap] = Probabilities.best(logits.row(row)) }
    return TrainingSample(
      prompt: prompt.text, text: tokenizer.decode(ids),
      candidates: candidates(Probabilities.softmax(logits.row(0)), piece))
  }

  private func labeled(_ prompt: Prompt, _ model: any LabelingModel) throws(ModelError) -> TrainingSample {
    func logits(_ ids: [Int], _ wanted: WantedRows) throws(ModelError) -> Tensor {
      model.logits(try model.forward([MaskedSequence(ids: ids, wanted: wanted)]).tensor)
    }
    guard objective == .tag else {
      let row = try logits(prompt.ids, .all).row(0)
      switch options.problemType {
      case "regression"?: return TrainingSample(prompt: prompt.text, text: "\(row[0])", candidates: [])
      case "multi_label_classification"?:
        let names = row.indices.filter { row[$0] > 0 }.map(label)
        return TrainingSample(
          prompt: prompt.text, text: names.joined(separator: ", "),
          candidates: candidates(row.map { Probabilities.sigmoid(Double($0)) }, label))
      default:
        return TrainingSample(
          prompt: prompt.text, text: label(Probabilities.best(row)),
          candidates: candidates(Probabilities.softmax(row), label))
      }
    }
    let words = prompt.text.split(whereSeparator: \.isWhitespace).map(String.init)
    let encoding = tokenizer.encode(words.joined(separator: " "))
    let starts = ExampleMaker.wordStarts(words, encoding).filter { $0.position < contextLength ?? .max }
    guard !starts.isEmpty else { return TrainingSample(prompt: prompt.text, text: "", candidates: []) }
    let rows = try logits(encoding.ids, .positions(starts.map(\.position)))
    let tagged = starts.enumerated().map { row, start in
      "\(words[start.word])/\(label(Probabilities.best(rows.row(row))))"
    }
    return TrainingSample(
      prompt: prompt.text, text: tagged.joined(separator: " "),
      candidates: candidates(Probabilities.softmax(rows.row(0)), label))
  }

  private func candidates(_ probabilities: [Double], _ name: (Int) -> String) -> [TrainingSample.Candidate] {
    let order = probabilities.indices.sorted {
      (probabilities[$0], $1) > (probabilities[$1], $0)
    }
    return order.prefix(Self.candidateCount).map {
      TrainingSample.Candidate(text: name($0), probability: probabilities[$0])
    }
  }

  private func piece(_ id: Int) -> String { String(decoding: tokenizer.bytes(of: id), as: UTF8.self) }

  private func label(_ number: Int) -> String { labels.indices.contains(number) ? labels[number] : "\(number)" }
}
