import EngineAPI
import TerminalUI

extension Slot {
  /// The prediction of the changed model.
  static let insideChange = Slot(.inside, "change")
  /// What single activations of the other text restore.
  static let insideSweep = Slot(.inside, "sweep")
  /// The tokens of the other text.
  static let insideDonor = Slot(.inside, "donor")
}

/// Changes of the model: parts that are switched off or scaled, control vectors, and activations of another text.
extension InsideState {
  /// The step of a part's factor and of a control vector's.
  static let (factorStep, vectorStep) = (0.25, 0.5)
  /// The largest amount of a factor.
  static let mostFactor = 16.0

  /// The parts that are switched off.
  var off: [ModelPart] {
    changes.compactMap { if case .scale(let part, by: 0) = $0 { part } else { nil } }
  }

  /// A part of the layer at the cursor; `nil` without an answer.
  private func part(_ piece: ModelPart.Piece) -> ModelPart? {
    guard let layer else { return nil }
    let isPair = look.answer?.source != nil
    let isOwn = kind == .own || piece != .head(head) && kind == .cross
    let word: ModelPart.Word? = isPair ? (kind == .encoder ? .encoder : isOwn ? .decoder : .cross) : nil
    return ModelPart(word, layer: layer, piece)
  }

  /// Switches a part of the chosen layer off. A part that is changed already becomes as it was.
  mutating func toggle(piece: ModelPart.Piece, _ shell: inout Shell) {
    guard shell.information(model) != nil, let part = part(piece) else {
      shell.notice = Self.nothingKnown
      return
    }
    if let index = changes.firstIndex(where: { if case .scale(part, by: _) = $0 { true } else { false } }) {
      remove(change: index)
    } else {
      add(.scale(part, by: 0))
    }
  }

  private static let nothingKnown = "nothing is known of the layers yet"

  private mutating func add(_ change: ModelChange) {
    changes.append(change)
    chosenChange = changes.count - 1
  }

  /// Takes a change back.
  mutating func remove(change index: Int) {
    guard changes.indices.contains(index) else { return }
    changes.remove(at: index)
    chosenChange = max(0, min(chosenChange, changes.count - 1))
    if changes.isEmpty, focus == .change { focus = .sums }
  }

  /// Takes all changes back.
  mutating func removeChanges(_ shell: inout Shell) {
    if changes.isEmpty { shell.notice = "nothing is changed" }
    changes = []
    chosenChange = 0
    if focus == .change { focus = .sums }
  }

  /// Makes the chosen change stronger or weaker; without one, scales the head at the cursor.
  mutating func strengthen(_ sign: Double, _ shell: inout Shell) {
    guard changes.indices.contains(chosenChange) else {
      guard shell.information(model) != nil, let part = part(.head(head)) else {
        shell.notice = Self.nothingKnown
        return
      }
      return add(.scale(part, by: 1 + sign * Self.factorStep))
    }
    switch changes[chosenChange] {
    case .scale(let part, let factor):
      let next = Self.bounded(factor + sign * Self.factorStep)
      // A part with the factor 1 is unchanged.
      if next == 1 {
        remove(change: chosenChange)
        shell.notice = "\(part.words) is as it was"
      } else {
        changes[chosenChange] = .scale(part, by: next)
      }
    case .steer(var vector):
      vector.scale = Self.bounded(vector.scale + sign * Self.vectorStep)
      if vector.scale == 0 { vector.scale = sign * Self.vectorStep }
      changes[chosenChange] = .steer(vector)
    case .patch: shell.notice = "an activation of another text has no strength: it takes the place of the own one"
    }
  }

  private static func bounded(_ factor: Double) -> Double { min(max(factor, -mostFactor), mostFactor) }

  /// Puts the activation of the other text in place of that at the cursor; a patch that is there is taken back.
  mutating func patchHere(_ shell: inout Shell) {
    guard let donor else {
      shell.notice = "no other text yet" + shell.keyHint(.donorText, in: .lens, "takes one")
      return
    }
    guard let answer = look.answer, let position, row > 0 else {
      shell.notice =
        look.answer == nil ? Self.nothingKnown : "after the embedding nothing can be patched: choose a layer"
      return
    }
    let word: ModelPart.Word? = answer.source == nil ? nil : kind == .encoder ? .encoder : .decoder
    let patch = ActivationPatch(
      word, layer: row - 1, position: word == .encoder ? attentionCursor(answer) : position, text: donor.text)
    let isSame = { (change: ModelChange) in
      guard case .patch(let other) = change else { return false }
      return (other.word, other.layer, other.position) == (patch.word, patch.layer, patch.position)
    }
    if let index = changes.firstIndex(where: isSame) {
      let wasEqual = changes[index] == .patch(patch)
      remove(change: index)
      if wasEqual { return }
    }
    add(.patch(patch))
  }

  /// Shows how much single activations of the other text restore, or the lens again.
  mutating func showSweep(_ shell: inout Shell) {
    guard cells != .restored else {
      cells = .afterLayer
      return
    }
    guard shell.information(model)?.family != .seq2seq else {
      shell.notice = "a sweep is for models that read one text: p patches a single activation"
      return
    }
    guard donor != nil else {
      shell.notice = "no other text yet" + shell.keyHint(.donorText, in: .lens, "takes one")
      return
    }
    cells = .restored
  }

  // MARK: Pickers

