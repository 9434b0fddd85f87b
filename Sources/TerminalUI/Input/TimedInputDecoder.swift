/// An `InputDecoder` with patience: how long a lone Escape waits for the rest of a sequence.
///
/// Over a slow link the bytes of one key can come apart: `ESC` now and `[C` 30 ms later are still the right arrow. A
/// lone Escape counts as the key once nothing has followed it for `patience` seconds. The clock is the caller's: times
/// are seconds of any monotonic clock.
public struct TimedInputDecoder: Sendable {
  /// The patience that fits most links, in seconds; below what a person notices after Escape.
  public static let standardPatience = 0.1

  /// How long an unfinished sequence is waited for, in seconds.
  public let patience: Double
  /// When `expire(at:)` is to be called; nil where nothing waits.
  public private(set) var deadline: Double?
  private var decoder = InputDecoder()

  /// A decoder that has seen nothing.
  public init(patience: Double = TimedInputDecoder.standardPatience) { self.patience = patience }

  /// The events that `bytes`, read at `time`, complete.
  ///
  /// Bytes join an unfinished sequence even after the deadline, as long as `expire(at:)` was not called: a late timer
  /// must not break a key whose bytes have already come.
  public mutating func feed(_ bytes: some Sequence<UInt8>, at time: Double) -> [InputEvent] {
    let events = decoder.feed(bytes)
    deadline = decoder.needsFlush ? time + patience : nil
    return events
  }

  /// What an unfinished sequence stands for once its patience is over; nothing before its deadline.
  public mutating func expire(at time: Double) -> [InputEvent] {
    guard let deadline, time >= deadline else { return [] }
    self.deadline = nil
    return decoder.flush()
  }
}
