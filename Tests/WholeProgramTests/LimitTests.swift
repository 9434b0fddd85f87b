#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// With any limit on memory, descriptors and threads, a run succeeds or ends with an error line.
  ///
  /// A few limits are always tested, all of them if `TRIPTYCH_LADDER` is set.
  @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash"), "bash is not installed"))
  struct LimitTests {
    private static let isWhole = ProcessInfo.processInfo.environment["TRIPTYCH_LADDER"] != nil

    /// KiB of address space. Below the first limit the system's loader itself fails.
    private static let memory =
      isWhole ? Array(stride(from: 100_000, through: 700_000, by: 10_000)) : [100_000, 250_000]
    private static let descriptors = isWhole ? Array(4...20) : [4, 7, 15, 16]
    private static let threads = isWhole ? Array(1...16) : [2]

    @Test(arguments: memory)
    func aMemoryLimitGivesAResultOrAnErrorLine(limit: Int) throws {
      try check("ulimit -v \(limit); exec \"$0\" \"$@\"")
    }

    @Test(arguments: descriptors)
    func aDescriptorLimitGivesAResultOrAnErrorLine(limit: Int) throws {
      // The shell itself needs more than three descriptors.
      let outcome = try check("ulimit -n \(limit); exec \"$0\" \"$@\"")
      // The limit that the error names is the one that decides.
      #expect((outcome.exitCode == 0) == (limit >= 16))
      if limit < 16 { #expect(outcome.errors.split(separator: "\n").count == 2) }
    }

    /// The system does not count root's processes, so another user runs the program.
    private static let user = getuid() == 0 ? "setpriv --reuid 54321 --regid 54321 --clear-groups " : ""

    /// Whether the program can run as a user whose threads are counted.
    private static let countsThreads = (try? run("exec \(user)\"$0\" --version"))?.exitCode == 0

    @Test(.enabled(if: countsThreads, "no other user can run the program (setpriv)"), arguments: threads)
    func aThreadLimitGivesAResultOrAnErrorLine(limit: Int) throws {
      try check("exec \(Self.user)bash -c 'ulimit -u \(limit); exec \"$0\" \"$@\"' \"$0\" \"$@\"")
    }

    @Test(arguments: isWhole ? Array(4...20) : [6, 16])
    func theListOfModelsIsWholeOrAnErrorAtALimitOnDescriptors(limit: Int) throws {
      let outcome = try check("ulimit -n \(limit); exec \"$0\" \"$@\"", ["models"])
      if outcome.exitCode == 0 { #expect(outcome.text.contains("storyteller") && !outcome.text.contains("can't open")) }
    }

    @Test(arguments: isWhole ? Array(stride(from: 100_000, through: 700_000, by: 10_000)) : [200_000, 260_000])
    func theListOfModelsIsWholeOrAnErrorAtALimitOnMemory(limit: Int) throws {
      let outcome = try check("ulimit -v \(limit); exec \"$0\" \"$@\"", ["models"])
      if outcome.exitCode == 0 { #expect(outcome.text.contains("storyteller") && !outcome.text.contains("can't open")) }
    }

    @discardableResult private func check(_ script: String, _ arguments: [String]? = nil) throws -> Program.Outcome {
      let outcome = try Self.run(script, arguments)
      let line = outcome.errors.split(separator: "\n").first { !$0.hasPrefix("note: ") } ?? ""
      switch outcome.exitCode {
      case 0: #expect(!outcome.output.isEmpty)
      case 1: #expect(line.hasPrefix("error: "), "\(outcome.errors)")
      // The system's loader had no memory for the libraries; the program has not started.
      case 127: #expect(line.contains("error while loading shared libraries"), "\(outcome.errors)")
      default: Issue.record("exit code \(outcome.exitCode): \(outcome.errors)")
      }
      return outcome
    }

    /// Runs a shell command with the program as `$0`. A hanging program is killed (exit code 137).
    private static func run(_ script: String, _ arguments: [String]? = nil) throws -> Program.Outcome {
      try Fixtures.withScratchFolder { folder in
        let (output, errors) = (folder + "/out", folder + "/err")
        for file in [output, errors] { try Data().write(to: URL(fileURLWithPath: file)) }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments =
          [
            "-c", "command=$1; shift; exec timeout -s KILL 20 bash -c \"$command\" \"$@\"", "sh", script, Program.path,
          ]
          + (arguments ?? ["generate", "-n", "3", "--model=" + Program.model("causal"), "--temperature=0", "Once"])
        shell.environment = Program.environment
        shell.standardInput = FileHandle.nullDevice
        shell.standardOutput = FileHandle(forWritingAtPath: output)
        shell.standardError = FileHandle(forWritingAtPath: errors)
        try shell.runWithSignalsUnblocked()
        shell.waitUntilExit()
        return Program.Outcome(
          exitCode: shell.terminationStatus, output: Array(try Data(contentsOf: URL(fileURLWithPath: output))),
          errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
      }
    }
  }
#endif
