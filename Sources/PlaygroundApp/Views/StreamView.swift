import EngineAPI
import Sampling
import TerminalUI

/// A stream of the Generate tab.
struct StreamView: Widget {
  var state: PlaygroundState
  var pane: Layout.Pane
  var index: Int
  var colors: ColorDepth

  private var stream: StreamState { state.generate.streams[index] }
  private var isFocused: Bool { state.focus == pane.focus }

  /// The letter of a stream.
  static func letter(_ index: Int) -> String { ["A", "B", "C", "D"][min(max(index, 0), 3)] }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if pane.isFramed {
      let separator = " \(grid.glyphs.separator) "
      let right = progress(separator: separator)
      // How far the stream is stays; of the settings as much as has room.
      var words = [stream.model.shortName] + stream.settings.summary
      let room = rect.width - 9 - 3 - right.columnWidth
      while words.count > 1, words.joined(separator: separator).columnWidth > room { words.removeLast() }
      let title = "\(StreamView.letter(index))  " + words.joined(separator: separator).fitted(to: max(4, room))
      grid.box(rect, title: title, right: right, focused: isFocused)
      if rect.width > 8 {
        grid.draw(StreamView.letter(index), at: Point(rect.x + 3, rect.y), style: Style(.stream(index), .bold))
      }
    }
    let room = TokenFlow.room(pane)
    guard let run = stream.run, !run.trace.tokens.isEmpty || run.isRunning else {
      return drawEmpty(in: room, on: &grid)
    }
    if case .prompt(let done, let total) = run.status, run.trace.tokens.isEmpty {
      let fraction = total > 0 ? Double(done) / Double(total) : nil
      return grid.draw(ProgressBar("reading the prompt", fraction: fraction), in: room)
    }
    let endOfText = state.endOfText(run.trace)
    grid.draw(
      TraceView(
        trace: run.trace, endOfText: endOfText, heat: state.heat, colors: colors, cursor: stream.cursor,
        scroll: stream.scroll, isRunning: run.isRunning, isFocused: isFocused), in: room)
  }

  private func drawEmpty(in room: Rect, on grid: inout CellGrid) {
    let line: String
    if case .failed(let error) = state.opened[stream.model] {
      line = error.what
    } else if stream.waiting != nil {
      line = state.information(stream.model) == nil ? "begins as soon as \(stream.model.shortName) is open" : "begins"
    } else {
      let key = state.keys.key(for: .send, in: .prompt, task: .generate)?.label(glyphs: grid.glyphs)
      line = key.map { "\($0) in the prompt begins" } ?? "nothing yet"
    }
    grid.draw(line, in: room, style: Style(.dim))
  }

  /// `38 tok · 812/s`, `41 tok · done`.
  private func progress(separator: String) -> String {
    guard let run = stream.run else { return stream.waiting == nil ? "seed \(stream.seed)" : "waiting" }
    let count = "\(NumberText.grouped(run.trace.tokens.count)) tok"
    switch run.status {
    case .prompt: return count
    case .running: return count + (run.rate.map { separator + NumberText.rate($0) } ?? "")
    case .finished(let reason): return count + separator + reason.words
    }
  }
}

extension FinishReason {
  /// A word for a pane's title.
  var words: String {
    switch self {
    case .stop: "stop string"
    case .length: "length"
    case .endOfText: "done"
    case .interrupted: "stopped"
    case .failed: "failed"
    }
  }
}

extension SamplingSettings {
  /// The stages that act, in the chain's order, in few letters: `T 0.8`, `p 0.95`.
  var summary: [String] {
    order.compactMap { stage in
      guard let number = stage.number else { return logitBias.isEmpty ? nil : "bias \(logitBias.count)" }
      let value = number.get(self)
      if stage == .temperature { return value == 0 ? "greedy" : value == 1 ? nil : "T \(short(value))" }
      guard value != number.neutral else { return nil }
      let name =
        switch stage {
        case .topK: "k"
        case .topP: "p"
        case .minP: "min-p"
        case .typicalP: "typ"
        case .repetition: "rep"
        case .presence: "pres"
        case .frequency: "freq"
        case .noRepeatNGram: "ngram"
        case .minTokens: "min"
        case .temperature, .logitBias: ""
        }
      return "\(name) \(number.decimals == 0 ? number.text(value) : short(value))"
    }
  }

  /// Two decimals at most, no zeros at the end.
  private func short(_ value: Double) -> String {
    var text = NumberText.fixed(value, decimals: 2)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
