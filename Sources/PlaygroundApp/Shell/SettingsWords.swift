import Sampling
import TerminalUI

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
