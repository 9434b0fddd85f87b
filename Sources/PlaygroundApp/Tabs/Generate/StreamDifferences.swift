import EngineAPI
import Sampling
import TerminalUI

/// How the prompt and settings of a stream's text differ from the current ones.
struct StreamDifferences: Sendable, Equatable {
  /// The prompt of the text, if the current prompt differs.
  var prompt: String?
  /// The settings of the text that differ from the current ones, each with its current value.
  var settings: [ChangedSetting] = []

  /// Whether prompt and settings are the current ones.
  var isEmpty: Bool { prompt == nil && settings.isEmpty }

  /// Words for a pane's title.
  var mark: String? {
    switch (prompt == nil, settings.isEmpty) {
    case (true, true): nil
    case (false, _): "old prompt"
    case (true, false): "old settings"
    }
  }

  /// One line about what the text was made from: `made with T 0.8 (now 0.7), old prompt: …there lived a`. The end of
  /// the prompt, which the text continues, stays longest.
  func line(width: Int, glyphs: Glyphs) -> String {
    let made = { (words: [String]) in words.isEmpty ? "" : "made with " + words.joined(separator: ", ") }
    var text = made(settings.map(\.words))
    // If there is too little room, drop the current values, which the settings show as well.
    if text.columnWidth > width { text = made(settings.map(\.made)) }
    guard let prompt else { return text.fitted(to: width, .tail, mark: glyphs.ellipsis) }
    let words = prompt.isEmpty ? "no prompt" : "old prompt: "
    let shown = visible(StreamDifferences.end(of: prompt), glyphs: glyphs, keepsSpaces: true)
    let least = words.columnWidth + min(shown.columnWidth, 12)
    if !text.isEmpty {
      text = text.fitted(to: max(12, width - least - 2), .tail, mark: glyphs.ellipsis) + ", "
    }
    let room = width - text.columnWidth - words.columnWidth
    return (text + words + shown.fitted(to: max(0, room), .head, mark: glyphs.ellipsis))
      .fitted(to: width, .tail, mark: glyphs.ellipsis)
  }

  /// The end of a prompt, longer than any line.
  static func end(of prompt: String) -> String { String(prompt.suffix(400)) }
}

extension GenerateState {
  /// The differences between a stream's text and the one that Enter in the prompt would generate now.
  func differences(stream index: Int) -> StreamDifferences {
    let stream = streams[index]
    var result = StreamDifferences()
    guard let run = stream.run else { return result }
    let text = prompt.editor.text
    if run.prompt.utf8.count != text.utf8.count || !CommonBytes.areEqual(run.prompt, text) {
      result.prompt = run.prompt
    }
    result.settings = run.request.settings.words(differingFrom: stream.settings)
    // The limit of a single-token request is not a setting of the text.
    if run.request.maxTokens != stream.maxTokens, !run.isStep {
      result.settings.append(ChangedSetting("max \(run.request.maxTokens)", now: "\(stream.maxTokens)"))
    }
    if run.request.seed != stream.seed {
      result.settings.append(ChangedSetting("seed \(run.request.seed)", now: "\(stream.seed)"))
    }
    return result
  }

  /// A notice for continuing a text whose prompt is no longer the current one; otherwise `nil`.
  func continuationNotice(stream index: Int) -> String? {
    guard let prompt = differences(stream: index).prompt else { return nil }
    let shown = visible(StreamDifferences.end(of: prompt), keepsSpaces: true).fitted(to: 40, .head)
    return "\(StreamView.letter(index)) continues its old prompt: \(shown)"
  }
}
