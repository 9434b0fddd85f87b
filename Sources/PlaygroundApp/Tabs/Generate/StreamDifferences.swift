import EngineAPI
import Sampling
import TerminalUI

/// In what a stream's text differs from the one that its pane would make now.
struct StreamDifferences: Sendable, Equatable {
  /// The prompt it was made from, where that is another one than the present.
  var prompt: String?
  /// The settings it was made with, as far as they are not the present ones, and what they are now.
  var settings: [ChangedSetting] = []

  /// Whether the text is what would be made now, but for the draws.
  var isEmpty: Bool { prompt == nil && settings.isEmpty }

  /// Words for a pane's title.
  var mark: String? {
    switch (prompt == nil, settings.isEmpty) {
    case (true, true): nil
    case (false, _): "old prompt"
    case (true, false): "old settings"
    }
  }

  /// One line about what the text was made from: `made with T 0.8 (now 0.7), old prompt: …there lived a`. The end of the prompt,
  /// which the text continues, stays longest.
  func line(width: Int, glyphs: Glyphs) -> String {
    let made = { (words: [String]) in words.isEmpty ? "" : "made with " + words.joined(separator: ", ") }
    var text = made(settings.map(\.words))
    // What it is now stands in the settings, too: it leaves where there is no room for all.
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

  /// The end of a prompt: more than any line shows.
  static func end(of prompt: String) -> String { String(prompt.suffix(400)) }
}

/// A setting that a text was made with and that is another one now.
struct ChangedSetting: Sendable, Equatable {
  /// What it was, as titles say it: `T 0.8`, `no k`.
  var made: String
  /// What it is now; empty where that takes no word.
  var now: String

  /// A setting that changed.
  init(_ made: String, now: String) {
    self.made = made
    self.now = now
  }

  /// `T 0.8 (now 0.7)`.
  var words: String { now.isEmpty ? made : "\(made) (now \(now))" }
}

extension GenerateState {
  /// How a stream's text differs from the one that Enter in the prompt would make now.
  func differences(stream index: Int) -> StreamDifferences {
    let stream = streams[index]
    var result = StreamDifferences()
    guard let run = stream.run else { return result }
    let text = prompt.editor.text
    if run.prompt.utf8.count != text.utf8.count || !CommonBytes.areEqual(run.prompt, text) {
      result.prompt = run.prompt
    }
    result.settings = run.request.settings.words(differingFrom: stream.settings)
    // A token that was made alone says nothing about the length of a text.
    if run.request.maxTokens != stream.maxTokens, !run.isStep {
      result.settings.append(ChangedSetting("max \(run.request.maxTokens)", now: "\(stream.maxTokens)"))
    }
    if run.request.seed != stream.seed {
      result.settings.append(ChangedSetting("seed \(run.request.seed)", now: "\(stream.seed)"))
    }
    return result
  }

  /// What a continuation of a stream continues, where that is not what stands above: to be told when it begins.
  func continuationNotice(stream index: Int) -> String? {
    guard let prompt = differences(stream: index).prompt else { return nil }
    let shown = visible(StreamDifferences.end(of: prompt), keepsSpaces: true).fitted(to: 40, .head)
    return "\(StreamView.letter(index)) continues its old prompt: \(shown)"
  }
}

extension SamplingSettings {
  /// The stages that act, in the chain's order, in few letters: `T 0.8`, `p 0.95`.
  var summary: [String] { order.compactMap { word($0) } }

  /// The settings as far as others differ from them: `T 0.8`, `no k`, each with what it is in the others.
  func words(differingFrom other: SamplingSettings) -> [ChangedSetting] {
    let different = SamplerStage.allCases.filter { value($0) != other.value($0) || bias($0) != other.bias($0) }
    let both = SamplerStage.allCases.filter { stage in
      stage.row.isStandard
        ? order.contains(stage) && other.order.contains(stage) : isActive(stage) && other.isActive(stage)
    }
    let details = both.flatMap { $0.row.settings.dropFirst() }.compactMap { setting -> ChangedSetting? in
      guard let value = setting.number(self), let now = setting.number(other), value != now else { return nil }
      let words = [value, now].map { SamplingSettings.short(setting.text($0)) }
      return ChangedSetting("\(setting.letters) \(words[0])", now: words[1])
    }
    if different.isEmpty, details.isEmpty {
      let active = { (settings: SamplingSettings) in settings.order.filter { settings.word($0) != nil } }
      return active(self) == active(other) ? [] : [ChangedSetting("another order", now: "")]
    }
    return different.map { stage in
      let made = word(stage) ?? (stage == .temperature ? "T 1" : "no \(stage.letters)")
      let now = other.word(stage) ?? (stage == .temperature ? "1" : "off")
      let letters = stage.letters + " "
      return ChangedSetting(made, now: now.hasPrefix(letters) ? String(now.dropFirst(letters.count)) : now)
    } + details
  }

  /// A stage that acts, in few letters; nil for one that does nothing.
  private func word(_ stage: SamplerStage) -> String? {
    guard order.contains(stage) else { return nil }
    let setting = stage.row.settings[0]
    guard let value = setting.number(self) else { return logitBias.isEmpty ? nil : "bias \(logitBias.count)" }
    if stage == .temperature {
      if isGreedy { return "greedy" }
      if dynatempRange > 0 {
        return "T \(SamplingSettings.short(setting.text(value)))±\(SamplingSettings.short(setting.text(dynatempRange)))"
      }
    }
    guard value != setting.initial else { return nil }
    return "\(stage.letters) \(SamplingSettings.short(setting.text(value)))"
  }

  /// The number of a stage, the neutral one where it is left out.
  private func value(_ stage: SamplerStage) -> Double? {
    let setting = stage.row.settings[0]
    return order.contains(stage) ? setting.number(self) : setting.number(SamplingSettings())
  }

  /// The biases, where the stage is theirs and acts.
  private func bias(_ stage: SamplerStage) -> [Int: Double] {
    stage == .logitBias && order.contains(stage) ? logitBias.mapValues { Double($0) } : [:]
  }

  /// A number without zeros at the end of its decimals.
  private static func short(_ number: String) -> String {
    guard number.contains(".") else { return number }
    var text = number
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
