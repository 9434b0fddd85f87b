import ArgumentParser
import EngineAPI
import Sampling

/// `-m` of `compare`: a model and, if wanted, settings of the sampler chain: `REF,temperature=0.7,top-p=0.9`.
struct SideOption: Sendable, Hashable {
  /// The value as it was written.
  let text: String
  /// The model, as `-m` of other commands names it.
  let name: String
  /// The settings, in the order in which they were written.
  let settings: [Setting]

  /// A setting of the sampler chain.
  struct Setting: Sendable, Hashable {
    /// The name, as an option without dashes.
    let name: String
    /// The value.
    let value: String
  }

  /// Parses a value. The settings are the last parts between commas that have an equals sign, so that a path may
  /// contain commas.
  static func parse(_ text: String) throws(CommandError) -> SideOption {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false)
    var settings: [Setting] = []
    while parts.count > 1, let last = parts.last, let sign = last.firstIndex(of: "=") {
      settings.insert(
        Setting(name: String(last[..<sign]), value: String(last[last.index(after: sign)...])), at: 0)
      parts.removeLast()
    }
    let side = SideOption(text: text, name: parts.joined(separator: ","), settings: settings)
    guard !side.name.isEmpty else {
      throw .wrongValue(
        text, of: "-m/--model", expected: "a model and settings, such as storyteller,temperature=0.7,top-p=0.9")
    }
    _ = try side.chain()
    return side
  }

  /// The settings as options of the chain; `nil` if there are none.
  func chain() throws(CommandError) -> ChainOptions? {
    settings.isEmpty ? nil : try ChainOptions(settings.map { ($0.name, $0.value) }, of: "-m \(text)")
  }
}

extension ModelReference {
  /// A name for a table's column of a side: `A storyteller@q4`.
  func sideName(_ index: Int) -> String {
    "\(Self.letter(index)) \(shortName)\(format.map { "@\($0.rawValue)" } ?? "")"
  }

  /// `A`, `B`, `C`, `D`.
  static func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(ascii: "A") + UInt8(clamping: index))) }
}
