import Foundation
import TestSupport
import Testing

/// Commands on a GGUF file, through the real engine.
struct GGUFCommandTests {
  private func with<R>(_ bytes: [UInt8], _ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("tiny.gguf")
    try Data(bytes).write(to: path)
    return try await body(path.path)
  }

  @Test("a GGUF file opens by its path")
  func opens() async throws {
    try await with(TinyGGUF.writer.bytes) { path in
      let world = CommandWorld(engine: TinyModels.engine())
      let tokens = await world.run("tokenize", "-m", path, "ab a", "--json")
      #expect(tokens.exitCode == 0 && tokens.output.contains(#""id":6"#), "\(tokens)")
      let text = await CommandWorld(engine: TinyModels.engine()).run(
        "generate", "-m", path, "ab a", "--temperature", "0", "--max-tokens", "3", "--json", "-q")
      #expect(text.exitCode == 0 && text.output.contains(#""model":"\#(path)""#) && text.errors.isEmpty, "\(text)")
    }
  }

  @Test("the error for a file that is not GGUF says what was expected, what was found and what to do")
  func broken() async throws {
    try await with(Array("version https://git-lfs.example/spec/v1\n".utf8)) { path in
      let outcome = await CommandWorld(engine: TinyModels.engine()).run("generate", "-m", path, "x")
      let errors =
        "error: invalid GGUF file, \(path): expected a file that begins with GGUF, found other bytes\n"
        + "hint: the file is a Git LFS pointer; fetch the model itself with git lfs pull\n"
      #expect(outcome == .init(exitCode: 1, output: "", errors: errors))
    }
  }

  @Test("quantize refuses a GGUF file")
  func quantized() async throws {
    try await with(TinyGGUF.writer.bytes) { path in
      let outcome = await CommandWorld(engine: TinyModels.engine()).run(
        "quantize", "-m", path, "--dtype", "q8", "-o", path + "-q8")
      #expect(outcome.exitCode == 1 && outcome.errors.hasPrefix("error: not a folder, \(path): "), "\(outcome)")
      #expect(!FileManager.default.fileExists(atPath: path + "-q8"))
    }
  }
}
