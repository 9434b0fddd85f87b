import EngineAPI
import Engines
import Foundation
import Synchronization
import TestSupport
import Testing

/// Conversion of models to a number format.
@Suite struct QuantizingTests {
  private let engine = LocalEngine(catalog: .paths)

  /// Calls `body` with a new empty folder, which is removed afterwards.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
  }

  private func source(_ name: String) -> String { Fixtures.path("program/\(name)") }

  private func quantize(
    _ model: String, _ format: NumberFormat, to folder: String, replaces: Bool = false
  ) async throws(EngineError) -> QuantizeResult {
    try await engine.quantize(
      QuantizeRequest(model: ModelReference(model), format: format, output: folder, replaces: replaces),
      progress: { _ in })
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func failure(_ body: () async throws -> Void) async -> EngineError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? EngineError
    }
  }

  @Test(arguments: ["causal", "masked", "encoder-decoder"], NumberFormat.uniform)
  func theFolderGivesTheSameBitsAsTheOriginalInThatFormat(name: String, format: NumberFormat) async throws {
    try await withFolder { folder in
      let made = folder + "/made"
      let result = try await quantize(source(name), format, to: made)
      let sizes = try FileManager.default.attributesOfItem(atPath: made + "/model.safetensors")
      #expect(result.path == made && result.format == format && result.bytes == sizes[.size] as? Int)
      #expect(try names(made) == names(source(name)))
      #expect(try names(folder) == ["made"])
      let original = ModelReference(source(name), format: format)
      let (first, second) = (try await engine.load(ModelReference(made)), try await engine.load(original))
      #expect(first.format == format && second.format == format && first.summary.dtype == format.rawValue)
      #expect(first.vocabularyFingerprint == second.vocabularyFingerprint && first.weightBytes == second.weightBytes)
      let ids = try await engine.ids("The king", original)
      func scores(_ model: ModelReference) async throws -> [ScoredToken] {
        let context = ModelContext(model: model, encoderIDs: first.family == .seq2seq ? ids : nil, ids: ids)
        return try await engine.score(ScoreRequest(context: context, topCount: 5), progress: { _ in })
      }
      #expect(try await scores(ModelReference(made)) == scores(original))
    }
  }

  @Test func progressIncreasesToOne() async throws {
    final class Log: Sendable {
      let shares = Mutex<[Double]>([])
    }
    try await withFolder { folder in
      let log = Log()
      let request = QuantizeRequest(
        model: ModelReference(source("causal")), format: .q8, output: folder + "/made")
      _ = try await engine.quantize(request) { progress in
        log.shares.withLock { $0.append(progress.fraction) }
      }
      let shares = log.shares.withLock { $0 }
      #expect(shares == shares.sorted() && shares.first == 0 && shares.last == 1)
    }
  }

  @Test func onlyAnEmptyFolderOrAModelToReplaceIsOverwritten() async throws {
    try await withFolder { folder in
      let made = folder + "/made"
      // An empty folder is accepted.
      try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: false)
      _ = try await quantize(source("causal"), .q8, to: made + "/")
      let full = await failure { _ = try await quantize(source("masked"), .q4, to: made) }
      #expect(
        full?.description == "can't write the folder, \(made): expected a new or empty folder, found 5 files in it")
      #expect(full?.hint == "choose another folder, or replace the model there")
      _ = try await quantize(source("masked"), .q4, to: made, replaces: true)
      #expect(try await engine.load(ModelReference(made)).family == .masked)
      let own = await failure { _ = try await quantize(made, .q4, to: made, replaces: true) }
      #expect(own?.found == "the same")
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let file = await failure { _ = try await quantize(source("causal"), .q8, to: folder + "/file", replaces: true) }
      #expect(file?.expected == "no file of this name")
      let other = await failure { _ = try await quantize(source("causal"), .q8, to: folder, replaces: true) }
      #expect(other?.found == "a folder of other files")
      for path in ["", "/", ".", folder + "/..", folder + "/none/made", "x\0y"] {
        let error = await failure { _ = try await quantize(source("causal"), .q8, to: path, replaces: true) }
        #expect(error?.what == "can't write the folder", "\(path)")
      }
      #expect(try names(folder) == ["file", "made"])
    }
  }

  @Test func failedWorkLeavesNoFiles() async throws {
    try await withFolder { folder in
      let missing = await failure { _ = try await quantize(folder + "/none", .q8, to: folder + "/made") }
      #expect(missing?.kind == .model)
      _ = try await quantize(source("causal"), .q8, to: folder + "/first")
      let other = await failure { _ = try await quantize(folder + "/first", .q4, to: folder + "/made") }
      #expect(other?.description.hasSuffix("expected q8, found q4 asked for") == true)
      #expect(other?.hint == "leave the format out, which opens it as q8, or open the original model")
      let twice = await failure {
        _ = try await engine.quantize(
          QuantizeRequest(
            model: ModelReference(source("causal"), format: .q8), format: .q4, output: folder + "/made"),
          progress: { _ in })
      }
      #expect(twice?.kind == .usage)
      #expect(try names(folder) == ["first"])
    }
  }

  @Test func canceledWorkLeavesNoFiles() async throws {
    try await withFolder { folder in
      let request = QuantizeRequest(
        model: ModelReference(source("causal")), format: .q8, output: folder + "/made")
      let engine = engine
      let work = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await engine.quantize(request, progress: { _ in })
      }
      let result = await work.result
      #expect(throws: EngineError.self) { try result.get() }
      let left = try names(folder)
      #expect(left == [])
    }
  }
}
