import Foundation
import TestSupport
import Testing

@testable import Checkpoints

@Suite("Shard indexes are untrusted")
struct ShardIndexTests {
  private func open(_ index: String, shard: String? = nil) throws -> Result<SafetensorsFolder, CheckpointError> {
    try Fixtures.withScratchFolder { folder in
      try writeFile(Array(index.utf8), to: folder + "/model.safetensors.index.json")
      if let shard { try SafetensorsWriter.vector([1]).write(to: folder + "/" + shard) }
      do throws(CheckpointError) { return .success(try SafetensorsFolder(folder: folder)) } catch {
        return .failure(error)
      }
    }
  }

  private func failure(_ index: String, shard: String? = nil) throws -> CheckpointError? {
    if case .failure(let error) = try open(index, shard: shard) { error } else { nil }
  }

  @Test(
    "paths outside the folder are rejected",
    arguments: ["../secret", "/etc/passwd", "a/../../b", "", ".", "a//b", "a\\u0000b"])
  func outside(_ shard: String) throws {
    guard case .shardOutsideFolder? = try failure(#"{"weight_map":{"x":"\#(shard)"}}"#) else {
      Issue.record("\(shard) was not refused")
      return
    }
  }

  @Test(
    "malformed shard indexes are rejected",
    arguments: ["", "[]", "{}", #"{"weight_map":1}"#, #"{"weight_map":{}}"#, #"{"weight_map":{"x":1}}"#])
  func malformed(_ index: String) throws {
    guard case .invalidIndex? = try failure(index) else {
      Issue.record("\(index) was not refused")
      return
    }
  }

  @Test("missing shards and shards without their tensor are errors")
  func missing() throws {
    guard case .unreadable(let path, _)? = try failure(#"{"weight_map":{"x":"none.safetensors"}}"#) else {
      Issue.record("a missing shard was not noticed")
      return
    }
    #expect(path.hasSuffix("/none.safetensors"))
    let error = try failure(#"{"weight_map":{"x":"a.safetensors","y":"a.safetensors"}}"#, shard: "a.safetensors")
    #expect(error?.description.contains("expected y in a.safetensors") == true)
  }

  @Test("tensors that the index does not name are ignored")
  func onlyListed() throws {
    let checkpoint = try open(#"{"weight_map":{"x":"a.safetensors"}}"#, shard: "a.safetensors").get()
    #expect(checkpoint.names == ["x"])
  }
}