  static let (vectorPicker, donorPicker, watchPicker) = ("Control vector", "Other text", "Watch list")
  /// The value of a row that takes a string off the watch list, before the string.
  private static let removal = "take off "
  /// The most strings that are watched.
  static let mostWatched = 4

  func picker(_ action: Action) -> String? {
    switch action {
    case .steer: Self.vectorPicker
    case .donorText: Self.donorPicker
    case .watch: Self.watchPicker
    case .otherFormat: Self.formatPicker
    default: nil
    }
  }

  func choices(_ name: String, _ shell: Shell) -> [PickerItem] {
    if name == Self.formatPicker { return formatChoices(shell) }
    if name == Self.watchPicker {
      return watchList.map {
        PickerItem(
          name: Self.removal + visible($0, keepsSpaces: true), detail: "", choice: .own(Self.removal + $0, list: name))
      }
    }
    guard name == Self.donorPicker else {
      return vectorPaths.map { PickerItem(name: $0, detail: "", choice: .own($0, list: name)) }
    }
    let current = prompt.editor.text
    return prompt.history.entries.reversed().filter { $0 != current }.prefix(20).map {
      PickerItem(name: visible($0, keepsSpaces: true), detail: "", choice: .own($0, list: name))
    }
  }

  func entry(_ text: String, in name: String, _ shell: Shell) -> PickerItem? {
    if name == Self.formatPicker { return nil }
    if name == Self.watchPicker {
      let isFull = watchList.count >= Self.mostWatched
      let words = "\(NumberText.words(Self.mostWatched)) at most: take one off first"
      return isFull
        ? PickerItem(name: words, detail: "", choice: .problem(words))
        : PickerItem(name: "Watch this", detail: "", choice: .own(text, list: name))
    }
    if name == Self.donorPicker {
      return PickerItem(name: "Take this text", detail: "", choice: .own(text, list: name))
    }
    var path = String(text.drop { $0 == " " })
    while path.last == " " { path.removeLast() }
    let item = PickerItem(name: "Add \(path)", detail: "", choice: .own(path, list: name))
    guard let home = shell.settings.home, path.hasPrefix("~/") else { return item }
    return PickerItem(name: "Add \(path)", detail: "", choice: .own(home + path.dropFirst(), list: name))
  }

  func entryHint(in name: String) -> String? {
    switch name {
    case Self.vectorPicker: "the file of a control vector, added to the residual stream"
    case Self.donorPicker: "a text whose activations are put into this one's run"
    default: nil
    }
  }

  func entryStart(in name: String) -> String {
    guard name == Self.donorPicker else { return "" }
    return donor?.text ?? prompt.editor.text
  }

  mutating func choose(_ value: String, in name: String, _ shell: inout Shell) -> [Effect] {
    guard !value.isEmpty else { return [] }
    if name == Self.formatPicker { return choose(format: value) }
    if name == Self.watchPicker {
      if value.hasPrefix(Self.removal) {
        watchList.removeAll { Self.removal + $0 == value }
      } else if !watchList.contains(value) {
        watchList.append(value)
      }
      return []
    }
    if name == Self.donorPicker {
      donor = EntryText(value)
      // A new text takes the place of the old one in its patches.
      for index in changes.indices {
        guard case .patch(var patch) = changes[index] else { continue }
        patch.text = value
        changes[index] = .patch(patch)
      }
      shell.notice =
        "activations can come from this text" + shell.keyHint(.patchHere, in: .lens, "patches the one at the cursor")
      let wasSwept = sweep.clear()
      return wasSwept ? [.cancel(.insideSweep)] : []
    }
    if !vectorPaths.contains(value) { vectorPaths.insert(value, at: 0) }
    add(.steer(ControlVector(path: value)))
    return []
  }

  // MARK: Requests

  /// Requests the tokens of the other text.
  mutating func askDonor(_ shell: inout Shell) -> [Effect] { donor?.ask(.insideDonor, model, &shell) ?? [] }

  /// Requests the prediction of the changed model, at the place of the lens.
  mutating func askChanged(_ shell: inout Shell) -> [Effect] {
    guard !changes.isEmpty, let shown = look.request else {
      return changed.clear() ? [.cancel(.insideChange)] : []
    }
    var request = InspectionRequest(
      context: shown.context, position: shown.position, parts: [], topCount: Self.listed)
    request.changes = changes
    return changed.ask(request, &shell).map { [.inspect(Ticket(.insideChange, version: $0), request)] } ?? []
  }

  /// Requests the sweep while it is shown.
  mutating func askSweep(_ shell: inout Shell) -> [Effect] {
    guard cells == .restored, let ids = donor?.ids, look.awaited == nil, let answered = look.answered else { return [] }
    var request = InspectionRequest(
      context: answered.context, position: firstMask(shell), parts: [], topCount: 1, token: followed, against: against)
    request.sweptIDs = ids
    return sweep.ask(request, &shell).map { [.inspect(Ticket(.insideSweep, version: $0), request)] } ?? []
  }

  /// Why there is no sweep; `nil` if there is one.
  var sweepLine: String? {
    if let failure = donor?.failure ?? sweep.failure { return Self.words(failure) }
    return sweep.answer?.sweep == nil || sweep.awaited != nil ? "every activation of the other text is tried" : nil
  }

  /// An error in a line.
  static func words(_ failure: EngineError) -> String {
    [failure.what, failure.expected.map { "expected \($0)" }, failure.found.map { "found \($0)" }, failure.hint]
      .compactMap(\.self).joined(separator: "; ")
  }
}
