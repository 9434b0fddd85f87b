import EngineAPI
import TerminalUI

extension Slot {
  /// The tokens of a side's own prompt.
  static func comparedPrompt(_ id: Int) -> Slot { Slot(.compare, "prompt", id) }
}

/// What a side has of its own: changes of its model, and a text before the common one.
extension CompareState {
  private static let (changePicker, promptPicker) = ("Change of ", "Prompt of ")
  /// The value of a row that takes a change back, before the change's option.
  private static let removal = "take back "

  /// What can be typed as a change.
  static let changeForms = "3.1, scale 3.ffn=0.5, patch 2:5=text, control-vector FILE"

  func picker(_ action: Action) -> String? {
    switch action {
    case .changeSide: Self.changePicker + ComparedModel.letter(lead)
    case .promptSide: Self.promptPicker + ComparedModel.letter(lead)
    default: nil
    }
  }

  func choices(_ name: String, _ shell: Shell) -> [PickerItem] {
    if name.hasPrefix(Self.changePicker) {
      return sides[lead].model.changes.map { change in
        PickerItem(
          name: Self.removal + change.option, detail: "", choice: .own(Self.removal + change.option, list: name))
      }
    }
    return sides[lead].prompt == nil
      ? [] : [PickerItem(name: "no prompt of its own", detail: "", choice: .own("", list: name))]
  }

  func entry(_ text: String, in name: String, _ shell: Shell) -> PickerItem? {
    if name.hasPrefix(Self.promptPicker) {
      return PickerItem(name: "Read this before the text", detail: "", choice: .own(text, list: name))
    }
    guard let change = Self.change(text) else {
      return PickerItem(name: Self.changeForms, detail: "", choice: .problem(Self.changeForms))
    }
    return PickerItem(name: "Add \(change.option)", detail: "", choice: .own(text, list: name))
  }

  func entryStart(in name: String) -> String {
    name.hasPrefix(Self.promptPicker) ? sides[lead].prompt?.text ?? "" : ""
  }

  /// A change as it is typed: an option of the command line, or only a part, which is switched off.
  private static func change(_ text: String) -> ModelChange? {
    let words = text.split(separator: " ")
    if words.count == 1, let part = ModelPart(parsing: words[0]) { return .scale(part, by: 0) }
    return ModelChange(parsing: text)
  }

  mutating func choose(_ value: String, in name: String, _ shell: inout Shell) -> [Effect] {
    let effects = abandon(side: lead, &shell)
    if name.hasPrefix(Self.promptPicker) {
      sides[lead].prompt = value.isEmpty ? nil : EntryText(value)
    } else if value.hasPrefix(Self.removal) {
      sides[lead].model.changes.removeAll { Self.removal + $0.option == value }
    } else if let change = Self.change(value) {
      sides[lead].model.changes.append(change)
    }
    return effects + forget()
  }

  /// Requests the tokens of the sides' own prompts.
  mutating func askPrompts(_ shell: inout Shell) -> [Effect] {
    var effects: [Effect] = []
    for index in sides.indices {
      guard var own = sides[index].prompt else { continue }
      effects += own.ask(.comparedPrompt(sides[index].id), sides[index].model, &shell)
      sides[index].prompt = own
    }
    return effects
  }

  /// The tokens that a side reads before the common text; `nil` while they are not known. If a side has a prompt of its
  /// own, what the tokenizer puts before the text belongs to the prompts.
  func leading(_ side: ComparedModel) -> [TokenValue]? {
    if let own = side.prompt { return own.tokens?.values }
    return Array(prompt.tokens.values.prefix(addedCount))
  }

  /// The number of tokens before the common text that the tokenizer has added.
  var addedCount: Int {
    guard sides.contains(where: { $0.prompt != nil }) else { return 0 }
    return prompt.tokens.tokens.prefix { $0.isSpecial }.count
  }
}
