import EngineAPI

/// Reads lines and signals, one after the other, until the dialogue ends.
struct ChatLoop {
  let dialogue: ChatDialogue
  let run: CommandRun
  let form: OutputForm

  private enum Event: Sendable {
    case line(Result<[UInt8]?, ReadingError>)
    case answered(Result<ChatDialogue.Outcome, any Error>)
    case signal(EndSignal)
  }

  /// The prompt of a terminal.
  private static let prompt = "you> "

  private var isInteractive: Bool { run.context.terminal.input && run.console.isTerminal }

  /// Runs the dialogue and returns the exit code.
  func run() async throws -> Int32 {
    let (events, post) = AsyncStream<Event>.makeStream()
    let signals = run.context.signals()
    let watch = Task { for await signal in signals { post.yield(.signal(signal)) } }
    defer { watch.cancel() }
    var work: Task<Void, Never>?
    // Whether the last event was Ctrl-C, so that another one leaves.
    var hasStopped = false
    try ask(post)
    for await event in events {
      switch event {
      case .signal(.interrupt):
        if hasStopped { return EndSignal.interrupt.exitCode }
        hasStopped = true
        if let work {
          work.cancel()
        } else {
          noteLeaving()
          try showPrompt()
        }
      case .signal(let signal):
        work?.cancel()
        return signal.exitCode
      case .line(let line):
        hasStopped = false
        guard let bytes = try Self.bytes(line) else {
          if isInteractive { try run.console.writeLine() }
          return 0
        }
        if isInteractive { run.console.didReadLine() }
        let text = try String(line: bytes, of: "standard input")
        work = Task { [dialogue] in
          let result: Result<ChatDialogue.Outcome, any Error>
          do { result = .success(try await dialogue.take(text)) } catch { result = .failure(error) }
          post.yield(.answered(result))
        }
      case .answered(let result):
        work = nil
        switch try outcome(result) {
        case .end: return 0
        // After an interrupted answer, a pipe is not read further; a terminal asks for the next line.
        case .interrupted where hasStopped && !isInteractive: return EndSignal.interrupt.exitCode
        // Ctrl-C came when the line was done.
        case .nextLine where hasStopped: noteLeaving()
        case .nextLine, .interrupted: break
        }
        try ask(post)
      }
    }
    return 0
  }

  private func noteLeaving() { run.console.note("Ctrl-C once more leaves, as /quit does") }

  private func showPrompt() throws(CommandError) {
    if isInteractive, form == .text { try run.console.write(run.console.ink(Self.prompt, .dim)) }
  }

  /// Asks for the next line.
  private func ask(_ post: AsyncStream<Event>.Continuation) throws(CommandError) {
    try showPrompt()
    let read = run.context.readLine
    Task {
      do throws(ReadingError) {
        post.yield(.line(.success(try await read(TextInput.limit))))
      } catch {
        post.yield(.line(.failure(error)))
      }
    }
  }

  private static func bytes(_ line: Result<[UInt8]?, ReadingError>) throws(CommandError) -> [UInt8]? {
    switch line {
    case .success(let bytes): return bytes
    case .failure(let error): throw CommandError(error, reading: "standard input")
    }
  }

  /// What to do after a line was handled. Over a pipe, an error ends the dialogue; at a terminal it is printed, and the
  /// dialogue goes on.
  private func outcome(_ result: Result<ChatDialogue.Outcome, any Error>) throws -> ChatDialogue.Outcome {
    switch result {
    case .success(let outcome): return outcome
    case .failure(let error):
      let problem = CommandError(error)
      switch problem {
      case .interrupted: return .interrupted
      case .outputClosed: throw problem
      default:
        guard isInteractive else { throw problem }
        run.console.report(problem)
        return .nextLine
      }
    }
  }
}
