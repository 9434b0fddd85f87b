import Foundation
import JSONText
import TestSupport

/// A parser of untrusted input: how to call it, and example inputs.
///
/// A target is a pure function of the bytes. It returns if the input is accepted or rejected, and traps if the parser
/// violates an invariant, so that a fuzzer notices.
struct FuzzTarget: Sendable {
  let name: String
  /// Valid inputs to mutate.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// Words of the format that a mutation can insert.
  var words: [String] = []
  /// The number of parts of an input, separated by ``separator``.
  var partCount = 1
  let run: @Sendable (_ bytes: [UInt8]) -> Void

  /// All targets.
  static let all = textTargets + tokenizerTargets + templateTargets + modelTargets + corpusTargets + trainingTargets

  /// The byte between the parts of an input (a text and a file, or two files). Only the last part may contain it.
  static let separator: UInt8 = 0x1E

  /// Joins parts to one input.
  static func joined(_ parts: [[UInt8]]) -> [UInt8] { Array(parts.joined(separator: [separator])) }

  /// Splits an input into its parts; missing parts are empty.
  static func parts(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
    let found = bytes.split(separator: separator, maxSplits: count - 1, omittingEmptySubsequences: false)
    return (0..<count).map { $0 < found.count ? Array(found[$0]) : [] }
  }
}

/// Ends the process if an invariant of a parser is violated, as a trap in the parser would.
func law(_ isKept: Bool, _ words: @autoclosure () -> String) {
  if isKept { return }
  try? FileHandle.standardError.write(contentsOf: Data("broken: \(words())\n".utf8))
  abort()
}

/// A part as text, with invalid UTF-8 replaced: front ends reject such bytes before a parser gets them.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A folder for parsers that take paths; one for each process, removed at its end.
enum ScratchFolder {
  static let path: String = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-fuzz-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: ScratchFolder.path) }
    return folder.path
  }()

  /// Creates a folder with exactly these files and returns its path.
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
