import Foundation
import JSONText
import TestSupport

/// One reader that is fed hostile bytes: how it is called, and what its inputs look like.
///
/// A target is a pure function of the bytes. It returns when the input is read or refused, and traps where a law of the
/// reader is broken, so that a fuzzer notices.
struct FuzzTarget: Sendable {
  let name: String
  /// Valid inputs, to start from.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// Words of the format that a mutation may insert.
  var words: [String] = []
  /// The number of parts of an input, divided by ``separator``.
  var partCount = 1
  let run: @Sendable (_ bytes: [UInt8]) -> Void

  /// All targets.
  static let all = textTargets + tokenizerTargets + templateTargets + modelTargets

  /// The byte between the parts of an input (a text and a file, or two files). A part holds none but the last one.
  static let separator: UInt8 = 0x1E

  /// One input of several parts.
  static func joined(_ parts: [[UInt8]]) -> [UInt8] { Array(parts.joined(separator: [separator])) }

  /// The parts of an input; missing ones are empty.
  static func parts(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
    let found = bytes.split(separator: separator, maxSplits: count - 1, omittingEmptySubsequences: false)
    return (0..<count).map { $0 < found.count ? Array(found[$0]) : [] }
  }
}

/// Ends the process where a reader breaks its promise, as a trap in the reader would.
func law(_ isKept: Bool, _ words: @autoclosure () -> String) {
  if isKept { return }
  try? FileHandle.standardError.write(contentsOf: Data("broken: \(words())\n".utf8))
  abort()
}

/// The text of a part, repaired where it is not UTF-8: front ends refuse such bytes before a reader sees them.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A folder for the readers that take paths. Each process has its own, removed at its end.
enum ScratchFolder {
  static let path: String = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-fuzz-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: ScratchFolder.path) }
    return folder.path
  }()

  /// Makes a folder of exactly these files and returns its path.
  static func with(_ name: String, _ files: [(name: String, bytes: [UInt8])]) -> String {
    let folder = path + "/" + name
    mkdir(folder, 0o700)
    for file in files {
      guard let stream = fopen("\(folder)/\(file.name)", "wb") else { continue }
      _ = file.bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
      fclose(stream)
    }
    return folder
  }
}
