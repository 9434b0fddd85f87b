import Checkpoints
import Dispatch
import Foundation
import TestSupport
import Testing

@testable import Models

/// Weight files that another thread truncates while they are loaded or packed are read completely or refused with an
/// error that names the file. A read beyond the new end never crashes the process.
///
/// `TRIPTYCH_TRUNCATIONS` sets the number of truncated files.
@Suite("Weight files truncated by another thread", .serialized)
struct ConcurrentTruncationTests {
  private static let count = ProcessInfo.processInfo.environment["TRIPTYCH_TRUNCATIONS"].flatMap(Int.init) ?? 20
  /// A bundled model of 5 MB, so that the reader is usually many pages before the end of the file.
  private static let model = Fixtures.path("../../models/storyteller-mini")

  /// The outcome of a read.
  private enum Outcome { case whole, refused, wrong }

  @Test("a truncated file is loaded or packed completely, or refused with an error that names it")
  func cut() throws {
    let original = try PackedFolderTests.numbers(ModelLoader.open(folder: Self.model))
    var outcomes: [Outcome: Int] = [:]
    for seed in 0..<Self.count {
      var random = SplitMix64(seed: UInt64(seed))
      // A third of the files are truncated before or while the header is read.
      let share = max(0, Double.random(in: -0.5..<1, using: &random))
      let kept = Double.random(in: 0..<1, using: &random)
      outcomes[try outcome(seed: seed, share: share, kept: kept, original), default: 0] += 1
    }
    print("files cut: \(outcomes[.refused] ?? 0) refused, \(outcomes[.whole] ?? 0) read whole")
    #expect(outcomes[.wrong] == nil)
    // Some truncations may come after the read, but not all of them.
    #expect((outcomes[.refused] ?? 0) > 0)
  }

  private func outcome(seed: Int, share: Double, kept: Double, _ original: [UInt32]) throws -> Outcome {
    try Fixtures.withScratchFolder { folder in
      let weights = folder + "/model.safetensors"
      for file in ["config.json", "model.safetensors"] {
        try FileManager.default.copyItem(atPath: Self.model + "/" + file, toPath: folder + "/" + file)
      }
      let size = try FileManager.default.attributesOfItem(atPath: weights)[.size] as? Int ?? 0
      let (start, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      Thread.detachNewThread {
        start.wait()
        truncate(weights, off_t(Double(size) * kept))
        end.signal()
      }
      var isCutting = false
      // Don't wait: the reader and the other thread run concurrently.
      let progress = { (done: Double) in
        guard !isCutting, done >= share else { return }
        isCutting = true
        start.signal()
      }
      defer {
        if !isCutting { start.signal() }
        end.wait()
      }
      progress(0)
      do throws(ModelError) {
        if seed.isMultiple(of: 2) {
          let opened = try ModelLoader.open(folder: folder, progress: progress)
          return (try? PackedFolderTests.numbers(opened)) == original ? .whole : .wrong
        }
        _ = try ModelPacker(folder: folder, format: .q8, progress: progress)
        return .whole
      } catch {
        return Self.names(error, weights) ? .refused : wrong("\(seed): \(error)")
      }
    }
  }

  private func wrong(_ text: String) -> Outcome {
    Issue.record("\(text)")
    return .wrong
  }

  /// Whether the error reports a truncated file and names it.
  private static func names(_ error: ModelError, _ weights: String) -> Bool {
    guard case .checkpoint(let error) = error else { return false }
    switch error {
    case .fileChanged(let path, _, _), .invalidHeader(let path, _, _, _): return path == weights
    default: return false
    }
  }
}
