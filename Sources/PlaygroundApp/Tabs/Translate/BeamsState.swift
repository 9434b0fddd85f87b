import EngineAPI
import Sessions

/// The results of beam search: the translations of each line of the source.
struct BeamsState: Sendable, Equatable {
  /// A translation of a line, or, as ``hypothesis``, of the whole text.
  struct Hypothesis: Sendable, Equatable {
    /// Its tokens and their place in the tree.
    var trace: Trace
    /// Its score; NaN for text that did not come from a search.
    var score: Double
    /// Why it ended.
    var reason: FinishReason
  }

  /// The translations of one line of the source.
  struct Line: Sendable, Equatable {
    /// Where its translation begins in the tree.
    var start: Place?
    /// Best first; empty for an empty line.
    var hypotheses: [Hypothesis] = []
    /// The index of the hypothesis that is shown.
    var chosen = 0

    /// The hypothesis whose text is shown.
    var shown: Hypothesis? { hypotheses.indices.contains(chosen) ? hypotheses[chosen] : nil }
    /// The end of the shown translation in the tree.
    var place: Place? { shown?.trace.place ?? start }
  }

  /// What the lines are a translation of.
  struct Origin: Sendable, Equatable {
    /// The source.
    var text: String
    /// The source and target languages.
    var direction: TranslationDirection
    /// The model that translates.
    var model: ModelReference
  }

  /// Lines that are translated one after the other.
  struct Batch: Sendable, Equatable {
    /// The text that the lines are parts of, with its languages and model.
    var origin: Origin
    /// The lines of the source.
    var sources: [String]
    /// The lines translated so far.
    var done: [Line] = []
    /// The number of these lines that are already shown.
    var shownCount = 0
    /// The version of the request for the next line's tokens, if one is needed.
    var awaited: Int?
    /// The answer to that request.
    var tokens: TokenizedText?

    /// Creates a batch of a text's lines.
    init(_ origin: Origin) {
      self.origin = origin
      sources = origin.text.lines
    }
  }

  /// The progress of the search.
  enum Status: Sendable, Equatable {
    /// Nothing has been requested yet.
    case idle
    /// Waiting for the prompt's tokens or the model.
    case waiting
    /// The request of this version is running and has generated this number of tokens.
    case running(version: Int, tokens: Int)
    /// It is over.
    case finished
    /// It was stopped.
    case stopped
  }

  /// The lines shown. After a stop or a restart the old ones stay until new ones arrive.
  private(set) var lines: [Line] = []
  /// The translation that is shown: the chosen hypotheses of all lines, joined. It is extended as lines are added.
  private(set) var hypothesis: Hypothesis?
  /// `hypothesis` as wrapped text.
  var text = TokenText()
  /// The number of line breaks before the next line.
  private var openBreaks = 0
  /// What `lines` are a translation of.
  var origin: Origin?
  /// Whether `lines` are text that the user wrote: after swapping languages, the former source takes the place of the
  /// translation.
  var isGiven = false
  /// The line whose beams are listed.
  var current = 0
  /// The progress of the search.
  var status = Status.idle
  /// The lines being translated; `nil` while a search continues a single line from a token.
  var batch: Batch?
  /// The tokens that the running search continues.
  var base: Trace?
  /// The running search, in the tree.
  var searchOrigin: OriginID?
  /// The token that the cursor is on, of all lines together; `nil` at the end.
  var cursor: Int?
  /// The first line shown; `nil` follows the cursor.
  var scroll: Int?

  /// The beams of the current line, best first.
  var hypotheses: [Hypothesis] { lines.indices.contains(current) ? lines[current].hypotheses : [] }

  /// The index of the beam that is shown.
  var chosen: Int {
    get { lines.indices.contains(current) ? lines[current].chosen : 0 }
    set {
      guard lines.indices.contains(current), lines[current].chosen != newValue else { return }
      lines[current].chosen = newValue
      join()
    }
  }

  /// Beams that show these lines.
  init(lines: [Line] = [], origin: Origin? = nil, isGiven: Bool = false, status: Status = .idle) {
    self.lines = lines
    self.origin = origin
    self.isGiven = isGiven
    self.status = status
    join()
  }

  /// Shows other lines.
  mutating func show(_ lines: [Line]) {
    self.lines = lines
    join()
  }

  /// Shows more lines below the others. O(new tokens).
  mutating func append(_ more: ArraySlice<Line>) {
    for line in more {
      lines.append(line)
      if lines.count <= 2 { join() } else { join(line) }
    }
  }

  /// Another result for the current line.
  mutating func replaceCurrent(by line: Line) {
    lines[current] = line
    join()
  }

  /// Records that the source ids of the only line are known now.
  mutating func setHasSource() {
    lines[0].hypotheses[0].trace.hasSource = true
    join()
  }

  /// The ends of the shown lines in the tree.
  var places: [Place] { lines.compactMap(\.place) }

  private mutating func join() {
    hypothesis = nil
    text = TokenText()
    openBreaks = 0
    if lines.count == 1 {
      hypothesis = lines[0].shown
    } else {
      for line in lines { join(line) }
    }
  }

  /// Appends a line to `hypothesis`.
  private mutating func join(_ line: Line) {
    if let shown = line.shown {
      if hypothesis == nil {
        hypothesis = Hypothesis(
          trace: shown.trace.emptied, score: shown.score, reason: FinishReason.endOfText)
      }
      if hypothesis?.reason == .endOfText { hypothesis?.reason = shown.reason }
      if !shown.trace.tokens.isEmpty {
        hypothesis?.trace.append(shown.trace, breaks: openBreaks)
        openBreaks = 0
      }
    }
    openBreaks += 1
  }

  /// Whether a search is running or queued.
  var isBusy: Bool {
    switch status {
    case .waiting, .running: true
    case .idle, .finished, .stopped: false
    }
  }

  /// Stops the search and keeps the lines that are done.
  mutating func stop() {
    status = .stopped
    batch = nil
    endSearch()
  }

  /// Clears the data of the running search.
  mutating func endSearch() { (base, searchOrigin) = (nil, nil) }
}

extension String {
  /// The text split at line feeds, as the command line splits it.
  var lines: [String] {
    utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) }
  }
}
