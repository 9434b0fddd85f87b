import EngineAPI
import Foundation
import Sampling
import Testing

@testable import LocalFiles

/// Sampler settings by name in the configuration file.
@Suite struct PresetFileTests {
  private static var calm: SamplerPreset {
    var settings = SamplingSettings()
    (settings.temperature, settings.topP) = (0.6, 0.9)
    return SamplerPreset("calm", settings)
  }

  private func adding(_ preset: SamplerPreset = calm, to text: String) throws -> String {
    try ConfigurationFile.adding(preset, to: text, path: "config.yaml", tabs: tabNames)
  }

  private func read(_ text: String) -> [SamplerPreset] {
    ConfigurationFile.parse(text, path: "config.yaml", tabs: tabNames).configuration.presets
  }

  @Test func presetsAreReadInTheirOrder() {
    let (configuration, problems) = ConfigurationFile.parse(
      """
      presets:
        wild: {temperature: 1.4, min-p: 0.05}
        calm:
          temperature: 0.6
          top-p: 0.9
        greedy one:
          temperature: 0
          samplers: [temperature]
      """, path: "config.yaml", tabs: tabNames)
    #expect(problems.isEmpty && configuration.presets.map(\.name) == ["wild", "calm", "greedy one"])
    #expect(configuration.presets[1] == Self.calm && configuration.presets[2].settings.isGreedy)
  }

  @Test(arguments: [
    ("presets:\n  calm: {top-p: 2}\n", "presets.calm.top-p", 2, 17),
    ("presets:\n  calm: {top: 1}\n", "presets.calm.top", 2, 10),
    ("presets:\n  calm: 3\n", "presets.calm", 2, 9), ("presets: 3\n", "presets", 1, 10),
    ("presets:\n  a/b: {top-k: 1}\n", "presets", 2, 8), ("presets:\n  calm:\n", "presets.calm", 2, 8),
  ])
  func whatIsWrongHasItsPlace(text: String, key: String, line: Int, column: Int) throws {
    let problems = ConfigurationFile.parse(text, path: "config.yaml", tabs: tabNames).problems
    let problem = try #require(problems.first)
    #expect(problems.count >= 1 && problem.facts.place == "config.yaml:\(line):\(column)", "\(problem)")
    #expect(problem.description.contains(key), "\(problem)")
    #expect(read(text).isEmpty)
  }

  @Test(arguments: [
    "", "# only a comment\n", "theme: nord", "theme: nord\nkeys:\n  app.quit: [f12]\n\n# the end\n",
    "presets:\n", "presets: # none yet\ntheme: nord\n",
    "presets:\n  wild: {temperature: 1.4}\n\n# about the theme\ntheme: nord\n",
    "presets:\n    calm: {temperature: 2}  # to be replaced\n    wild:\n      top-k: 3\n# end\nseed: 4\n",
    "presets:\n  calm:\n    # warm\n    temperature: 2\n\n  # the wild one\n  wild: {top-k: 3}\nseed: 4",
    "theme: nord\r\npresets:\r\n  wild: {top-k: 3}\r\nseed: 4\r\n",
  ])
  func aPresetIsAddedOrReplacedAndEverythingElseStays(text: String) throws {
    let changed = try adding(to: text)
    #expect(read(changed).contains(Self.calm) && read(changed).filter { $0.name == "calm" }.count == 1)
    #expect(read(changed).filter { $0.name != "calm" } == read(text).filter { $0.name != "calm" })
    // All other lines are still there, in their order.
    let lines = { (text: String) in
      text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    let own = { (line: String) in
      line.contains("temperature: 2") || line.contains("calm:") || line.contains("# warm")
    }
    var rest = lines(changed)[...]
    for line in lines(text) where !own(line) && !line.isEmpty {
      let index = try #require(rest.firstIndex(of: line), "\(line) is gone from\n\(changed)")
      rest = rest[(index + 1)...]
    }
    #expect(try adding(to: changed) == changed, "to save it again changes nothing")
    if text.unicodeScalars.contains("\r") {
      #expect(changed.unicodeScalars.count { $0 == "\n" } == changed.unicodeScalars.count { $0 == "\r" })
    }
  }

  @Test func everySettingComesBack() throws {
    var settings = SamplingSettings()
    for setting in StageTable.settings {
      if let number = setting.number(settings) {
        setting.set(setting.bounds.clamped(number + 0.125, step: 1), &settings)
      }
    }
    settings.drySequenceBreakers = ["\n", "\"", "\\", "a b", "\u{1}"]
    settings.logitBias = [50_256: -100, 7: 0.1]
    settings.includeSwitchedOn()
    settings.order.swapAt(0, 3)
    let preset = SamplerPreset("all of it", settings)
    #expect(read(try adding(preset, to: "theme: nord\n")) == [preset])
  }

  @Test(arguments: [
    "{theme: nord}", "presets: {calm: {top-k: 3}}\n", "presets: [a]\n", "theme: nord\n...\n", "a: [\n", "presets: ~\n",
  ])
  func aFileOfAnotherFormIsLeftAlone(text: String) {
    #expect(throws: EngineError.self) { try adding(to: text) }
  }

  @Test func theFileIsWrittenAtomicallyWithItsPermissions() throws {
    try Scratch.with { scratch in
      let path = try scratch.write("triptych/config.yaml", "theme: nord\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
      try ConfigurationFile.save(Self.calm, to: path, tabs: tabNames)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o644)
      #expect(try ConfigurationFile.preset(named: "calm", in: path).preset == Self.calm)
      let new = scratch.path + "/new/config.yaml"
      try ConfigurationFile.save(Self.calm, to: new, tabs: tabNames)
      #expect(scratch.text("new/config.yaml")?.hasPrefix("presets:\n  calm:\n    temperature: 0.6\n") == true)
      let missing = try ConfigurationFile.preset(named: "wild", in: new)
      #expect(missing.preset == nil && missing.known == ["calm"])
    }
  }
}
