import ArgumentParser
import EngineAPI
import Sampling

/// `-m` of `compare`: a model and, if wanted, settings of the sampler chain, changes of its activations and a prompt of
/// its own: `REF,temperature=0.7,ablate=3.1,prompt=Once`.
struct SideOption: Sendable, Hashable {
  /// The value as it was written.
  let text: String
  /// The model, as `-m` of other commands names it.
  let name: String
  /// The settings of the chain, in the order in which they were written.
  let settings: [Setting]
  /// The changes of the model's activations.
  let changes: [ModelChange]
  /// The text before the compared one; `nil` for none.
  let prompt: String?

  /// A setting of the sampler chain.
  struct Setting: Sendable, Hashable {
    /// The name, as an option without dashes.
    let name: String
    /// The value.
    let value: String
  }

  /// Parses a value. The settings are the last parts between commas that have an equals sign, so that a path may
  /// contain commas. The text of a prompt or a patch may contain commas too: it ends before the next `name=`.
  static func parse(_ text: String) throws(CommandError) -> SideOption {
    var parts: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let last = parts.last, parts.count > 1, ["\(promptName)=", "patch="].contains(where: last.hasPrefix),
        part.wholeMatch(of: /[\w-]+=.*/.dotMatchesNewlines()) == nil
      {
        parts[parts.count - 1] = last + "," + part
      } else {
        parts.append(String(part))
      }
    }
    var settings: [Setting] = []
    while parts.count > 1, let last = parts.last, let sign = last.firstIndex(of: "=") {
      settings.insert(
        Setting(name: String(last[..<sign]), value: String(last[last.index(after: sign)...])), at: 0)
      parts.removeLast()
    }
    var changes: [ModelChange] = []
    var prompt: String?
    var chain: [Setting] = []
    for setting in settings {
      let name = String(setting.name.map { $0 == "_" ? "-" : $0 })
      if name == promptName {
        prompt = setting.value
      } else if ModelChange.names.contains(name) {
        guard let change = ModelChange(name: name, value: setting.value) else {
          throw .badValue(
            option: "-m \(text)", expected: "\(name)=\(forms[name] ?? "")", found: "'\(setting.value)'",
            hint: "layers, heads and positions count from 0")
        }
        changes.append(change)
      } else {
        chain.append(setting)
      }
    }
    let side = SideOption(
      text: text, name: parts.joined(separator: ","), settings: chain, changes: changes, prompt: prompt)
    guard !side.name.isEmpty else {
      throw .wrongValue(
        text, of: "-m/--model", expected: "a model and settings, such as storyteller,temperature=0.7,top-p=0.9")
    }
    _ = try side.chain()
    return side
  }

  /// The name of the setting with the text before the compared one.
  private static let promptName = "prompt"
  /// The forms of the values of changes.
  private static let forms = [
    "ablate": "L.H, L.ffn or L", "scale": "PART=X, such as 3.ffn=0.5", "patch": "L:POSITION=TEXT",
    "control-vector": "FILE", "control-vector-scaled": "FILE:X",
  ]

  /// The settings as options of the chain; `nil` if there are none.
  func chain() throws(CommandError) -> ChainOptions? {
    settings.isEmpty ? nil : try ChainOptions(settings.map { ($0.name, $0.value) }, of: "-m \(text)")
  }
}

extension ModelReference {
  /// `A`, `B`, `C`, `D`.
  static func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(ascii: "A") + UInt8(clamping: index))) }
}
