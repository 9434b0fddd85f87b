import EngineAPI
import TerminalUI

extension Slot {
  /// The translation back of the shown translation.
  static let back = Slot(.translate, "back")
}

/// The shown translation, translated back, and the probability of each text after the other.
struct WayBack: Sendable, Equatable {
  /// Whether the pane is shown, in place of the beams.
  var isShown = false
  /// The latest request.
  private(set) var request: BackTranslationRequest?
  private var awaited: Int?
  /// The answer to the latest request.
  private(set) var answer: BackTranslation?
  /// The words of the original text and of the one that came back.
  private(set) var (original, returned) = ([Word](), [Word]())
  /// Why there is none.
  private(set) var failure: EngineError?
  /// The first line shown of both texts.
  var top = 0

  /// Whether an answer is awaited.
  var isAwaited: Bool { awaited != nil }

  /// Notes a request; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: BackTranslationRequest, _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, answer, failure, top) = (wanted, shell.nextVersion(), nil, nil, 0)
    return awaited
  }

  /// Takes the answer, if it is the awaited one.
  mutating func receive(_ result: Result<BackTranslation, EngineError>, _ ticket: Ticket) {
    guard awaited == ticket.version else { return }
    awaited = nil
    switch result {
    case .success(let found):
      answer = found
      let words = [request?.original ?? "", found.text].map { $0.split(whereSeparator: \.isWhitespace) }
      original = Word.marked(words[0], against: words[1])
      returned = Word.marked(words[1], against: words[0])
    case .failure(let error): failure = error
    }
  }

  /// Forgets request and answer. Returns whether an answer was awaited.
  mutating func clear() -> Bool {
    let wasAwaited = isAwaited
    (request, awaited, answer, failure, top) = (nil, nil, nil, nil, 0)
    return wasAwaited
  }

  mutating func stop() {
    awaited = nil
    failure = EngineError(.interrupted, "stopped")
  }

  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }
}

extension WayBack {
  /// A word of one of the two texts.
  struct Word: Sendable, Equatable {
    /// The word.
    var text: String
    /// Whether a shortest edit between the texts inserts it.
    var isOwn: Bool

    fileprivate static func marked(_ words: [Substring], against others: [Substring]) -> [Word] {
      zip(words, WordChanges.isNew(words, before: others)).map { Word(text: String($0), isOwn: $1) }
    }
  }
}

extension TranslateState {
  /// Requests the translation back of the shown line while the pane is shown.
  mutating func askBack(_ shell: inout Shell) -> [Effect] {
    guard back.isShown, !beams.isBusy, let trace = shownLine, let origin = beams.origin else {
      return back.clear() ? [.cancel(.back)] : []
    }
    let (lines, context) = (origin.text.lines, shell.tree.context(of: trace))
    let translation = trace.text(endOfText: shell.endOfText(trace))
    guard lines.indices.contains(beams.current), !translation.allSatisfy(\.isWhitespace),
      context.encoderIDs?.isEmpty == false
    else { return back.clear() ? [.cancel(.back)] : [] }
    let request = BackTranslationRequest(
      original: lines[beams.current], translation: translation, from: origin.direction.source,
      to: origin.direction.target, context: context, search: searchRequest(context, shell).request)
    return back.ask(request, &shell).map { [.translateBack(Ticket(.back, version: $0), request)] } ?? []
  }

  /// Shows the way back in place of the beams, or the beams again.
  mutating func toggleBack() {
    back.isShown.toggle()
    if back.isShown {
      alignment.isShown = false
      focus = .back
    } else if focus == .back {
      focus = .beams
    }
  }

  /// Scrolls both texts.
  mutating func scrollBack(_ action: Action) {
    let steps: [Action: Int] = [.up: -1, .down: 1, .pageUp: -5, .pageDown: 5, .first: -back.top, .last: .max / 2]
    back.top = max(0, back.top + (steps[action] ?? 0))
  }

  /// Keeps the scroll position within the texts.
  mutating func fitBack(_ inside: Rect) {
    guard let texts = BackTexts(back, height: BackView.textRows(height: inside.height), width: inside.width) else {
      return
    }
    back.top = min(back.top, texts.lastTop)
  }
}
