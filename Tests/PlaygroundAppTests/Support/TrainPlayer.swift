import EngineAPI
import TerminalUI

@testable import PlaygroundApp

extension PlaygroundState {
  /// The Train tab.
  var train: TrainState {
    get { tabs[TrainState.self] }
    set { tabs[TrainState.self] = newValue }
  }
}

/// The events of runs that no engine makes: a classifier of films, and a writer of stories.
enum ScriptedRun {
  /// The loss of a step: it falls, with a noise that is the same in every run.
  static func loss(_ step: Int, lowest: Double = 0.3) -> Double {
    let noise = Double((step * 7919 + step * step * 31) % 1000) / 1000 - 0.5
    return lowest + 0.42 / (1 + Double(step) / 80) + noise * 0.08
  }

  private static func labels(_ prompt: String, _ positive: Double) -> TrainingSample {
    let both = [("positive", positive), ("negative", 1 - positive)].sorted { $0.1 > $1.1 }
    return TrainingSample(
      prompt: prompt, text: both[0].0,
      candidates: both.map { TrainingSample.Candidate(text: $0.0, probability: $0.1) })
  }

  private static func story(_ prompt: String, _ text: String, _ candidates: [(String, Double)]) -> TrainingSample {
    TrainingSample(
      prompt: prompt, text: text,
      candidates: candidates.map { TrainingSample.Candidate(text: $0.0, probability: $0.1) })
  }

  /// What the classifier says at a step.
  static func labels(at step: Int) -> TrainingSamples {
    let far = Double(step) / Double(step + 80)
    return TrainingSamples(
      step: step,
      samples: [
        labels("a dull, lifeless film", 0.52 - 0.5 * far), labels("moving and often very funny", 0.55 + 0.42 * far),
        labels("the actors try, the script does not", 0.53 - 0.2 * far),
      ])
  }

  /// What the writer says at a step.
  static func stories(at step: Int) -> TrainingSamples {
    let far = Double(step) / Double(step + 80)
    let early = far < 0.5
    return TrainingSamples(
      step: step,
      samples: [
        story(
          "Once upon a time", early ? ", the the a of and was the" : ", there was a little mouse who lived in a barn",
          [(",", 0.2 + 0.6 * far), (" there", 0.1), (" the", 0.08 - 0.06 * far), (" a", 0.02)]),
        story(
          "The queen said", early ? " to the a of the king" : " to the king that the river was cold",
          [(" to", 0.3 + 0.2 * far), (",", 0.2), (" that", 0.05 + 0.1 * far)]),
      ])
  }

  /// The events of a run up to a step; an evaluation with samples every 50 steps.
  static func events(
    to last: Int, of steps: Int = 1200, from first: Int = 0, samples: (Int) -> TrainingSamples? = labels(at:)
  ) -> [TrainingEvent] {
    var events: [TrainingEvent] = []
    if first == 0 {
      let pieces = [("a dull, lifeless film", false), (" → ", false), ("negative", true)]
      events.append(
        .start(
          TrainingStart(
            examples: Array(
              repeating: TrainingStart.Example(
                pieces: pieces.map { TrainingStart.Example.Piece(text: $0.0, counts: $0.1) }), count: 3),
            trainExamples: 9600, evaluationExamples: 2400, trainedParameters: 10_400_000, parameters: 10_400_000,
            steps: steps, firstStep: 0, memory: 412_000_000)))
      if let samples = samples(0) { events.append(.samples(samples)) }
    }
    for step in max(1, first + 1)...max(1, last) where step <= last {
      events.append(
        .step(
          TrainingStep(
            step: step, steps: steps, epoch: Double(step) / 400, loss: loss(step),
            learningRate: 5e-4 * (1 - Double(step) / Double(steps)), gradientNorm: 0.5 + loss(step), tokens: 2140,
            seconds: 1, memory: 412_000_000, secondsLeft: Double(steps - step) / 20)))
      guard step % 50 == 0 else { continue }
      events.append(
        .evaluation(
          step: step, epoch: Double(step) / 400,
          metrics: [
            TrainingMetric("loss", loss(step / 50 * 50 - 7) + 0.04 + (step > 350 ? 0.03 : 0)),
            TrainingMetric("accuracy", 0.5 + 0.4 * Double(step) / Double(step + 80)),
            TrainingMetric("kl", 0.4 * Double(step) / Double(step + 80)),
          ]))
      if let samples = samples(step) { events.append(.samples(samples)) }
    }
    return events
  }

  /// A run that was recorded elsewhere.
  static func history(_ path: String, lowest: Double, to last: Int = 800) -> TrainingHistory {
    let training = (1...last).map { TrainingHistory.Series.Point(step: $0, value: loss($0, lowest: lowest)) }
    let heldOut = stride(from: 100, through: last, by: 100).map {
      TrainingHistory.Series.Point(step: $0, value: loss($0 - 3, lowest: lowest) + 0.05)
    }
    return TrainingHistory(
      path: path,
      series: [
        TrainingHistory.Series(name: "train/loss", points: training),
        TrainingHistory.Series(name: "eval/loss", points: heldOut),
      ])
  }
}

extension Player {
  /// A playground with the Train tab open.
  static func training(_ size: Size = Size(120, 36)) -> Player {
    Player(size.width, size.height, task: .train)
  }

  /// The last request to train, with its ticket.
  var trainRequest: (ticket: Ticket, request: TrainRequest)? {
    for case .train(let ticket, let request) in effects.reversed() { return (ticket, request) }
    return nil
  }

  /// The commands to runs so far.
  var commands: [TrainingCommand] {
    effects.compactMap { if case .steer(_, output: _, let command) = $0 { command } else { nil } }
  }

  /// Fills the form, in place of typing.
  mutating func fill(_ values: [String: String]) {
    change { state in
      for (name, value) in values { state.train.form[name] = value }
    }
  }

  /// Starts a run by the form.
  mutating func startRun(_ output: String = "./critic", _ values: [String: String] = [:]) {
    fill(["model": "cloze", "objective": "classify", "train_file": "films.tsv", "output_dir": output])
    fill(values)
    press("enter")
  }

  /// Sends events of the run that is being trained.
  mutating func tell(_ events: [TrainingEvent]) {
    guard let ticket = trainRequest?.ticket else { return }
    for event in events { send(.training(ticket, event)) }
  }

  /// Ends the run that is being trained.
  mutating func endRun(_ result: Result<TrainResult, EngineError>) {
    guard let ticket = trainRequest?.ticket else { return }
    send(.trained(ticket, result))
  }

  /// Opens a recorded run by its path.
  mutating func openRun(_ history: TrainingHistory) {
    histories[history.path] = history
    press(state.train.showsForm ? "alt-o" : "o")
    type(history.path)
    press("enter")
  }
}
