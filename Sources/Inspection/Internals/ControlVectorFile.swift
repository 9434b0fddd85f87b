import Checkpoints
import EngineAPI
import Tensors

/// A file of a control vector (Zou et al. 2023, arXiv:2310.01405): a direction for each of some layers.
///
/// In a safetensors file, or in a GGUF file as llama.cpp reads it, the tensor `direction.L` is the direction that is
/// added after layer L. llama.cpp has no direction for layer 0.
public struct ControlVectorFile: Sendable {
  /// The directions by layer. `[width]`
  public let directions: [Int: [Float]]

  private static let prefix = "direction."

  /// Reads a file.
  /// - Throws: ``EngineError`` if it cannot be read, or a tensor is not a direction.
  public init(path: String) throws(EngineError) {
    let store: any TensorStore
    do throws(CheckpointError) {
      if path.hasSuffix(".gguf") {
        store = try GGUFFile(path: path)
      } else {
        store = try SafetensorsFile(path: path)
      }
    } catch {
      throw EngineError(.model, error, settings: [.changes])
    }
    var directions: [Int: [Float]] = [:]
    for name in store.names {
      let digits = name.dropFirst(Self.prefix.count).utf8
      guard name.hasPrefix(Self.prefix), digits.count <= 6, digits.allSatisfy({ (48...57).contains($0) }),
        let layer = Int(name.dropFirst(Self.prefix.count))
      else {
        throw Self.invalid(path, name, "a tensor named direction.L with the number of a layer", found: name)
      }
      guard let entry = store.entry(name), let tensor = store[name] else {
        throw Self.invalid(path, name, "numbers of a supported type", found: "another type")
      }
      guard entry.shape.count <= Shape.mostAxes, entry.shape.filter({ $0 != 1 }).count <= 1 else {
        throw Self.invalid(path, name, "one row of numbers", found: "the shape \(entry.shape)")
      }
      directions[layer] = tensor.tensor().scalars
    }
    guard !directions.isEmpty else {
      throw Self.invalid(path, nil, "at least one tensor direction.L", found: "none")
    }
    do throws(CheckpointError) { try store.checkUnchanged() } catch { throw EngineError(.model, error) }
    self.directions = directions
  }

  private static func invalid(_ path: String, _ name: String?, _ expected: String, found: String) -> EngineError {
    EngineError(
      .model, "not a control vector", at: path + (name.map { ", tensor \($0)" } ?? ""), expected: expected,
      found: found, settings: [.changes])
  }
}
