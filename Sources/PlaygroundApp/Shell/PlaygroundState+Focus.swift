/// What the open tab's parts have in common.
extension PlaygroundState {
  /// The pane with the focus.
  var focus: Focus {
    get {
      switch task {
      case .generate: generate.focus
      case .fillMask: fillMask.focus
      case .translate: translate.focus
      }
    }
    set {
      switch task {
      case .generate: focusGenerate(newValue)
      case .fillMask: focusFillMask(newValue)
      case .translate: translate.focus = newValue
      }
    }
  }

  /// The open tab's prompt.
  var prompt: PromptState {
    get {
      switch task {
      case .generate: generate.prompt
      case .fillMask: fillMask.prompt
      case .translate: translate.prompt
      }
    }
    // In place: a prompt can be long.
    _modify {
      switch task {
      case .generate: yield &generate.prompt
      case .fillMask: yield &fillMask.prompt
      case .translate: yield &translate.prompt
      }
    }
  }

  /// The list of candidates that keys go to: of the mask with the focus, else the tab's own.
  var list: CandidateList? {
    get {
      switch task {
      case .generate: generate.candidates
      case .translate: translate.candidates
      case .fillMask:
        fillMask.lists.indices.contains(fillMask.shownGap) ? fillMask.lists[fillMask.shownGap] : nil
      }
    }
    set {
      guard let newValue else { return }
      switch task {
      case .generate: generate.candidates = newValue
      case .translate: translate.candidates = newValue
      case .fillMask:
        if fillMask.lists.indices.contains(fillMask.shownGap) { fillMask.lists[fillMask.shownGap] = newValue }
      }
    }
  }

  /// Whose keys count now.
  var keyContext: KeyContext {
    if let overlay { return overlay.keyContext }
    switch focus {
    case .candidates, .mask: return list?.isSearching == true ? .search : focus.keyContext
    default: return focus.keyContext
    }
  }

  /// The panes that Tab walks through, those that have no room on the screen now included.
  var focusOrder: [Focus] {
    switch task {
    case .generate: [.prompt, .candidates] + generate.streams.indices.map { .stream($0) }
    case .fillMask:
      [.prompt] + (fillMask.gaps.isEmpty ? [.mask(0)] : fillMask.gaps.indices.map { .mask($0) })
        + (fillMask.gaps.count > 1 ? [.together] : [])
    case .translate: [.prompt, .candidates, .translation, .beams]
    }
  }

  private mutating func focusGenerate(_ focus: Focus) {
    generate.focus = focus
    switch focus {
    case .stream(let index):
      generate.lead = min(max(index, 0), generate.streams.count - 1)
      generate.source = .stream(generate.lead)
    case .prompt: generate.source = .prompt
    default: break
    }
  }

  private mutating func focusFillMask(_ focus: Focus) {
    fillMask.focus = focus
    guard case .mask(let index) = focus else { return }
    fillMask.shownGap = index
    if index < fillMask.firstGap { fillMask.firstGap = index }
    if index >= fillMask.firstGap + FillMaskState.panes { fillMask.firstGap = index - FillMaskState.panes + 1 }
  }
}
