import JSONText

/// The checksums of a checkpoint's files, so that damaged bytes are noticed when a run is continued.
enum CheckpointSums {
  /// The name of the file with the checksums: CRC-32C in hexadecimal by the names of the files.
  static let file = "checksums.json"

  /// Writes the checksums of all files that are in a folder.
  static func write(to folder: RunFolder) throws(TrainingError) {
    var sums: JSONObject = [:]
    for name in try folder.names() { sums[name] = JSONValue(try sum("\(folder.path)/\(name)")) }
    try folder.write(sums, to: file)
  }

  /// Refuses a checkpoint with a missing or damaged file.
  static func check(_ checkpoint: String) throws(TrainingError) {
    let path = "\(checkpoint)/\(file)"
    let sums: JSONObject
    do throws(JSONError) { sums = try JSONValue(contentsOfFile: path).object ?? [:] } catch {
      throw TrainingError(.model, error)
    }
    guard sums.count > 0 else { throw failure(path, expected: "checksums", found: "none") }
    for member in sums.members {
      let path = "\(checkpoint)/\(member.key)"
      guard let expected = member.value.string else { throw failure(path, expected: "a checksum", found: "none") }
      let found = try sum(path)
      guard found == expected else { throw failure(path, expected: "checksum \(expected)", found: found) }
    }
  }

  private static func failure(_ path: String, expected: String, found: String) -> TrainingError {
    TrainingError(
      .model, "the checkpoint is damaged", at: path, expected: expected, found: found,
      hint: "remove this checkpoint to resume from the one before it")
  }

  private static func sum(_ path: String) throws(TrainingError) -> String {
    do throws(JSONError) {
      return String(Checksum.crc(try FileBytes.read(path, limit: .max)), radix: 16)
    } catch {
      throw TrainingError(.model, error)
    }
  }
}
