import CommandLineTool
import EngineAPI
import Engines
import Foundation
import JSONText
import TestSupport

/// The tiny models of `Tests/Fixtures/program` with other files beside the weights, and commands that run on them in
/// this process.
enum FixtureModel {
  /// Calls `body` with a copy of a model.
  ///
  /// - Parameters:
  ///   - generation: the text of `generation_config.json`; `nil`: none.
  ///   - configuration: members of `config.json` to set.
  ///   - change: returns the new bytes of a file, or `nil` to keep it unchanged.
  static func with<R>(
    _ name: String, generation: String? = "{}", configuration: JSONObject = [:],
    change: (String, [UInt8]) throws -> [UInt8]? = { _, _ in nil }, _ body: (String) async throws -> R
  ) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in try FileManager.default.contentsOfDirectory(atPath: Fixtures.path("program/\(name)")) {
      var bytes = try Fixtures.bytes("program/\(name)/\(file)")
      if file == "generation_config.json" { continue }
      if file == "config.json" {
        var object = try JSONValue(parsing: bytes).object ?? [:]
        for (key, value) in configuration.members { object.setValue(value, forKey: key) }
        bytes = Array(JSONValue.object(object).serialized().utf8)
      }
      bytes = try change(file, bytes) ?? bytes
      try Data(bytes).write(to: folder.appendingPathComponent(file))
    }
    if let generation { try Data(generation.utf8).write(to: folder.appendingPathComponent("generation_config.json")) }
    return try await body(folder.path)
  }

  /// Replaces the configuration files in a copy made by ``with(_:generation:configuration:change:_:)``.
  static func configure(
    _ folder: String, as name: String, generation: String?, configuration: JSONObject
  ) throws {
    var object = try JSONValue(parsing: Fixtures.bytes("program/\(name)/config.json")).object ?? [:]
    for (key, value) in configuration.members { object.setValue(value, forKey: key) }
    try Data(JSONValue.object(object).serialized().utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
    let own = URL(fileURLWithPath: folder + "/generation_config.json")
    try? FileManager.default.removeItem(at: own)
    if let generation { try Data(generation.utf8).write(to: own) }
  }

  /// Runs a command with the local engine.
  static func run(_ arguments: String...) async -> CommandWorld.Outcome { await run(arguments) }

  /// Runs a command with the local engine.
  static func run(_ arguments: [String]) async -> CommandWorld.Outcome {
    await CommandWorld(engine: LocalEngine(catalog: .paths)).run(arguments)
  }
}

extension ModelCatalog {
  /// A catalog in which each name is a path.
  static let paths = ModelCatalog(entries: { [] }) { reference throws(EngineError) in
    ModelPlace(name: reference.name, path: reference.name, source: "folder")
  }
}

extension FixtureModel {
  /// Calls `body` with a copy of the tiny chat model that has a template.
  static func withChatTemplate<R>(_ template: String, _ body: (String) async throws -> R) async throws -> R {
    try await Fixtures.withScratchFolder { folder in
      for file in try FileManager.default.contentsOfDirectory(atPath: Fixtures.path("chat/model")) {
        try FileManager.default.copyItem(atPath: Fixtures.path("chat/model/\(file)"), toPath: folder + "/" + file)
      }
      try Data(template.utf8).write(to: URL(fileURLWithPath: folder + "/chat_template.jinja"))
      return try await body(folder)
    }
  }
}
