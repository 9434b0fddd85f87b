import EngineAPI
import JSONText

/// How models are found. The program passes a catalog to the engine, which knows no folders itself.
public struct ModelCatalog: Sendable {
  /// Finds the models to list, in order, and passes on those of each place as soon as it has been read.
  public var list: @Sendable (_ found: ([ModelPlace]) -> Void) throws(EngineError) -> Void
  /// Returns the place of a reference; throws if there is none.
  public var resolve: @Sendable (ModelReference) throws(EngineError) -> ModelPlace
  /// The schemes of names that `resolve` knows.
  public var schemes: Set<String>

  /// Creates a catalog.
  public init(
    schemes: Set<String> = [], list: @escaping @Sendable (_ found: ([ModelPlace]) -> Void) throws(EngineError) -> Void,
    resolve: @escaping @Sendable (ModelReference) throws(EngineError) -> ModelPlace
  ) {
    self.schemes = schemes
    self.list = list
    self.resolve = resolve
  }

  /// Creates a catalog that lists all models at once.
  public init(
    schemes: Set<String> = [], entries: @escaping @Sendable () -> [ModelPlace],
    resolve: @escaping @Sendable (ModelReference) throws(EngineError) -> ModelPlace
  ) {
    self.init(schemes: schemes, list: { found throws(EngineError) in found(entries()) }, resolve: resolve)
  }
}

/// The model card: `README.md` of a model folder.
enum CardFile {
  /// The card without its YAML front matter; `nil` if there is no readable card.
  static func text(folder: String) -> String? {
    guard let bytes = try? FileBytes.read(folder + "/README.md", limit: Limits.cardFileBytes) else { return nil }
    return text(of: bytes)
  }

  /// The text of a card, without the front matter between two lines `---`. Invalid UTF-8 is replaced by U+FFFD.
  static func text(of bytes: [UInt8]) -> String {
    var bytes = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    bytes = bytes.prefix(Limits.cardBytes)
    var rest = bytes
    if isRule(nextLine(&rest)) {
      while !rest.isEmpty {
        guard isRule(nextLine(&rest)) else { continue }
        bytes = rest
        break
      }
    }
    return String(String(decoding: bytes, as: UTF8.self).drop { $0.isNewline })
  }

  private static func isRule(_ line: ArraySlice<UInt8>) -> Bool {
    line.elementsEqual([0x2D, 0x2D, 0x2D]) || line.elementsEqual([0x2D, 0x2D, 0x2D, 0x0D])
  }

  /// Removes the first line with its newline and returns it without the newline.
  private static func nextLine(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let line = bytes.prefix { $0 != 0x0A }
    bytes = bytes.dropFirst(line.count + 1)
    return line
  }
}
