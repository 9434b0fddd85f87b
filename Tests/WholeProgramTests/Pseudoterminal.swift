import Foundation
import TestSupport
import Testing

/// The program on a pseudoterminal that a test reads and writes byte by byte.
final class Pseudoterminal {
  let program: RunningProgram
  /// All bytes received by the terminal so far.
  private(set) var output: [UInt8] = []
  private let master: Int32
  private let terminal: Int32
  private let before: termios

  init(
    _ arguments: [String], home: String, environment: [String: String] = [:], columns: UInt16 = 80, rows: UInt16 = 24
  ) throws {
    let name: String
    (master, name) = try Self.open()
    terminal = Foundation.open(name, O_RDWR | O_NOCTTY)
    try #require(terminal >= 0)
    // The test must not block when it writes to a program that does not read, and other children must not inherit its
    // descriptors.
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    for descriptor in [master, terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    // Without echo and signal keys only the program writes here, also after it has ended.
    var quiet = Self.settings(terminal)
    quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
    tcsetattr(terminal, TCSANOW, &quiet)
    before = Self.settings(terminal)
    let changes = ["TERM": "xterm-256color", "HOME": home, "EDITOR": "true"].merging(environment) { $1 }
    program = RunningProgram(arguments, environment: changes)
    let handle = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    (program.process.standardInput, program.process.standardOutput, program.process.standardError) =
      (handle, handle, handle)
    setSize(columns: columns, rows: rows)
    try program.start()
  }

  deinit {
    close(master)
    close(terminal)
  }

  /// Opens a terminal. Returns the test's end and the name of the other end.
  private static func open() throws -> (master: Int32, name: String) {
    #if os(Linux)
      // glibc's functions for this are not visible in Swift; they make these requests.
      let master = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var isLocked: Int32 = 0
      var number: UInt32 = 0
      try #require(
        master >= 0 && ioctl(master, 0x4004_5431, &isLocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
      return (master, "/dev/pts/\(number)")
    #else
      let master = posix_openpt(O_RDWR | O_NOCTTY)
      try #require(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
      return (master, try #require(ptsname(master).map { String(cString: $0) }))
    #endif
  }

  private static func settings(_ descriptor: Int32) -> termios {
    var found = termios()
    tcgetattr(descriptor, &found)
    return found
  }

  /// Whether the terminal's settings are those from before the program.
  var isRestored: Bool {
    let now = Self.settings(terminal)
    return now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag && now.c_lflag == before.c_lflag
  }

  private func setSize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Changes the size and notifies the program, as a terminal does.
  func resize(columns: UInt16, rows: UInt16) {
    setSize(columns: columns, rows: rows)
    program.send(SIGWINCH)
  }

  /// Reads the available bytes; waits up to `patience` milliseconds if there are none. Returns `false` if none arrived.
  @discardableResult
  func read(patience: Int32) -> Bool {
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, patience) > 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Foundation.read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    output += bytes[..<count]
    return true
  }

  /// Types bytes. Reads the program's output at the same time, so that neither side blocks.
  func type(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty, program.process.isRunning {
      let count = rest.withUnsafeBytes { write(master, $0.baseAddress, min($0.count, 1024)) }
      if count > 0 { rest = rest.dropFirst(count) }
      read(patience: count > 0 ? 0 : 50)
    }
  }

  /// Reads until the output contains `text`, or until no byte arrives for `patience` milliseconds.
  func read(until text: String, patience: Int32 = 20_000) -> Bool {
    let wanted = Array(text.utf8)
    var searched = 0
    while true {
      if output.count >= wanted.count {
        for start in searched...(output.count - wanted.count) where output[start...].starts(with: wanted) {
          return true
        }
        searched = output.count - wanted.count + 1
      }
      guard read(patience: patience) else { return false }
    }
  }

  /// Waits for the program's end while reading its output.
  /// - Returns: its exit code, negative for a signal; `nil` if it has not ended after `milliseconds`.
  func end(within milliseconds: Int) -> Int32? {
    let ended = DispatchSemaphore(value: 0)
    let process = program.process
    process.terminationHandler = { _ in ended.signal() }
    for _ in 0..<max(1, milliseconds / 20) {
      read(patience: 0)
      if !process.isRunning || ended.wait(timeout: .now() + .milliseconds(20)) == .success {
        while read(patience: 0) {}
        return program.exitCode()
      }
    }
    program.send(SIGKILL)
    return nil
  }
}
