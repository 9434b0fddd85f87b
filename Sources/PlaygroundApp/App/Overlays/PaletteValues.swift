import EngineAPI
import Sampling
import TerminalUI

/// Palette entries for values, such as `temperature 0.7`, in addition to those for actions.
extension PlaygroundState {
  /// The rows for a filter that names a value: `temperature 0.7`, `top p 0.9`, `seed 7`, `theme light`, `model cloze`,
  /// `color rank`. Empty for anything else.
  func valueItems(_ filter: String) -> [PickerItem] {
    let words = filter.lowercased().split { $0 == " " || $0 == "=" || $0 == ":" }.map(String.init)
    guard words.count > 1, let value = words.last else { return [] }
    var names = words.dropLast().map { $0.replacing("-", with: " ") }
    if ["to", "by", "is"].contains(names.last), names.count > 1 { names.removeLast() }
    if names.first == "set", names.count > 1 { names.removeFirst() }
    let name = names.joined(separator: " ")
    switch name {
    case "theme", "scheme", "colours", "colors": return themes(value)
    case "model", "open", "open model", "load": return modelItems(value)
    case "preset", "settings":
      return Self.nearest(value, shell.settings.presets.filter { $0.name.lowercased().contains(value) }) { [$0.name] }
        .map { PickerItem(name: "Preset \($0.name)", detail: "", choice: .preset($0)) }
    case "colour", "color", "heat", "colour tokens", "color tokens":
      return HeatMeasure.allCases.filter { $0.rawValue.hasPrefix(value) }.map {
        PickerItem(name: "Color by \($0.rawValue)", detail: "now \(shell.heat.rawValue)", choice: .heat($0))
      }
    default: break
    }
    guard let values = current.sampler,
      let row = SamplerRow.all(values).first(where: { $0.spokenNames.contains(name) })
    else { return [] }
    var trial = self
    if let problem = trial.set(row, to: value) {
      return [PickerItem(name: problem, detail: "", choice: .problem(problem))]
    }
    let detail = ["now \(row.text(values))", row.boundsWords].compactMap(\.self).joined(separator: ", ")
    return [
      PickerItem(
        name: "Set \(row.name) to \(row.text(trial.samplerValues))", detail: detail, choice: .setting(row, value))
    ]
  }

  /// A row for each value that can be typed, with its current value.
  var settingItems: [PickerItem] {
    guard let values = current.sampler else { return [] }
    return SamplerRow.rows(values).filter { $0 != .stage(.logitBias) }.map { row in
      PickerItem(
        name: "\(row.name) …", detail: "now \(row.text(values))", choice: .completion(row.name + " "),
        synonyms: row.spokenNames)
    }
  }

  private func themes(_ value: String) -> [PickerItem] {
    // A theme of that name comes before others that are dark or light.
    let isNamed = { (theme: Theme) in
      theme.title.lowercased().contains(value) || theme.name.lowercased().contains(value)
    }
    let others = shell.settings.themes.filter { !isNamed($0) && value == ($0.isDark ? "dark" : "light") }
    let named = Self.nearest(value, shell.settings.themes.filter(isNamed)) { [$0.title, $0.name] }
    return (named + others).map {
      PickerItem(name: "Theme \($0.title)", detail: $0.isDark ? "dark" : "light", choice: .theme($0.name))
    }
  }

  private func modelItems(_ value: String) -> [PickerItem] {
    Self.nearest(value, shell.models.filter { $0.name.lowercased().contains(value) }) { [$0.name] }.map {
      PickerItem(name: "Model \($0.name)", detail: "", choice: .model($0))
    }
  }

  /// Sorts values by how well one of their names matches a word: exact matches first, then names that contain a word
  /// with this prefix, then the others in their own order.
  private static func nearest<Value>(_ word: String, _ values: [Value], names: (Value) -> [String]) -> [Value] {
    func rank(_ value: Value) -> Int {
      let names = names(value).map { $0.lowercased() }
      let words = names.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }
      return names.contains(word) ? 0 : words.contains { $0.hasPrefix(word) } ? 1 : 2
    }
    return values.enumerated().map { (rank($1), $0, $1) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  /// The row that opens the typed text as a model path; `nil` if the text cannot be one. A name that matches no listed
  /// model is also treated as a path.
  func pathItem(_ text: String, isListed: Bool) -> PickerItem? {
    var path = text.drop { $0 == " " }
    while path.last == " " { path.removeLast() }
    guard !path.isEmpty, path.contains("/") || path.hasPrefix("~") || path.hasPrefix(".") || !isListed else {
      return nil
    }
    var expanded = String(path)
    if let home = shell.settings.home, path == "~" || path.hasPrefix("~/") { expanded = home + path.dropFirst() }
    return PickerItem(name: "Open \(path)", detail: "", choice: .path(ModelReference(parsing: expanded)))
  }
}

extension SamplerRow {
  /// The names by which users search for the row, in lower case and without hyphens.
  var spokenNames: [String] {
    let own = [name.replacing("-", with: " ")]
    let others: [String] =
      switch self {
      case .stage, .detail: setting?.spokenNames ?? []
      case .seed: ["random seed"]
      case .maxTokens: ["maximum tokens", "max new tokens", "max length", "tokens", "length"]
      case .beams: ["num beams", "beam"]
      case .lengthPenalty: []
      case .earlyStopping: []
      }
    return own + others
  }
}

extension Action {
  /// Other words that people look for in the palette.
  var synonyms: [String] {
    switch self {
    case .quit: ["quit", "exit", "leave", "close the program"]
    case .interrupt: ["cancel", "interrupt"]
    case .stop: ["stop", "cancel", "halt"]
    case .send: ["run", "go", "start", "submit"]
    case .newline: ["line break", "new line"]
    case .earlierPrompt: ["history", "previous prompt"]
    case .laterPrompt: ["next prompt"]
    case .editor: ["open editor", "vim", "nano"]
    case .example: ["sample", "demo"]
    case .take: ["choose candidate", "accept"]
    case .search: ["find token", "filter"]
    case .chain: ["after sampling", "distribution"]
    case .bars: ["absolute", "scale"]
    case .zoom: ["zoom", "maximize", "full screen", "enlarge"]
    case .copy: ["copy", "clipboard", "yank"]
    case .heat: ["color", "colour", "heat map", "highlight"]
    case .undo: ["back", "revert"]
    case .redo: ["forward"]
    case .sampler: ["settings", "temperature", "top-k", "top-p", "seed", "penalty", "parameters", "beams"]
    case .model: ["open model", "load", "switch model", "weights", "folder"]
    case .theme: ["dark", "light", "appearance"]
    case .nextHit, .previousHit: ["surprise", "uncertain", "jump"]
    case .help: ["help", "shortcuts", "bindings", "manual"]
    case .mouse: ["click", "scroll wheel"]
    case .palette: ["commands"]
    case .lessons: ["tutorial", "learn", "guide", "tour", "course"]
    default: []
    }
  }
}

extension StageSetting {
  /// All names of the value, and common synonyms.
  fileprivate var spokenNames: [String] {
    let names = [name, letters] + aliases + [fileKey?.name.replacing("_", with: "-")].compactMap(\.self)
    let others = ["top-p": ["nucleus"], "repeat-penalty": ["repeat"], "min-tokens": ["minimum tokens", "min length"]]
    return names.map { $0.lowercased().replacing("-", with: " ") } + [name.replacing("-", with: "")]
      + (others[name] ?? [])
  }
}
