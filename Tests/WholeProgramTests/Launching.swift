import Foundation

extension Process {
  /// Starts the process with no signal blocked. The threads that tests run on block most signals, and a child that
  /// inherited that would never hear of them.
  func runHearingSignals() throws {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
