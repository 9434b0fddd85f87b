import Foundation
import TestSupport

/// Models that runs start from.
enum TrainedModels {
  /// Copies a model of the fixtures; one without a tokenizer gets that of `program/masked`.
  static func copy(_ model: String, to folder: String) throws {
    try FileManager.default.copyItem(atPath: Fixtures.path(model), toPath: folder)
    for file in ["tokenizer.json", "tokenizer_config.json"] {
      let path = "\(folder)/\(file)"
      guard !FileManager.default.fileExists(atPath: path) else { continue }
      try FileManager.default.copyItem(atPath: Fixtures.path("program/masked/\(file)"), toPath: path)
    }
  }
}
