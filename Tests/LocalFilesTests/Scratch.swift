import Foundation
import TestSupport

/// A folder for one test with helpers to fill it.
struct Scratch {
  let path: String

  /// Runs a test in a new folder.
  static func with<R>(_ body: (Scratch) throws -> R) throws -> R {
    try Fixtures.withScratchFolder { folder in
      // The system's temporary folder may itself be behind a link.
      try body(Scratch(path: URL(fileURLWithPath: folder).resolvingSymlinksInPath().path))
    }
  }

  /// Writes a file, and the folders above it; returns its path.
  @discardableResult
  func write(_ name: String, _ text: String = "") throws -> String {
    try write(name, bytes: Array(text.utf8))
  }

  /// Writes a file of these bytes.
  @discardableResult
  func write(_ name: String, bytes: [UInt8]) throws -> String {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// Makes a folder; returns its path.
  @discardableResult
  func folder(_ name: String) throws -> String {
    let folder = path + "/" + name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  /// The text of a file; `nil` if there is none.
  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names in a folder.
  func names(_ name: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + name)) ?? []).sorted()
  }
}
