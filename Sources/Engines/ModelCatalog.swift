import EngineAPI
import JSONText

/// Where models are found: handed to the engine by the program, so that the engine knows no folders of its own.
public struct ModelCatalog: Sendable {
  /// A model's name and the folder it lies in.
  public struct Entry: Sendable, Hashable {
    /// The name that it is opened by.
    public var name: String
    /// The folder in Hugging Face layout.
    public var folder: String
    /// Where it was found: `bundled`, `folder`.
    public var source: String

    /// An entry.
    public init(name: String, folder: String, source: String) {
      self.name = name
      self.folder = folder
      self.source = source
    }
  }

  /// The models to list, in their order.
  public var entries: @Sendable () -> [Entry]
  /// The folder that a reference means; throws where there is none.
  public var resolve: @Sendable (ModelReference) throws(EngineError) -> Entry

  /// A catalogue of these functions.
  public init(
    entries: @escaping @Sendable () -> [Entry],
    resolve: @escaping @Sendable (ModelReference) throws(EngineError) -> Entry
  ) {
    self.entries = entries
    self.resolve = resolve
  }

  /// A catalogue in which each name is a path.
  public static let paths = ModelCatalog(entries: { [] }) { reference throws(EngineError) in
    Entry(name: reference.name, folder: reference.name, source: "folder")
  }
}

/// `README.md` of a model folder: the model's card.
enum CardFile {
  /// The bytes of a card that travel; a longer one ends there.
  static let longest = 65_536

  /// A file beyond this is no card, and not read.
  private static let largestFile = 16 << 20

  /// The card without the YAML before it; `nil` where there is none that can be read.
  static func text(folder: String) -> String? {
    guard let bytes = try? FileBytes.read(folder + "/README.md", limit: largestFile) else { return nil }
    return text(of: bytes)
  }

  /// The text of a card: UTF-8, what is none replaced by U+FFFD, without the front matter between two lines `---`.
  static func text(of bytes: [UInt8]) -> String {
    var bytes = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    bytes = bytes.prefix(longest)
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

  /// Takes a line off the beginning, its newline with it.
  private static func nextLine(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let line = bytes.prefix { $0 != 0x0A }
    bytes = bytes.dropFirst(line.count + 1)
    return line
  }
}
