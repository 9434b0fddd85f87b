#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// The system's C compiler; `nil` if there is none.
  private enum CCompiler {
    static let path = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  /// Which fatal signals are reported as a shortage of resources, tested with a small C program that uses the handlers
  /// of `CShortage`.
  @Suite(.enabled(if: CCompiler.path != nil, "no C compiler is installed")) struct ShortageTests {
    private static let program = """
      #include <errno.h>
      #include <signal.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/resource.h>
      #include "CShortage.h"
      int main(int count, char **arguments) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        cs_watch();
        for (int i = 1; i < count; i++) {
          if (!strcmp(arguments[i], "message")) fprintf(stderr, "main.swift:1: Fatal error: Index out of range\\n");
          if (!strcmp(arguments[i], "full")) { none.rlim_max = 4; setrlimit(RLIMIT_NOFILE, &none); }
          if (!strcmp(arguments[i], "descriptors")) errno = EMFILE;
          if (!strcmp(arguments[i], "memory")) errno = ENOMEM;
          if (!strcmp(arguments[i], "ended")) cs_set_exit_code(3);
        }
        raise(SIGILL);
      }
      """

    private func run(_ words: String) throws -> (status: Int32, signaled: Bool, errors: String) {
      try Fixtures.withScratchFolder { folder in
        let sources =
          URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
          .deletingLastPathComponent().path + "/Sources/CShortage"
        try Self.program.write(toFile: folder + "/main.c", atomically: true, encoding: .utf8)
        try Data().write(to: URL(fileURLWithPath: folder + "/errors"))
        let script =
          "\(CCompiler.path ?? "cc") -I\(sources)/include -o \(folder)/main \(folder)/main.c \(sources)/*.c -lpthread"
        let built = Process()
        built.executableURL = URL(fileURLWithPath: "/bin/sh")
        built.arguments = ["-c", script]
        try built.run()
        built.waitUntilExit()
        try #require(built.terminationStatus == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: folder + "/main")
        process.arguments = words.split(separator: " ").map(String.init)
        process.standardError = FileHandle(forWritingAtPath: folder + "/errors")
        try process.run()
        process.waitUntilExit()
        return (
          process.terminationStatus, process.terminationReason == .uncaughtSignal,
          try String(contentsOfFile: folder + "/errors", encoding: .utf8)
        )
      }
    }

    @Test(arguments: ["descriptors full", "memory"])
    func anUnhandledAllocationFailureIsReportedAsAShortage(words: String) throws {
      let (status, signaled, errors) = try run(words)
      #expect(status == 1 && !signaled)
      #expect(errors.hasPrefix(words == "memory" ? "error: out of memory, " : "error: out of file descriptors, "))
    }

    @Test func aShortageAfterAllOutputLeavesTheExitCode() throws {
      let (status, signaled, errors) = try run("memory ended")
      #expect(status == 3 && !signaled && errors.isEmpty)
    }

    /// `errno` may be old: from an earlier failed call, or from before a trap with its own message.
    @Test(arguments: ["", "descriptors", "descriptors full message", "memory message"])
    func anOldErrorNumberIsNotReportedAsAShortage(words: String) throws {
      let (status, signaled, errors) = try run(words)
      #expect(status == SIGILL && signaled)
      #expect(!errors.contains("error: out of"))
      #expect(errors.contains("Index out of range") == words.contains("message"))
    }
  }
#endif
