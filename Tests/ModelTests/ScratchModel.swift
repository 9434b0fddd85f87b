import Foundation
import TestSupport

@testable import Models

/// Opens a copy of a model of `Tests/Fixtures/models` whose configuration has been changed.
enum ScratchModel {
  /// Calls `body` with a folder of this configuration and the fixture's weights.
  static func with<R>(
    _ fixture: String, configuration: String, generation: String? = nil, _ body: (String) throws -> R
  ) throws -> R {
    try Fixtures.withScratchFolder { folder in
      try write(configuration, to: folder + "/config.json")
      if let generation { try write(generation, to: folder + "/generation_config.json") }
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/model.safetensors", withDestinationPath: Fixtures.path("models/\(fixture)/model.safetensors")
      )
      return try body(folder)
    }
  }

  /// The error of opening a fixture after setting members of its configuration to other JSON texts; `nil` removes a
  /// member.
  static func error(_ fixture: String, changing changes: [(String, String?)]) throws -> ModelError? {
    try with(fixture, configuration: configuration(fixture, changing: changes)) { folder in
      do throws(ModelError) {
        _ = try ModelLoader.open(folder: folder)
        return nil
      } catch {
        return error
      }
    }
  }

  /// A fixture's configuration after setting some members to other JSON texts.
  static func configuration(_ fixture: String, changing changes: [(String, String?)]) throws -> String {
    let bytes = try Fixtures.bytes("models/\(fixture)/config.json")
    var members = try (JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]).mapValues { value in
      String(decoding: try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed), as: UTF8.self)
    }
    for (key, text) in changes { members[key] = text }
    return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}
