import EngineAPI
import JSONText
import TerminalUI
import Yams

/// A YAML file with the options of a training run: `learning_rate: 5e-5` and so on.
public enum TrainingFile {
  /// Reads names and values.
  /// - Throws: `EngineError` if the file can't be read or is not a mapping of names to values.
  public static func read(_ path: String) throws(EngineError) -> [(name: String, value: String)] {
    func failure(expected: String, found: String) -> EngineError {
      EngineError(.usage, "can't read the options", at: path, expected: expected, found: found)
    }
    let bytes: [UInt8]
    do throws(JSONError) { bytes = try FileBytes.read(path, limit: 1 << 20) } catch { throw EngineError(.usage, error) }
    let node: Node?
    do throws(YAMLFault) { node = try YAMLDocument.compose(String(decoding: bytes, as: UTF8.self)) } catch {
      throw failure(expected: "YAML", found: "a fault in line \(error.line)")
    }
    guard let node else { return [] }
    guard let mapping = node.mapping else { throw failure(expected: "names and values", found: "other YAML") }
    var options: [(name: String, value: String)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw failure(expected: "names and values", found: "a key without name")
      }
      if let text = value.scalar?.string {
        options.append((name, text))
      } else if let list = value.sequence?.compactMap({ $0.scalar?.string }) {
        if TrainingOption.repeated.contains(name) {
          options += list.map { (name, $0) }
        } else {
          options.append((name, list.joined(separator: ",")))
        }
      } else {
        throw failure(expected: "a value of \(name)", found: "other YAML")
      }
    }
    return options
  }
}
