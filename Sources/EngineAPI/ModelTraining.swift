/// The role of training models.
public protocol ModelTraining: Engine {
  /// Trains a model and writes it to a folder. Cancelling the task saves a checkpoint and ends the run.
  /// - Parameter report: called for every event, in order.
  func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult

  /// Sends a command to a run in progress.
  /// - Parameter output: the folder that the run writes, as its request names it.
  /// - Throws: an error of kind `.usage` if no run writes this folder or the learning rate is not a finite number of at
  ///   least 0.
  func steerTraining(_ output: String, _ command: TrainingCommand) async throws(EngineError)

  /// Reads what a run has recorded: its folder, the event files of TensorBoard in a folder, or one such file.
  func trainingHistory(_ path: String) async throws(EngineError) -> TrainingHistory

  /// Repeats the step that a stopped run kept, without changing weights.
  /// - Parameter bundle: the folder that the run kept.
  func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep
}

/// A request to train a model.
public struct TrainRequest: Sendable, Hashable {
  /// The model to start from; with `fromScratch` only its configuration and tokenizer are used.
  public var model: ModelReference
  /// What is learned.
  public var objective: TrainingObjective
  /// The examples.
  public var trainFiles: [String]
  /// Held-out examples, or `nil`.
  public var validationFile: String?
  /// The folder to write: the model at the end, the log and the checkpoints.
  public var output: String
  /// True to start from random weights.
  public var fromScratch: Bool
  /// The options.
  public var options: TrainingOptions

  /// A request with these values.
  public init(
    model: ModelReference, objective: TrainingObjective, trainFiles: [String], validationFile: String? = nil,
    output: String, fromScratch: Bool = false, options: TrainingOptions = TrainingOptions()
  ) {
    self.model = model
    self.objective = objective
    self.trainFiles = trainFiles
    self.validationFile = validationFile
    self.output = output
    self.fromScratch = fromScratch
    self.options = options
  }
}

/// Something that happens during a run.
public enum TrainingEvent: Sendable, Hashable {
  /// What will be learned, before the first step.
  case start(TrainingStart)
  /// A step of the optimizer.
  case step(TrainingStep)
  /// Results by name: `loss`, `accuracy` and others on the held-out examples, `kl` on the fixed text.
  case evaluation(step: Int, epoch: Double, metrics: [TrainingMetric])
  /// What the model makes of the fixed prompts: before the first step and at every evaluation.
  case samples(TrainingSamples)
  /// A checkpoint or the model was written.
  case saved(path: String)
  /// The run waits after a step.
  case paused(step: Int)
  /// The run continues after a pause.
  case resumed(step: Int)
  /// The peak learning rate changes after this step.
  case learningRate(step: Int, peak: Double)
  /// A remark for the user.
  case notice(String)
}

/// A figure of an evaluation.
public struct TrainingMetric: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The figure.
  public var value: Double

  /// A figure with its name.
  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// What a run learns, as known before its first step.
public struct TrainingStart: Sendable, Hashable {
  /// An example with the pieces of its tokens; those that count are marked.
  public struct Example: Sendable, Hashable {
    /// The pieces in order, and whether the loss counts each.
    public var pieces: [Piece]

    /// A piece of text.
    public struct Piece: Sendable, Hashable {
      /// The text.
      public var text: String
      /// Whether the loss counts it.
      public var counts: Bool

      /// A piece of text.
      public init(text: String, counts: Bool) {
        self.text = text
        self.counts = counts
      }
    }

    /// An example of these pieces.
    public init(pieces: [Piece]) { self.pieces = pieces }
  }

  /// The first examples of the run.
  public var examples: [Example]
  /// The number of examples to learn from, and of those held out.
  public var trainExamples: Int
  /// Held-out examples.
  public var evaluationExamples: Int
  /// Parameters that are trained, and all parameters.
  public var trainedParameters: Int
  /// All parameters.
  public var parameters: Int
  /// Steps of the optimizer in the whole run, and the one that the run begins after.
  public var steps: Int
  /// Steps that were made before.
  public var firstStep: Int
  /// The memory that the run will need, in bytes.
  public var memory: Int

  /// A start with these values.
  public init(
    examples: [Example], trainExamples: Int, evaluationExamples: Int, trainedParameters: Int, parameters: Int,
    steps: Int, firstStep: Int, memory: Int
  ) {
    self.examples = examples
    self.trainExamples = trainExamples
    self.evaluationExamples = evaluationExamples
    self.trainedParameters = trainedParameters
    self.parameters = parameters
    self.steps = steps
    self.firstStep = firstStep
    self.memory = memory
  }
}

/// A step of the optimizer.
public struct TrainingStep: Sendable, Hashable {
  /// The number of the step, from 1.
  public var step: Int
  /// Steps of the whole run.
  public var steps: Int
  /// Epochs so far, with their fraction.
  public var epoch: Double
  /// The mean loss of a target, in nats.
  public var loss: Double
  /// The learning rate.
  public var learningRate: Double
  /// The norm of all gradients before clipping.
  public var gradientNorm: Double
  /// Tokens read in the step, and seconds that it took.
  public var tokens: Int
  /// Seconds that it took.
  public var seconds: Double
  /// The peak memory of the process, in bytes; `nil` if it is unknown.
  public var memory: Int?
  /// Seconds until the end of the run at its mean pace, pauses left out; `nil` if it is unknown.
  public var secondsLeft: Double?

  /// A step with these values.
  public init(
    step: Int, steps: Int, epoch: Double, loss: Double, learningRate: Double, gradientNorm: Double, tokens: Int,
    seconds: Double, memory: Int? = nil, secondsLeft: Double? = nil
  ) {
    self.step = step
    self.steps = steps
    self.epoch = epoch
    self.loss = loss
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.tokens = tokens
    self.seconds = seconds
    self.memory = memory
    self.secondsLeft = secondsLeft
  }

  /// Tokens read in a second.
  public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }
}

/// How a run ended.
public struct TrainResult: Sendable, Hashable {
  /// The folder with the model.
  public var path: String
  /// Steps of the optimizer so far.
  public var step: Int
  /// The last loss.
  public var loss: Double?
  /// The last evaluation.
  public var metrics: [TrainingMetric]

  /// A result with these values.
  public init(path: String, step: Int, loss: Double?, metrics: [TrainingMetric]) {
    self.path = path
    self.step = step
    self.loss = loss
    self.metrics = metrics
  }
}

/// A step that was computed again from a bundle.
public struct ReplayedStep: Sendable, Hashable {
  /// The number of the step, from 1.
  public var step: Int
  /// The loss, the mean of all targets.
  public var loss: Double
  /// The norm of all gradients.
  public var gradientNorm: Double
  /// The first tensor with a number that is not finite, if there is one.
  public var place: String?
  /// Whether loss and norm have the bits that the run saw.
  public var isSame: Bool

  /// A step with these values.
  public init(step: Int, loss: Double, gradientNorm: Double, place: String?, isSame: Bool) {
    self.step = step
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.place = place
    self.isSame = isSame
  }
}
