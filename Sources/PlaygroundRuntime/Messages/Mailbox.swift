import PlaygroundApp
import Synchronization
import TerminalUI

/// The queue of messages for the loop. Any thread may post; the loop takes messages in order, signals first.
final class Mailbox: Sendable {
  /// Yields when a message has been posted. Ends with `close()`.
  let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let waiting = Mutex(Waiting())

  /// If at least this many typed or pasted characters are waiting, Escape and Ctrl-C discard them.
  static let longTyping = 1_024

  fileprivate struct Waiting {
    /// The waiting messages are those from index `first` on.
    var messages: [Message] = []
    var first = 0
    var signals: [Message] = []
    /// The number of waiting characters.
    var typed = 0
  }

  init() {
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Adds a message. It replaces the last message if it supersedes that one.
  func post(_ message: Message) {
    waiting.withLock { $0.add(message) }
    wake.yield()
  }

  /// Wakes the loop without a message.
  func nudge() { wake.yield() }

  /// Takes the next message, and returns whether the one after it types a character; `nil` if the queue is empty.
  func next() -> (message: Message, isFollowedByTyping: Bool)? { waiting.withLock { $0.next() } }

  /// The number of waiting typed or pasted characters.
  var typed: Int { waiting.withLock { $0.typed } }

  /// Whether the queue is empty.
  var isEmpty: Bool { waiting.withLock { $0.signals.isEmpty && $0.first == $0.messages.count } }

  /// Ends `wakes`.
  func close() { wake.finish() }
}

extension Mailbox.Waiting {
  fileprivate mutating func add(_ message: Message) {
    switch message {
    case .input(.signal): signals.append(message)
    case .input(.key(let stroke)) where typed >= Mailbox.longTyping && stroke.stopsTyping:
      let left = typed
      messages = messages[first...].filter { $0.typedCount == 0 }
      (first, typed) = (0, 0)
      messages.append(.notice("stopped: \(left) characters of what was typed or pasted are left out"))
    default:
      if messages.count > first, let last = messages.last, message.supersedes(last) { messages.removeLast() }
      typed += message.typedCount
      messages.append(message)
    }
  }

  fileprivate mutating func next() -> (message: Message, isFollowedByTyping: Bool)? {
    if !signals.isEmpty { return (signals.removeFirst(), false) }
    guard first < messages.count else { return nil }
    let message = messages[first]
    first += 1
    let isFollowed = first < messages.count && messages[first].isTyping
    typed -= message.typedCount
    if first == messages.count {
      (messages, first) = ([], 0)
    } else if first > 4_096, first > messages.count / 2 {
      messages.removeFirst(first)
      first = 0
    }
    return (message, isFollowed)
  }
}

extension KeyStroke {
  /// Whether the key stops a long paste.
  fileprivate var stopsTyping: Bool { self == KeyStroke(.escape) || self == KeyStroke("c", .control) }
}

extension Message {
  /// The number of characters that the message types; for pasted text, the number of bytes.
  var typedCount: Int {
    switch self {
    case .input(.key): isTyping ? 1 : 0
    case .input(.paste(let text)): text.utf8.count
    default: 0
    }
  }

  /// Whether this message makes an older one of the same kind obsolete.
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
