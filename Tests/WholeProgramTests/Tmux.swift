import Foundation
import Testing

/// A terminal for tests, on a separate tmux server.
final class Tmux {
  /// The path of tmux; `nil` if it is not installed.
  static let path: String? = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private let executable: String
  private let socket: String
  private let server = Process()

  /// Starts a session that runs a shell command. The socket is in `folder`.
  init(_ command: String, in folder: String, columns: Int, rows: Int) throws {
    executable = try #require(Self.path)
    socket = folder + "/tmux"
    // Do not run as a daemon (-D): a daemon would inherit the tests' open files and outlive a failed test.
    configure(server, ["-D", "-f", "/dev/null"])
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle.nullDevice
    try server.runWithSignalsUnblocked()
    let session = ["new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-s", "main", command]
    var tries = 0
    while try !run(session).succeeded {
      // The server needs a moment until it listens.
      tries += 1
      guard server.isRunning, tries < 4000 else { throw CocoaError(.executableLoad) }
    }
  }

  /// Ends the session and the server, whatever state they are in.
  func close() {
    _ = try? run(["kill-server"])
    let server = server
    DispatchQueue.global().asyncAfter(deadline: .now() + 20) {
      if server.isRunning { kill(server.processIdentifier, SIGKILL) }
    }
    server.waitUntilExit()
  }

  /// Sends keys by tmux's names.
  func type(_ keys: String...) throws { _ = try run(["send-keys", "-t", "main"] + keys) }

  /// Sends text literally.
  func write(_ text: String) throws { _ = try run(["send-keys", "-t", "main", "-l", text]) }

  /// Changes the size of the terminal.
  func resize(columns: Int, rows: Int) throws {
    _ = try run(["resize-window", "-t", "main", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// The lines of the screen.
  func screen() throws -> [String] {
    try run(["capture-pane", "-p", "-t", "main"]).output.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
  }

  /// Captures the screen until it is as expected, and returns it. Two consecutive captures must be equal, because a
  /// capture may show a partly drawn frame. Gives up after more captures than the slowest machine needs.
  func screen(where isAsExpected: ([String]) -> Bool) throws -> [String] {
    var lines: [String] = []
    for _ in 0..<20_000 {
      let before = lines
      lines = try screen()
      if lines == before, isAsExpected(lines) { return lines }
    }
    Issue.record("the screen never became what it should:\n\(lines.joined(separator: "\n"))")
    return lines
  }

  private func run(_ arguments: [String]) throws -> (output: String, succeeded: Bool) {
    let process = Process()
    // Do not start another server (-N) if this one does not listen yet.
    configure(process, ["-N"] + arguments)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.runWithSignalsUnblocked()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus == 0)
  }

  private func configure(_ process: Process, _ arguments: [String]) {
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["-S", socket] + arguments
    process.environment = Program.environment
    process.standardInput = FileHandle.nullDevice
  }
}
