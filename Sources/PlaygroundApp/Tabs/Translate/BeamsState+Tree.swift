import EngineAPI
import Sessions

/// Restores translations from the tree.
extension BeamsState {
  /// Restores the lines whose translations end at these places, each with all hypotheses of its search.
  init(at places: [Place], in tree: SessionTree) {
    let lines = places.map { Line(at: $0, in: tree) }
    let isGiven = places.contains { place in
      if case .typed = tree.origin(of: place.node) { true } else { false }
    }
    self.init(
      lines: lines, origin: Origin(of: places, isGiven: isGiven, in: tree), isGiven: isGiven,
      status: places.isEmpty ? .idle : .finished)
    current = lines.firstIndex { !$0.hypotheses.isEmpty } ?? 0
  }
}

extension BeamsState.Line {
  fileprivate init(at place: Place, in tree: SessionTree) {
    start = Place(tree.root(of: place), 0)
    switch tree.origin(of: place.node) {
    case .beam:
      let nodes = tree.siblings(of: place.node)
      hypotheses = nodes.map { BeamsState.Hypothesis(at: tree.end(of: $0), in: tree) }
      chosen = nodes.firstIndex(of: place.node) ?? 0
    case .chosen, .forced, .typed: hypotheses = [BeamsState.Hypothesis(at: place, in: tree)]
    default: break
    }
  }
}

extension BeamsState.Hypothesis {
  fileprivate init(at place: Place, in tree: SessionTree) {
    let outcome = tree[place.node]?.outcome
    self.init(trace: tree.trace(to: place), score: outcome?.score ?? .nan, reason: outcome?.reason ?? .endOfText)
  }
}

extension BeamsState.Origin {
  /// The source of the lines: the joined sources of their translations or, for text that the user wrote, the source
  /// text beside it.
  fileprivate init?(of places: [Place], isGiven: Bool, in tree: SessionTree) {
    let roots = places.map { tree.root(of: $0) }
    guard let first = roots.first, case .translation(let from, let to, let model) = tree.origin(of: first) else {
      return nil
    }
    let texts = (isGiven ? [first] : roots).map { root in
      tree[root]?.source.flatMap { tree.typedText(before: $0) } ?? ""
    }
    self.init(
      text: texts.joined(separator: "\n"), direction: TranslationDirection(from: from, to: to), model: model)
  }
}

/// The cursor and selection in a translation when it was left.
struct TranslationLook: Sendable, Equatable {
  /// How many are remembered.
  static let most = 400

  private var status: BeamsState.Status
  private var current: Int
  private var cursor: Int?
  private var scroll: Int?

  init(_ beams: BeamsState) {
    status = beams.isBusy ? .stopped : beams.status
    (current, cursor, scroll) = (beams.current, beams.cursor, beams.scroll)
  }

  /// Restores cursor and selection.
  func apply(to beams: inout BeamsState) {
    (beams.status, beams.current, beams.cursor, beams.scroll) = (status, current, cursor, scroll)
  }
}
