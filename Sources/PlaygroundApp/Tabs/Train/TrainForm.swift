import EngineAPI
import TerminalUI

/// The form that starts a run: what is typed in its lines, and what is wrong with it.
struct TrainForm: Sendable, Equatable {
  /// The longest value, in bytes.
  static let mostBytes = 4096

  /// What is typed, by line.
  private(set) var inputs = TrainField.all.map { _ in LineInput() }
  /// What is wrong with a value, by line.
  private(set) var errors: [Int: String] = [:]
  /// The task that fits the model, while none is chosen; `nil` if the model's family is not known.
  var fitting: TrainingObjective?
  /// Lines whose value was not typed: the first letter replaces it.
  private var given: Set<Int> = []
  /// The lines on the screen and the chosen one.
  var window = ListWindow(count: TrainField.all.count)

  /// The chosen line.
  var field: TrainField { TrainField.all[window.selected] }

  /// The value of a line. An empty line has the first of its choices, if it has any.
  func value(_ index: Int) -> String {
    let text = inputs[index].text.withoutOuterSpaces
    guard text.isEmpty else { return text }
    if TrainField.all[index].name == "objective", let fitting { return fitting.rawValue }
    return TrainField.all[index].choices.first ?? ""
  }

  /// The value of a line by its name.
  subscript(_ name: String) -> String {
    get { TrainField.index(name).map(value) ?? "" }
    set {
      guard let index = TrainField.index(name) else { return }
      inputs[index] = LineInput(newValue)
      errors[index] = nil
      given.insert(index)
    }
  }

  // MARK: Keys

  /// A key that types: into the line, or to another of its choices.
  mutating func type(_ stroke: KeyStroke) {
    let index = window.selected
    let choices = field.choices
    if choices.isEmpty {
      if let character = stroke.typedCharacter {
        if given.remove(index) != nil { inputs[index] = LineInput() }
        guard inputs[index].text.utf8.count + character.utf8.count <= TrainForm.mostBytes else { return }
      }
      if inputs[index].handle(stroke) {
        errors[index] = nil
        given.remove(index)
      }
      return
    }
    let chosen = choices.firstIndex(of: value(index)) ?? 0
    if stroke == KeyStroke(.left) {
      choose(chosen - 1)
    } else if stroke == KeyStroke(.right) || stroke == KeyStroke(" ") {
      choose(chosen + 1)
    } else if let character = stroke.typedCharacter?.lowercased() {
      // The next choice that begins with the letter.
      let order = choices.indices.map { (chosen + 1 + $0) % choices.count }
      if let next = order.first(where: { choices[$0].hasPrefix(character) }) { choose(next) }
    }
  }

  private mutating func choose(_ choice: Int) {
    let choices = field.choices
    inputs[window.selected] = LineInput(choices[(choice + choices.count) % choices.count])
    errors[window.selected] = nil
  }

  // MARK: The request

  /// The request of the form, or `nil` if a value is wrong; then ``errors`` says what, and the first such line is
  /// chosen.
  mutating func request() -> TrainRequest? {
    errors = [:]
    var options = TrainingOptions()
    for (index, field) in TrainField.all.enumerated() {
      if field.isNeeded, value(index).isEmpty { errors[index] = "needed" }
      // An empty line sets nothing: an option that a run has no use for may be refused.
      if let problem = set(field, inputs[index].text.withoutOuterSpaces, in: &options) { errors[index] = problem }
    }
    guard errors.isEmpty else {
      window.select(errors.keys.min() ?? 0)
      return nil
    }
    return TrainRequest(
      model: ModelReference(parsing: self["model"]),
      objective: TrainingObjective(rawValue: self["objective"]) ?? .causal,
      trainFiles: self["train_file"].split(separator: ",").map { String($0).withoutOuterSpaces }.filter { !$0.isEmpty },
      validationFile: self["validation_file"].isEmpty ? nil : self["validation_file"], output: self["output_dir"],
      fromScratch: self["from_scratch"] == "new", options: options)
  }

  /// Sets the option of a line. Returns what is wrong with the value.
  private func set(_ field: TrainField, _ value: String, in options: inout TrainingOptions) -> String? {
    guard !value.isEmpty else { return nil }
    switch field.name {
    case "sample_prompt":
      let option = TrainingOption.all.first { $0.name == field.name }
      for prompt in value.split(separator: "|").map(\.withoutOuterSpaces) where !prompt.isEmpty {
        _ = option?.set(prompt, in: &options)
      }
    case "more":
      for word in value.split(separator: " ") { if let problem = set(String(word), in: &options) { return problem } }
    default:
      guard let option = TrainingOption.all.first(where: { $0.name == field.name }) else { return nil }
      if !option.set(value, in: &options) { return "expected \(option.expected)" }
    }
    return nil
  }

  /// Sets an option of the line for others, `name=value`.
  private func set(_ word: String, in options: inout TrainingOptions) -> String? {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = String(parts[0].drop { $0 == "-" }).replacing("-", with: "_")
    if TrainField.index(name) != nil { return "\(name) has a line of its own" }
    guard let option = TrainingOption.all.first(where: { $0.name == name }) else { return "no such option: \(name)" }
    guard parts.count == 2, option.set(parts[1], in: &options) else { return "\(name): expected \(option.expected)" }
    return nil
  }

  /// Marks the line that an error of the engine is about. Returns whether there is one.
  mutating func mark(_ error: EngineError) -> Bool {
    let place = (error.place ?? "").replacing("--", with: "").replacing("-", with: "_")
    let index = TrainField.all.indices.first { index in
      let field = TrainField.all[index]
      if place == field.name { return true }
      let value = inputs[index].text.withoutOuterSpaces
      return field.choices.isEmpty && !value.isEmpty && (error.place ?? "").contains(value) && value.utf8.count > 2
    }
    guard let index else { return false }
    errors[index] = error.what
    window.select(index)
    return true
  }
}
