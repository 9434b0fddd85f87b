/// The names of weight files. `Checkpoints` opens these files; the targets that only list or hash them know them by
/// name.
public enum WeightFileNames {
  /// The endings of the files of every weight container.
  public static let endings = [".safetensors"]

  /// Whether a file of a model folder has weights that a container reads.
  public static func areWeights(_ name: String) -> Bool { endings.contains { name.hasSuffix($0) } }
}
