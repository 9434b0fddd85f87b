import Foundation

extension Process {
  /// Starts the process with no signal blocked. The threads of tests block most signals; a child would inherit that and
  /// never receive them.
  func runWithSignalsUnblocked() throws {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
