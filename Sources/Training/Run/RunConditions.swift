import EngineAPI

/// The inputs of a run in progress: commands, clocks and memory use. All closures are called on the run's own thread.
public struct RunConditions {
  /// Called before each pass. If it returns `true`, the step is discarded, and the run ends or follows its commands.
  public var isInterrupted: () -> Bool
  /// Returns the commands since the last call. With `true` it blocks until there is a command or an interruption.
  public var commands: (_ waits: Bool) -> [TrainingCommand]
  /// The time in seconds.
  public var now: () -> Double
  /// The time in seconds since 1970, for event files.
  public var wallTime: () -> Double
  /// The memory in use, in bytes; `nil` if it is unknown.
  public var memory: () -> Int?

  /// Conditions of a run; by default nothing interrupts it, and time and memory are unknown.
  public init(
    isInterrupted: @escaping () -> Bool = { false },
    commands: @escaping (_ waits: Bool) -> [TrainingCommand] = { _ in [] }, now: @escaping () -> Double = { 0 },
    wallTime: @escaping () -> Double = { 0 }, memory: @escaping () -> Int? = { nil }
  ) {
    self.isInterrupted = isInterrupted
    self.commands = commands
    self.now = now
    self.wallTime = wallTime
    self.memory = memory
  }
}

/// The time that a run spends on its steps.
struct RunPace {
  private let now: () -> Double
  private let begin: Double
  private let firstStep: Int
  private var paused = 0.0

  init(_ now: @escaping () -> Double, firstStep: Int) {
    self.now = now
    begin = now()
    self.firstStep = firstStep
  }

  /// Leaves out the time of a pause.
  mutating func leaveOut(since start: Double) { paused += now() - start }

  /// Seconds that the rest of the run takes at the mean pace so far; `nil` if the time is unknown.
  func secondsLeft(step: Int, of steps: Int) -> Double? {
    let spent = now() - begin - paused
    guard step > firstStep, spent > 0 else { return nil }
    return spent / Double(step - firstStep) * Double(steps - step)
  }
}
