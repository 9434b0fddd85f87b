import JSONText

/// `model.safetensors.index.json`: which shard holds which tensor.
struct ShardIndex: Sendable {
  /// Tensor name → the shard's path, relative to the folder.
  let shards: [String: String]

  /// Reads a list of shards. Paths that lead out of the folder are refused: a folder from elsewhere must not open other
  /// files.
  init(path: String) throws(CheckpointError) {
    let index: JSONValue
    do throws(JSONError) {
      index = try JSONValue(contentsOfFile: path, limits: JSONLimits(depth: 16, bytes: SafetensorsHeader.longest))
    } catch {
      throw .invalidIndex(path: path, expected: "JSON", found: error.description)
    }
    guard let map = index["weight_map"]?.object else {
      throw .invalidIndex(path: path, expected: "an object weight_map", found: index["weight_map"]?.kind ?? "none")
    }
    guard map.count > 0 else { throw .invalidIndex(path: path, expected: "tensors in weight_map", found: "none") }
    var shards: [String: String] = [:]
    for (key, value) in map.members {
      guard let shard = value.string else {
        throw .invalidIndex(path: path, expected: "a file name for \(key)", found: value.kind)
      }
      let parts = shard.split(separator: "/", omittingEmptySubsequences: false)
      guard !shard.utf8.contains(0), parts.allSatisfy({ !$0.isEmpty && $0 != ".." && $0 != "." }) else {
        throw .shardOutsideFolder(index: path, shard: shard)
      }
      shards[key.description] = shard
    }
    self.shards = shards
  }
}
