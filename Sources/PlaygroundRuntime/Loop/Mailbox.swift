import PlaygroundApp
import Synchronization
import TerminalUI

/// Where messages wait for the loop: anybody posts, from any thread; the loop takes them in their order. Signals come
/// before everything else.
final class Mailbox: Sendable {
  /// Tells that something was posted since the last taking. Ends with `close()`.
  let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let waiting = Mutex(Waiting())

  /// With so many characters typed or pasted that wait, Escape and Ctrl-C are meant for them.
  static let longTyping = 1_024

  fileprivate struct Waiting {
    /// The messages from `first` on.
    var messages: [Message] = []
    var first = 0
    var signals: [Message] = []
    /// How many characters are among what waits.
    var typed = 0
  }

  init() {
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Adds a message, or puts it in the place of the last one if that is older news of the same.
  func post(_ message: Message) {
    waiting.withLock { $0.add(message) }
    wake.yield()
  }

  /// Wakes the loop without a message.
  func nudge() { wake.yield() }

  /// The next message, and whether the one behind it types a character; `nil` where none waits.
  func next() -> (message: Message, isFollowedByTyping: Bool)? { waiting.withLock { $0.next() } }

  /// All that waits.
  func take() -> [Message] {
    waiting.withLock { waiting in
      var all: [Message] = []
      while let next = waiting.next() { all.append(next.message) }
      return all
    }
  }

  /// How many characters wait that were typed or pasted.
  var typed: Int { waiting.withLock { $0.typed } }

  /// Whether nothing waits.
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
  /// How many characters (of pasted text: bytes) the message types.
  fileprivate var typedCount: Int {
    switch self {
    case .input(.key): isTyping ? 1 : 0
    case .input(.paste(let text)): text.utf8.count
    default: 0
    }
  }

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
