import CNCurses
import CShortage
import Dispatch
import Foundation
import TerminalUI

/// Reads terminal input and the signal pipe on the main queue.
@MainActor
final class EventPump {
  private let emit: @MainActor (InputEvent) -> Void
  private let signal: @MainActor (Int32) -> Void
  private var decoder: TimedInputDecoder
  private var input: (any DispatchSourceRead)?
  private var signals: (any DispatchSourceRead)?
  private var flush: DispatchWorkItem?
  private var isPaused = false

  /// Creates a pump that delivers input events and signal numbers. `pipe` is the read end of the signal pipe; negative
  /// for none.
  init(
    signals pipe: Int32, patience: Double, emit: @escaping @MainActor (InputEvent) -> Void,
    signal: @escaping @MainActor (Int32) -> Void
  ) {
    decoder = TimedInputDecoder(patience: patience)
    self.emit = emit
    self.signal = signal
    if pipe >= 0 { signals = source(pipe) { $0.readSignals(pipe) } }
    input = source(STDIN_FILENO) { $0.readInput() }
  }

  /// Stops reading input, for another process that uses the terminal.
  func pause() {
    guard !isPaused else { return }
    isPaused = true
    input?.suspend()
  }

  /// Resumes reading.
  func unpause() {
    guard isPaused else { return }
    isPaused = false
    input?.resume()
  }

  /// Stops permanently.
  func cancel() {
    // Releasing a suspended dispatch source is an error.
    unpause()
    input?.cancel()
    signals?.cancel()
    flush?.cancel()
    (input, signals, flush) = (nil, nil, nil)
  }

  private func source(
    _ descriptor: Int32, _ handler: @escaping @MainActor (EventPump) -> Void
  ) -> any DispatchSourceRead {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .main)
    source.setEventHandler { [weak self] in
      MainActor.assumeIsolated { if let self { handler(self) } }
    }
    source.activate()
    return source
  }

  private func readInput() {
    // Another process may have read the bytes during a pause; a read would then block until the next key.
    var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard !isPaused, poll(&waiting, 1, 0) != 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 {
      decoder.feed(bytes[..<count], at: EventPump.now).forEach(emit)
      scheduleFlush()
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      // The terminal was closed.
      input?.cancel()
      input = nil
      emit(.signal(.hangup))
    }
  }

  /// The time of a monotonic clock in seconds.
  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  private func scheduleFlush() {
    flush?.cancel()
    flush = nil
    guard let deadline = decoder.deadline else { return }
    let item = DispatchWorkItem { [weak self] in
      MainActor.assumeIsolated { self?.expire() }
    }
    flush = item
    // Add a millisecond, so that rounding cannot fire the timer before the deadline.
    let delay = Int(((deadline - EventPump.now) * 1_000).rounded(.up)) + 1
    DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(max(1, delay)), execute: item)
  }

  private func expire() {
    // Bytes that have already arrived belong to the sequence, even if this timer fires late.
    var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    if !isPaused, input != nil, poll(&waiting, 1, 0) > 0 { return readInput() }
    decoder.expire(at: EventPump.now).forEach(emit)
    scheduleFlush()
  }

  private func readSignals(_ pipe: Int32) {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(pipe, &bytes, bytes.count)
    guard count > 0 else { return }
    // Resizing a window sends many SIGWINCH; one is enough.
    var seen: [UInt8] = []
    for byte in bytes[..<count] where !(byte == UInt8(SIGWINCH) && seen.contains(byte)) { seen.append(byte) }
    for byte in seen { signal(Int32(byte)) }
  }
}

/// Restores the terminal however the process ends. All calls to `lifeline.h` are here.
@MainActor
enum Lifeline {
  /// Signals delivered as events.
  static let watched: [Int32] = [SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT]

  /// Saves the terminal's modes and the bytes that restore its screen. Afterwards crashes restore the terminal, and
  /// watched signals are written to a pipe, one byte each. Call it before ncurses starts, because ncurses only handles
  /// signals that have no handler.
  ///
  /// - Returns: The descriptor to read signals from; negative if there is none.
  static func prepare(restoring bytes: String) -> Int32 {
    cn_remember_modes()
    setRestore(bytes)
    cs_watch()
    cs_set_farewell { cn_give_back() }
    cn_give_back_at_exit()
    let descriptor = cn_open_signal_pipe()
    if descriptor >= 0 { watched.forEach(cn_watch_signal) }
    return descriptor
  }

  private static func setRestore(_ bytes: String) {
    let bytes = Array(bytes.utf8)
    bytes.withUnsafeBytes { cn_set_restore($0.baseAddress, $0.count) }
  }

  /// Sets whether the program's screen is active and must be restored.
  static func setActive(_ active: Bool) { cn_set_active(active) }

  /// Writes to the terminal, bypassing ncurses.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { cn_write($0.baseAddress, $0.count) }
  }

  /// Watches a signal.
  static func watch(_ signal: Int32) { cn_watch_signal(signal) }

  /// Restores the default action of a signal.
  static func unwatch(_ signal: Int32) { cn_unwatch_signal(signal) }

  /// Restores the default action of all watched signals.
  static func release() {
    watched.forEach(cn_unwatch_signal)
    cs_set_farewell(nil)
  }
}
