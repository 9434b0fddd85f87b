import PlaygroundApp
import Synchronization

/// Where messages wait for the loop: anybody posts, from any thread; the loop takes all that wait at once.
final class Mailbox: Sendable {
  /// Tells that something was posted since the last taking. Ends with `close()`.
  let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let waiting = Mutex<[Message]>([])

  init() {
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Adds a message, or puts it in the place of the last one if that is older news of the same.
  func post(_ message: Message) {
    waiting.withLock { waiting in
      if let last = waiting.last, message.supersedes(last) { waiting.removeLast() }
      waiting.append(message)
    }
    wake.yield()
  }

  /// Wakes the loop without a message.
  func nudge() { wake.yield() }

  /// All that waits, in the order of posting.
  func take() -> [Message] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }

  /// Ends `wakes`.
  func close() { wake.finish() }
}

extension Message {
  /// Whether this is newer news of the same thing, so that nobody needs to see the older one.
  func supersedes(_ older: Message) -> Bool {
    switch (self, older) {
    case (.input(.resize), .input(.resize)): true
    case (.loading(let model, _), .loading(let other, _)): model == other
    case (.beamProgress(let ticket, _), .beamProgress(let other, _)): ticket == other
    case (.stream(let ticket, .prompt, _), .stream(let other, .prompt, _)): ticket == other
    default: false
    }
  }
}
