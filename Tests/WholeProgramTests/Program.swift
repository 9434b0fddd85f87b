import Foundation
import TestSupport
import Testing

/// The built program, run as a process.
struct Program {
  /// The result of a run.
  struct Outcome {
    let exitCode: Int32
    let output: [UInt8]
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// The executable. SwiftPM puts it next to the test bundle.
  static let path: String = {
    #if os(Linux)
      let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
      let folder = (runner as NSString).deletingLastPathComponent
    #else
      let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
      let folder = bundle?.bundleURL.deletingLastPathComponent().path ?? ""
    #endif
    return folder + "/triptych"
  }()

  /// The folder of a tiny model of `Tests/Fixtures/program`.
  static func model(_ name: String) -> String { Fixtures.path("program/\(name)") }

  /// The environment of the tests, without variables that affect the program's output.
  static let environment: [String: String] = {
    let kept = ["PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"]
    return ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }.merging(["LANG": "C.UTF-8"]) { $1 }
  }()

  /// Runs the program to its end.
  static func run(
    _ arguments: [String], input: [UInt8] = [], environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try Fixtures.withScratchFolder { folder in
      let files = ["in", "out", "err"].map { folder + "/" + $0 }
      try Data(input).write(to: URL(fileURLWithPath: files[0]))
      for file in files.dropFirst() { try Data().write(to: URL(fileURLWithPath: file)) }
      let process = RunningProgram(arguments, environment: changes)
      process.process.standardInput = FileHandle(forReadingAtPath: files[0])
      process.process.standardOutput = FileHandle(forWritingAtPath: files[1])
      process.process.standardError = FileHandle(forWritingAtPath: files[2])
      try process.start()
      let code = process.exitCode()
      return Outcome(
        exitCode: code, output: Array(try Data(contentsOf: URL(fileURLWithPath: files[1]))),
        errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: files[2])), as: UTF8.self))
    }
  }

  /// Runs the program to its end.
  static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }
}

/// A running program that a test can observe and signal.
final class RunningProgram {
  let process = Process()

  init(_ arguments: [String], environment changes: [String: String] = [:]) {
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments
    process.environment = Program.environment.merging(changes) { $1 }
  }

  /// Starts the program, with a time limit that only a hanging program reaches.
  func start() throws {
    try process.runWithSignalsUnblocked()
    let process = process.processIdentifier
    let running = self.process
    DispatchQueue.global().asyncAfter(deadline: .now() + 120) {
      if running.isRunning { kill(process, SIGKILL) }
    }
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end. If a signal ended the program, returns the negated signal number.
  func exitCode() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}

/// The reading end of a pipe, line by line.
struct LineReader {
  let handle: FileHandle
  private var buffer = Data()

  init(_ handle: FileHandle) { self.handle = handle }

  /// The next line without its newline; `nil` at the end.
  mutating func next() -> String? {
    while true {
      if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[buffer.startIndex..<newline], as: UTF8.self)
        buffer = Data(buffer[(newline + 1)...])
        return line
      }
      let more = handle.availableData
      if more.isEmpty { return nil }
      buffer.append(more)
    }
  }

  /// Reads to the end and returns the last line.
  mutating func last() -> String? {
    var last: String?
    while let line = next() { last = line }
    return last
  }
}
