import Foundation
import TestSupport

/// The files of the repository.
enum Repository {
  /// The root folder of the repository.
  static let root = URL(fileURLWithPath: Fixtures.folder).deletingLastPathComponent().deletingLastPathComponent()

  /// A file with its text.
  struct TextFile: Sendable {
    let path: String
    let text: String
    /// The target: the first folder under `Sources`.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
  }

  /// The files under a folder whose names end in one of `endings`, with paths from the root.
  static func files(_ folder: String, _ endings: [String]) -> [TextFile] {
    let base = root.appendingPathComponent(folder).resolvingSymlinksInPath()
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return names.sorted().compactMap { name in
      guard endings.contains(where: { name.hasSuffix(".\($0)") }),
        let data = FileManager.default.contents(atPath: base.appendingPathComponent(name).path)
      else { return nil }
      return TextFile(path: "\(folder)/\(name)", text: String(decoding: data, as: UTF8.self))
    }
  }

  /// The names of the folders in a folder.
  static func folders(_ folder: String) -> [String] {
    let base = root.appendingPathComponent(folder).resolvingSymlinksInPath()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: base.path)) ?? []
    return names.sorted().filter { name in
      var isFolder: ObjCBool = false
      let path = base.appendingPathComponent(name).path
      return !name.hasPrefix(".") && FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
  }

  /// The text of a file at a path from the root.
  static func text(_ path: String) -> String? {
    let file = root.appendingPathComponent(path).resolvingSymlinksInPath().path
    return FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a file exists at a path from the root.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).resolvingSymlinksInPath().path)
  }

  /// A Swift file, read as code.
  struct SourceFile: Sendable {
    let path: String
    let target: String
    let code: String
    let literals: [String]
  }

  /// Every Swift file under `Sources`.
  static let swiftSources = files("Sources", ["swift"]).map { file in
    let text = SwiftText(file.text)
    return SourceFile(path: file.path, target: file.target, code: text.code, literals: text.literals)
  }
}
