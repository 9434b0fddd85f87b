/// A command to a run in progress. The run follows it between two steps.
public enum TrainingCommand: Sendable, Hashable {
  /// Wait after the current step.
  case pause
  /// Continue after a pause.
  case resume
  /// Set the peak learning rate of the schedule from the next step on.
  case setLearningRate(Double)
  /// Write a checkpoint.
  case save
  /// End the run: write a checkpoint, and the model as at the end of a run. A step that is being computed is given up.
  case stop
}

/// A model's output for a fixed prompt at one step of a run.
public struct TrainingSample: Sendable, Hashable {
  /// A candidate with its probability.
  public struct Candidate: Sendable, Hashable {
    /// The token or the label.
    public var text: String
    /// Its probability, 0…1.
    public var probability: Double

    /// A candidate with its probability.
    public init(text: String, probability: Double) {
      self.text = text
      self.probability = probability
    }
  }

  /// The prompt.
  public var prompt: String
  /// What the model makes of it: the most probable continuation or answer without the prompt, the text with its masks
  /// filled, the most probable label, or the words with their labels.
  public var text: String
  /// The most probable first tokens of the continuation, fillings of the first mask, labels of the text, or labels of
  /// the first word; the most probable first.
  public var candidates: [Candidate]

  /// A sample with these values.
  public init(prompt: String, text: String, candidates: [Candidate]) {
    self.prompt = prompt
    self.text = text
    self.candidates = candidates
  }
}

/// The samples of one step, in the order of the prompts.
public struct TrainingSamples: Sendable, Hashable {
  /// Steps so far; 0 before the first one.
  public var step: Int
  /// One sample for each prompt.
  public var samples: [TrainingSample]

  /// The samples of a step.
  public init(step: Int, samples: [TrainingSample]) {
    self.step = step
    self.samples = samples
  }
}

/// The figures and samples that a run has recorded.
public struct TrainingHistory: Sendable, Hashable {
  /// A figure over the steps.
  public struct Series: Sendable, Hashable {
    /// A value at a step.
    public struct Point: Sendable, Hashable {
      /// The step.
      public var step: Int
      /// The value, which may be infinite or not a number.
      public var value: Double

      /// A value at a step.
      public init(step: Int, value: Double) {
        self.step = step
        self.value = value
      }
    }

    /// The name, as TensorBoard shows it: `train/loss`, `train/learning_rate`, `train/grad_norm`, `eval/loss`.
    public var name: String
    /// The points in the order of their steps.
    public var points: [Point]

    /// A figure with its points.
    public init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// The file or folder that was read.
  public var path: String
  /// The figures in the order in which they first occur.
  public var series: [Series]
  /// The samples in the order of their steps; none in event files.
  public var samples: [TrainingSamples]

  /// A history with these values.
  public init(path: String, series: [Series], samples: [TrainingSamples] = []) {
    self.path = path
    self.series = series
    self.samples = samples
  }
}
