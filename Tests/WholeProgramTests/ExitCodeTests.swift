import Foundation
import JSONText
import TestSupport
import Testing

/// Exit codes and error messages of the program.
struct ExitCodeTests {
  private static let causal = Program.model("causal")

  @Test(
    arguments: [
      (["generate", "x", "--top-p", "2"], Int32(2)), (["generate", "x", "-m", "/nowhere"], 1), (["sing"], 2),
      (["generate", "-m", causal, "-f", "/nowhere"], 1), (["generate", "-m", causal, "-f", "/"], 1),
      (["generate", "-m", Program.model("masked"), "x"], 1),
      (["fill-mask", "-m", Program.model("masked"), "no gap"], 1),
      (["detokenize", "-m", causal, "99999"], 1),
      (["generate", "-m", causal, String(repeating: "sea ", count: 100)], 1),
      (["fill-mask", "-m", Program.model("masked"), "[MASK]", "--targets", "unbelievable"], 2), ([], 1), (["play"], 1),
    ] as [([String], Int32)])
  func anErrorIsOneLineAndAHint(arguments: [String], code: Int32) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.exitCode == code)
    #expect(outcome.output == [])
    let lines = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("note: ") }
    #expect((1...2).contains(lines.count))
    #expect(lines.first?.hasPrefix("error: ") ?? false)
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("hint: ") })
  }

  @Test func foldersThatAreNotModelsAreErrors() throws {
    try Fixtures.withScratchFolder { folder in
      let empty = try Program.run("generate", "-m", folder, "x")
      #expect(empty.exitCode == 1)
      #expect(empty.errors.hasPrefix("error: "))
      let files = FileManager.default
      for name in ["config.json", "tokenizer.json", "tokenizer_config.json"] {
        try files.copyItem(atPath: Self.causal + "/" + name, toPath: folder + "/" + name)
      }
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/pytorch_model.bin"))
      let pickled = try Program.run("generate", "-m", folder, "x")
      #expect(pickled.exitCode == 1)
      #expect(pickled.errors.contains("hint: "))
      #expect(pickled.errors.contains("safetensors"))
      let weights = try Data(contentsOf: URL(fileURLWithPath: Self.causal + "/model.safetensors"))
      try weights.prefix(weights.count / 2).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
      let truncated = try Program.run("generate", "-m", folder, "x")
      #expect(truncated.exitCode == 1)
      #expect(truncated.output == [])
      #expect(truncated.errors.contains("model.safetensors"))
    }
  }

  @Test func invalidUTF8InAFileIsAnError() throws {
    let piped = try Program.run(["tokenize", "-m", Self.causal], input: [0x61, 0x62, 0xFF, 0x63])
    #expect(piped.exitCode == 1)
    #expect(piped.errors.contains("standard input: expected UTF-8, found byte 0xFF at offset 2\n"))
  }

  @Test func invalidUTF8InAnArgumentIsAnError() throws {
    // Foundation passes only valid strings, so a shell makes the argument.
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "exec \"$0\" tokenize \"$(printf 'a\\377')\"", Program.path]
    let pipe = Pipe()
    shell.standardError = pipe
    try shell.run()
    let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 1)
    #expect(errors.hasPrefix("error: text is not UTF-8, argument 2: expected UTF-8, found byte 0xFF at offset 1\n"))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
  func aFullDiskIsAnError() throws {
    let program = RunningProgram(["tokenize", "-m", Self.causal, "The sea"])
    let errors = Pipe()
    program.process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    program.process.standardError = errors
    try program.start()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(program.exitCode() == 1)
    #expect(
      text
        == """
        error: can't write, standard output: expected room for all of the output, found no space left on device
        hint: make room on the disk, or choose another place

        """)
  }

  @Test func standardInputIsReadUnchanged() throws {
    let text: [UInt8] = [0x00, 0x0D, 0x0A, 0xC3, 0xA9, 0x0A]
    let outcome = try Program.run(
      ["tokenize", "-m", Self.causal, "--json"], input: text + [0x0A])
    let tokens = try #require(try outcome.json()["tokens"]?.array)
    #expect(tokens.flatMap { $0["bytes"]?.wholes ?? [] } == text.map(Int.init))
    let same = try Program.run(["tokenize", "-m", Self.causal, "--json", "-"], input: text + [0x0A])
    #expect(same.output == outcome.output)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsAreValid(shell: String) throws {
    let outcome = try Program.run("--generate-completion-script", shell)
    #expect(outcome.exitCode == 0)
    #expect(outcome.text.contains("fill-mask"))
    guard shell == "bash", FileManager.default.isExecutableFile(atPath: "/bin/bash") else { return }
    try Fixtures.withScratchFolder { folder in
      try Data(outcome.output).write(to: URL(fileURLWithPath: folder + "/triptych.bash"))
      let bash = Process()
      bash.executableURL = URL(fileURLWithPath: "/bin/bash")
      bash.arguments = ["-n", folder + "/triptych.bash"]
      try bash.run()
      bash.waitUntilExit()
      #expect(bash.terminationStatus == 0)
    }
  }
}
