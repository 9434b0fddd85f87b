import EngineAPI
import JSONText
import TerminalUI
import Yams

/// A YAML file with the options of a training run: `learning_rate: 5e-5` and so on.
public enum TrainingFile {
  /// An option of the file.
  public struct Entry: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: String
    /// The line, counted from 1.
    public let line: Int
  }

  /// Reads names and values.
  /// - Throws: `EngineError` if the file can't be read or is not a mapping of names to values.
  public static func read(_ path: String) throws(EngineError) -> [Entry] {
    func failure(_ line: Int? = nil, expected: String, found: String) -> EngineError {
      EngineError(
        .usage, "can't read the options", at: line.map { "\(path) line \($0)" } ?? path, expected: expected,
        found: found)
    }
    let bytes: [UInt8]
    do throws(JSONError) { bytes = try FileBytes.read(path, limit: 1 << 20) } catch { throw EngineError(.usage, error) }
    let node: Node?
    do throws(YAMLFault) { node = try YAMLDocument.compose(String(decoding: bytes, as: UTF8.self)) } catch {
      if case .repeatedKey(let key) = error.kind {
        throw failure(error.line, expected: "each name once", found: "\(key) again")
      }
      throw failure(error.line, expected: "YAML", found: "other text")
    }
    guard let node else { return [] }
    guard let mapping = node.mapping else { throw failure(expected: "names and values", found: "other YAML") }
    var options: [Entry] = []
    for (key, value) in mapping {
      let line = key.mark?.line ?? 1
      guard let name = key.scalar?.string else {
        throw failure(line, expected: "names and values", found: "a key without name")
      }
      if let text = value.scalar?.string {
        options.append(Entry(name: name, value: text, line: line))
      } else if let list = value.sequence?.compactMap({ $0.scalar?.string }) {
        if TrainingOption.repeated.contains(name) {
          options += list.map { Entry(name: name, value: $0, line: line) }
        } else {
          options.append(Entry(name: name, value: list.joined(separator: ","), line: line))
        }
      } else {
        throw failure(line, expected: "a value of \(name)", found: "a mapping")
      }
    }
    return options
  }
}
