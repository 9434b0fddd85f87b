import TerminalUI

/// Where everything stands at a size: a plain value of the state, used for drawing, for the mouse, and to know how many
/// rows a list shows.
struct Layout: Equatable {
  /// The smallest terminal that the playground is drawn on.
  static let least = Size(40, 12)

  /// A pane's place.
  struct Pane: Equatable {
    /// Which pane.
    var focus: Focus
    /// Its cells, the border included.
    var frame: Rect
    /// Whether it has a border.
    var isFramed: Bool
    /// The rows above a stream's text that say what an old text was made from.
    var notes = 0

    /// The rows and columns inside the border.
    var inside: Rect { isFramed ? frame.inset() : frame }
  }

  /// Tabs and the model.
  var header = Rect(size: .zero)
  /// The panes on the screen, in the order of Tab: from left to right, from top to bottom.
  var panes: [Pane] = []
  /// What the colours mean; empty where there is no room.
  var legend = Rect(size: .zero)
  /// Keys, notices.
  var hints = Rect(size: .zero)
  /// Whether there is little room: words are shortened.
  var isNarrow = false

  /// The room between header and hints.
  private(set) var content = Rect(size: .zero)

  /// The pane of a focus.
  subscript(focus: Focus) -> Pane? { panes.first { $0.focus == focus } }

  /// The layout of a state; no panes where the terminal is too small.
  init(_ state: PlaygroundState) {
    let size = state.size
    guard size.width >= Layout.least.width, size.height >= Layout.least.height else { return }
    isNarrow = size.width < 72
    let isShort = size.height < 18
    let hasLegend = !isNarrow && size.height >= 20 && state.task != .fillMask
    header = Rect(0, 0, size.width, 1)
    hints = Rect(0, size.height - 1, size.width, 1)
    let bottom = hasLegend ? 2 : 1
    if hasLegend { legend = Rect(0, size.height - 2, size.width, 1) }
    content = Rect(0, 1, size.width, size.height - 1 - bottom)
    switch (isNarrow, isShort) {
    case (true, true): stackClosely(state)
    case (true, false): stack(state)
    case (false, _): spread(state)
    }
    for index in panes.indices {
      guard case .stream(let stream) = panes[index].focus, panes[index].inside.height > 1 else { continue }
      panes[index].notes = state.differences(stream: stream).isEmpty ? 0 : 1
    }
  }

  /// Panes side by side.
  private mutating func spread(_ state: PlaygroundState) {
    switch state.task {
    case .generate:
      let halves = content.rows([.cells((content.height + 1) / 2), .rest])
      addPair(.prompt, .candidates, in: halves[0])
      add(streams: state.generate, in: halves[1])
    case .fillMask:
      let gaps = state.fillMask.gaps.count
      let prompt = max(3, Int((Double(content.height) * 0.27).rounded()))
      let together = gaps > 1 ? max(4, Int((Double(content.height) * 0.32).rounded())) : 0
      let parts = content.rows([.cells(prompt), .rest, .cells(together)])
      add(.prompt, parts[0])
      add(masks: state.fillMask, in: parts[1])
      if gaps > 1 { add(.together, parts[2]) }
    case .translate:
      let halves = content.rows([.cells((content.height + 1) / 2), .rest])
      addPair(.prompt, .candidates, in: halves[0])
      let parts = halves[1].columns([.fraction(0.5), .rest])
      add(.translation, parts[0])
      add(.beams, parts[1])
    }
  }

  /// Panes one below the other, all framed.
  private mutating func stack(_ state: PlaygroundState) {
    switch state.task {
    case .generate:
      let parts = content.rows([.fraction(0.25), .share(3), .share(3)])
      add(.prompt, parts[0])
      add(.candidates, parts[1])
      add(streams: state.generate, in: parts[2])
    case .fillMask:
      let hasTogether = state.fillMask.gaps.count > 1
      let parts = content.rows([.fraction(0.25), .share(4), .share(hasTogether ? 3 : 0)])
      add(.prompt, parts[0])
      add(masks: state.fillMask, in: parts[1])
      if hasTogether { add(.together, parts[2]) }
    case .translate:
      let parts = content.rows([.fraction(0.25), .share(4), .share(3), .share(2)])
      add(.prompt, parts[0])
      add(.candidates, parts[1])
      add(.translation, parts[2])
      add(.beams, parts[3])
    }
  }

  /// One line of the prompt, the pane with the focus in a frame, and a glance at the other one.
  private mutating func stackClosely(_ state: PlaygroundState) {
    let rest = content.height - 3
    let glance = max(2, rest / 3)
    let parts = content.rows([.cells(3), .cells(rest - glance), .cells(glance)])
    add(.prompt, parts[0])
    let focus = state.focus
    switch state.task {
    case .generate:
      let stream = Focus.stream(state.generate.lead)
      let isStream = focus == stream
      add(isStream ? stream : .candidates, parts[1])
      add(isStream ? .candidates : stream, parts[2], framed: false)
    case .fillMask:
      let gap = Focus.mask(state.fillMask.shownGap)
      guard state.fillMask.gaps.count > 1 else { return add(gap, content.rows([.cells(3), .rest])[1]) }
      add(focus == .together ? .together : gap, parts[1])
      add(focus == .together ? gap : .together, parts[2], framed: false)
    case .translate:
      let framed: Focus = focus == .translation || focus == .beams ? focus : .candidates
      add(framed, parts[1])
      add(framed == .translation ? .candidates : .translation, parts[2], framed: false)
    }
  }

  private mutating func add(_ focus: Focus, _ frame: Rect, framed: Bool = true) {
    if !frame.isEmpty { panes.append(Pane(focus: focus, frame: frame, isFramed: framed)) }
  }

  private mutating func addPair(_ left: Focus, _ right: Focus, in rect: Rect) {
    let parts = rect.columns([.fraction(0.5), .rest])
    add(left, parts[0])
    add(right, parts[1])
  }

  /// Streams side by side; in two rows where they would be too narrow, and only the row of the leading one where that
  /// would be too low.
  private mutating func add(streams state: GenerateState, in rect: Rect) {
    add(Array(state.streams.indices), shown: state.lead, in: rect) { .stream($0) }
  }

  private mutating func add(masks state: FillMaskState, in rect: Rect) {
    guard !state.gaps.isEmpty else { return add(.mask(0), rect) }
    let last = min(state.firstGap + FillMaskState.panes, state.gaps.count)
    add(Array(state.firstGap..<max(last, state.firstGap + 1)), shown: state.shownGap, in: rect) { .mask($0) }
  }

  private mutating func add(_ items: [Int], shown: Int, in rect: Rect, focus: (Int) -> Focus) {
    let columns = min(items.count, max(1, rect.width / 28))
    var lines = stride(from: 0, to: items.count, by: columns).map { Array(items[$0..<min($0 + columns, items.count)]) }
    if rect.height / lines.count < 5 {
      lines = lines.filter { $0.contains(shown) }.prefix(1).map(\.self)
    }
    for (line, row) in zip(lines, rect.rows(Array(repeating: .rest, count: lines.count))) {
      for (item, frame) in zip(line, row.equalColumns(line.count)) { add(focus(item), frame) }
    }
  }
}
