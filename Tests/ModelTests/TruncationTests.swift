import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Models

@Suite("Weight files truncated while they are read")
struct TruncationTests {
  /// Copies a fixture, truncates its weights to a random length after a random fraction has been packed, and returns
  /// the error.
  private func errorAfterCutting(
    _ fixture: String, _ random: inout SplitMix64, _ work: (String, @escaping (Double) -> Void) throws -> Void
  ) throws -> (any Error)? {
    let (share, kept) = (Double.random(in: 0..<0.9, using: &random), Double.random(in: 0..<1, using: &random))
    return try ScratchModel.with(
      fixture, configuration: String(decoding: Fixtures.bytes("models/\(fixture)/config.json"), as: UTF8.self)
    ) { folder in
      let weights = folder + "/model.safetensors"
      try FileManager.default.removeItem(atPath: weights)
      try FileManager.default.copyItem(atPath: Fixtures.path("models/\(fixture)/model.safetensors"), toPath: weights)
      let size = try FileManager.default.attributesOfItem(atPath: weights)[.size] as? Int ?? 0
      var isCut = false
      do {
        try work(folder) { done in
          guard !isCut, done >= share else { return }
          isCut = true
          truncate(weights, off_t(Double(size) * kept))
        }
        return nil
      } catch {
        return error
      }
    }
  }

  private func isChange(_ error: (any Error)?) -> Bool {
    guard case .checkpoint(.fileChanged)? = error as? ModelError else { return false }
    return true
  }

  @Test("opening fails with an error that names the file", arguments: ["gpt2", "bert", "t5"])
  func opening(fixture: String) throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<67 {
      let error = try errorAfterCutting(fixture, &random) { folder, progress in
        _ = try ModelLoader.open(folder: folder, progress: progress)
      }
      #expect(isChange(error), "\(String(describing: error))")
    }
  }

  @Test("packing fails with an error that names the file")
  func packing() throws {
    var random = SplitMix64(seed: 8)
    for _ in 0..<20 {
      let error = try errorAfterCutting("gpt2", &random) { folder, progress in
        _ = try ModelPacker(folder: folder, format: .q8, progress: progress)
      }
      #expect(isChange(error), "\(String(describing: error))")
    }
  }

  @Test("truncation during writing gives an error that names the original file, not the new one")
  func writing() throws {
    var random = SplitMix64(seed: 9)
    for _ in 0..<20 {
      let error = try errorAfterCutting("gpt2", &random) { folder, progress in
        let packer = try ModelPacker(folder: folder, format: .q8) { _ in }
        let target = folder + "/packed"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        _ = try packer.writeWeights(to: target) { done in
          progress(done)
          return true
        }
      }
      #expect(isChange(error), "\(String(describing: error))")
    }
  }
}
