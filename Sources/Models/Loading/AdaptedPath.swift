import Checkpoints
import JSONText

/// The path of a model with adapters: `BASE+ADAPTER+ADAPTER`, the adapters in the order in which they are applied. A
/// single path of an adapter's folder stands for its base with the adapter.
public struct AdaptedPath: Sendable, Hashable {
  /// The path of the model without adapters.
  public let base: String
  /// The folders of the adapters, in PEFT's format.
  public let adapters: [String]

  /// The name of PEFT's configuration in an adapter's folder.
  public static let configurationFile = "adapter_config.json"
  /// The most adapters over each other.
  private static let most = 8

  /// Whether a path is the folder of an adapter.
  public static func isAdapter(_ path: String) -> Bool { FileBytes.exists("\(path)/\(configurationFile)") }

  /// Where the files of the tokenizer and the chat template are: the path of the base, or an ordinary path itself.
  public static func base(of path: String) -> String { ((try? AdaptedPath(path)) ?? nil)?.base ?? path }

  /// Reads a path.
  /// - Returns: `nil` for an ordinary path.
  /// - Throws: ``ModelError`` if the base of an adapter is not found.
  public init?(_ path: String) throws(ModelError) {
    if FileBytes.exists(path) {
      guard Self.isAdapter(path) else { return nil }
      self = try Self.chain(of: path, depth: 1)
      return
    }
    let parts = path.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    // A folder may have a plus sign in its name.
    guard let count = (1..<parts.count).first(where: { FileBytes.exists(Self.joined(parts[..<$0])) }) else {
      return nil
    }
    var adapters: [String] = []
    var rest = parts[count...]
    while !rest.isEmpty {
      guard let next = (1...rest.count).first(where: { Self.isAdapter(Self.joined(rest.prefix($0))) }) else {
        throw .invalidConfiguration(
          path: path, key: "the adapters", expected: "folders with \(Self.configurationFile)",
          found: Self.joined(rest))
      }
      adapters.append(Self.joined(rest.prefix(next)))
      rest = rest.dropFirst(next)
    }
    let first = Self.joined(parts[..<count])
    // The first part may itself be an adapter's folder.
    let inner = Self.isAdapter(first) ? try Self.chain(of: first, depth: 1) : nil
    self.init(base: inner?.base ?? first, adapters: (inner?.adapters ?? []) + adapters)
  }

  private init(base: String, adapters: [String]) {
    self.base = base
    self.adapters = adapters
  }

  private static func joined(_ parts: some Sequence<String>) -> String { parts.joined(separator: "+") }

  /// The chain of an adapter's folder down to its base.
  private static func chain(of folder: String, depth: Int) throws(ModelError) -> AdaptedPath {
    let path = "\(folder)/\(configurationFile)"
    let named = try ConfigurationReader(path: path).members["base_model_name_or_path"]?.string ?? ""
    func failure(_ expected: String) -> ModelError {
      .invalidConfiguration(path: path, key: "base_model_name_or_path", expected: expected, found: "'\(named)'")
    }
    guard depth <= most else { throw failure("the base of at most \(most) stacked adapters") }
    guard !named.isEmpty else { throw failure("the folder of the base model") }
    // A relative path counts from the adapter's folder or, as in PEFT, from the working folder.
    let places = named.hasPrefix("/") ? [named] : ["\(folder)/\(named)", named]
    guard let base = places.first(where: { FileBytes.exists($0) }) else {
      throw failure("the folder of the base model; name it before the adapter, as in BASE+\(folder)")
    }
    guard isAdapter(base) else { return AdaptedPath(base: base, adapters: [folder]) }
    let inner = try chain(of: base, depth: depth + 1)
    return AdaptedPath(base: inner.base, adapters: inner.adapters + [folder])
  }
}
