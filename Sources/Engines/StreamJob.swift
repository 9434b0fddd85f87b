import EngineAPI
import Generation
import Synchronization

/// A stream that runs: what its listener hears, and whether it has left.
final class StreamJob {
  /// Says that the work is not wanted any more; set from anywhere, read before each step.
  final class Leaving: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
  }

  let model: LoadedModel
  let stream: TokenStream
  let leaving: Leaving
  private let listener: AsyncStream<TokenEvent>.Continuation
  private let watch = StopWatch()
  private let cached: Int
  private var promptSeconds: Double?
  private(set) var isFinished = false

  init(
    model: LoadedModel, stream: TokenStream, leaving: Leaving, listener: AsyncStream<TokenEvent>.Continuation
  ) {
    self.model = model
    self.stream = stream
    self.leaving = leaving
    self.listener = listener
    cached = min(stream.sequence.ids.count, stream.startCount)
  }

  /// Ends the stream before its next step.
  func stop() { leaving.set() }

  /// Tells the listener what a step brought.
  func tell(_ event: StreamEvent) {
    switch event {
    case .prompt(let done, let total): listener.yield(.prompt(done: done, total: total))
    case .token(let token, let text):
      if promptSeconds == nil { promptSeconds = watch.seconds }
      listener.yield(.token(ScoredToken(token, model.token), text: text))
    case .finished(let end, let text): finish(FinishReason(end), text: text)
    case .failed(let error): finish(.failed(EngineError(error)))
    }
  }

  /// Tells the listener the end.
  func finish(_ reason: FinishReason, text: String = "") {
    guard !isFinished else { return }
    isFinished = true
    model.memory.settle(stream.sequence)
    let seconds = watch.seconds
    let prompt = promptSeconds ?? seconds
    let timing = GenerationTiming(
      promptSeconds: prompt, generateSeconds: seconds - prompt, promptTokens: stream.startCount - cached,
      tokens: stream.tokens.count, guessed: stream.tally.guessed, guessedRight: stream.tally.right)
    listener.yield(.finished(reason, text: text, timing: timing))
    listener.finish()
  }
}

extension FinishReason {
  init(_ end: TextEnd) {
    switch end {
    case .stop: self = .stop
    case .length: self = .length
    case .time: self = .time
    case .endOfText: self = .endOfText
    case .interrupted: self = .interrupted
    }
  }
}
