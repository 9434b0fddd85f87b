import EngineAPI
import JSONText
import TerminalUI

/// Writes the events of a training run: lines for a person, or JSON objects.
struct TrainingWriter: Sendable {
  let console: Console
  let form: OutputForm

  /// Writes an event. A failure to write does not stop the run.
  func show(_ event: TrainingEvent) {
    if form == .lines {
      if let object = Self.json(event) { try? console.write(object) }
      return
    }
    switch event {
    case .notice(let text): console.note(text)
    case .start(let start): for line in Self.lines(start) { write(line) }
    case .step(let step): write(Self.line(step))
    case .evaluation(let step, _, let metrics):
      write(
        "step \(step) · " + metrics.map { "eval_\($0.name) \(Self.short($0.value))" }.joined(separator: " · "))
    case .samples(let samples): for line in Self.lines(samples) { write(line) }
    case .saved(let path): write("saved \(path.onOneLine)")
    case .paused(let step): write("step \(step) · paused")
    case .resumed(let step): write("step \(step) · continued")
    case .learningRate(let step, let peak): write("step \(step) · highest lr from now on \(Self.short(peak))")
    }
  }

  func write(_ result: TrainResult) throws(CommandError) {
    if form == .lines {
      var object: JSONObject = [
        "type": "finished", "path": .text(result.path), "step": .integer(result.step),
        "loss": result.loss.map(JSONValue.double) ?? .null,
      ]
      for metric in result.metrics { object["eval_\(metric.name)"] = .double(metric.value) }
      try console.write(object)
    } else {
      try console.writeLine("\(result.path.onOneLine) · \(result.step) steps")
    }
  }

  /// Writes a repeated step.
  /// - Returns: the exit code: 0 if the step has the bits of the run.
  func write(_ step: ReplayedStep) throws(CommandError) -> Int32 {
    if form == .lines {
      try console.write([
        "type": "step", "step": .integer(step.step), "loss": .double(step.loss),
        "grad_norm": .double(step.gradientNorm), "place": step.place.map { .text($0) } ?? .null,
        "is_same": .bool(step.isSame),
      ])
    } else {
      let place = step.place.map { " · first number that is not finite: \($0.onOneLine)" } ?? ""
      try console.writeLine(
        "step \(step.step) · loss \(step.loss) · grad_norm \(step.gradientNorm)\(place) · "
          + (step.isSame ? "the same bits" : "other bits than in the run"))
    }
    return step.isSame ? 0 : 1
  }

  private func write(_ line: String) { try? console.writeLine(console.modelText(line)) }

  /// What is learned: the first examples, with the tokens that count in brackets.
  private static func lines(_ start: TrainingStart) -> [String] {
    ["The loss counts the parts in [brackets]:"]
      + start.examples.map { example in
        "  " + example.pieces.map { $0.counts ? "[\($0.text)]" : $0.text }.joined().onOneLine
      } + [
        "\(start.trainExamples) examples, \(start.evaluationExamples) held out · "
          + "\(start.trainedParameters) of \(start.parameters) parameters · \(start.steps) steps"
          + (start.firstStep > 0 ? ", from \(start.firstStep)" : "")
          + " · needs about \(NumberText.bytes(start.memory)) of memory"
      ]
  }

  /// Each prompt with what the model makes of it and the most probable candidates.
  private static func lines(_ samples: TrainingSamples) -> [String] {
    samples.samples.map { sample in
      let candidates = sample.candidates.prefix(3).map { "\($0.text.onOneLine) \(Self.short($0.probability))" }
      return "step \(samples.step) · \(sample.prompt.onOneLine) → \(sample.text.onOneLine) · "
        + candidates.joined(separator: ", ")
    }
  }

  private static func line(_ step: TrainingStep) -> String {
    "step \(step.step)/\(step.steps) · epoch \(Self.short(step.epoch)) · loss \(Self.short(step.loss)) · "
      + "lr \(Self.short(step.learningRate)) · grad_norm \(Self.short(step.gradientNorm)) · "
      + "\(Int(step.tokensPerSecond)) tokens/s"
  }

  private static func json(_ event: TrainingEvent) -> JSONObject? {
    switch event {
    case .notice: nil
    case .start(let start):
      [
        "type": "start",
        "examples": .array(
          start.examples.map { example in
            .array(example.pieces.map { .object(["text": .text($0.text), "counts": .bool($0.counts)]) })
          }), "train_examples": .integer(start.trainExamples), "eval_examples": .integer(start.evaluationExamples),
        "trained_parameters": .integer(start.trainedParameters), "parameters": .integer(start.parameters),
        "steps": .integer(start.steps), "first_step": .integer(start.firstStep), "memory": .integer(start.memory),
      ]
    case .step(let step):
      [
        "type": "step", "step": .integer(step.step), "epoch": .double(step.epoch), "loss": .double(step.loss),
        "learning_rate": .double(step.learningRate), "grad_norm": .double(step.gradientNorm),
        "tokens_per_s": .double(step.tokensPerSecond),
      ]
    case .evaluation(let step, let epoch, let metrics):
      JSONObject(
        [
          (key: "type", value: "evaluation"), (key: "step", value: .integer(step)),
          (key: "epoch", value: .double(epoch)),
        ] + metrics.map { (key: ByteString("eval_\($0.name)"), value: .double($0.value)) })
    case .samples(let samples):
      [
        "type": "samples", "step": .integer(samples.step),
        "samples": .array(
          samples.samples.map { sample in
            .object([
              "prompt": .text(sample.prompt), "text": .text(sample.text),
              "candidates": .array(
                sample.candidates.map {
                  .object(["text": .text($0.text), "probability": .double($0.probability)])
                }),
            ])
          }),
      ]
    case .saved(let path): ["type": "saved", "path": .text(path)]
    case .paused(let step): ["type": "paused", "step": .integer(step)]
    case .resumed(let step): ["type": "resumed", "step": .integer(step)]
    case .learningRate(let step, let peak):
      ["type": "learning_rate", "step": .integer(step), "peak_learning_rate": .double(peak)]
    }
  }

  /// A number with four significant digits.
  private static func short(_ x: Double) -> String {
    guard x.isFinite, x != 0 else { return "\(x)" }
    var (scale, exponent) = (1.0, 0)
    while abs(x) * scale < 1000, exponent < 30 {
      scale *= 10
      exponent += 1
    }
    return "\((x * scale).rounded() / scale)"
  }
}
