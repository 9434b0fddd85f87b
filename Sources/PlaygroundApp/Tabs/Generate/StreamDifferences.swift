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

/// A setting of a text that has changed since.
struct ChangedSetting: Sendable, Equatable {
  /// The value of the text in the short form of titles: `T 0.8`, `no k`.
  var made: String
  /// The current value; empty if it need not be shown.
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

extension SamplingSettings {
  /// The active stages in the chain's order, in short form: `T 0.8`, `p 0.95`.
  var summary: [String] { order.compactMap { word($0) } }

  /// The settings that differ from `other` in short form (`T 0.8`, `no k`), each with its value in `other`.
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

  /// The short form of an active stage; `nil` for an inactive one.
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

  /// The value of a stage; the neutral value if the chain does not contain the stage.
  private func value(_ stage: SamplerStage) -> Double? {
    let setting = stage.row.settings[0]
    return order.contains(stage) ? setting.number(self) : setting.number(SamplingSettings())
  }

  /// The biases if the stage is `logitBias` and the chain contains it; otherwise empty.
  private func bias(_ stage: SamplerStage) -> [Int: Double] {
    stage == .logitBias && order.contains(stage) ? logitBias.mapValues { Double($0) } : [:]
  }

  /// A number without trailing zeros in its decimals.
  private static func short(_ number: String) -> String {
    guard number.contains(".") else { return number }
    var text = number
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
