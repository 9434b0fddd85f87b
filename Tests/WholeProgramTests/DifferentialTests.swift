import Foundation
import JSONText
import TestSupport
import Testing

/// Compares ids generated with random settings with those of transformers: `program/differential.json`, written by
/// `differential.py`.
@Suite struct DifferentialTests {
  @Test func idsEqualTheReference() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "triptych-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let cases = try JSONValue(parsing: Fixtures.bytes("program/differential.json")).array ?? []
    #expect(cases.count >= 50)
    for (number, sample) in cases.enumerated() {
      let model = try #require(sample["model"]?.string).description
      let folder = root.appending(path: "\(number)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: Program.model(model))
      where name != "generation_config.json" {
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: name).path, withDestinationPath: Program.model(model) + "/" + name)
      }
      let file = try #require(sample["file"]).serialized()
      try Data(file.utf8).write(to: folder.appending(path: "generation_config.json"))
      let isFilling = sample["kind"]?.string?.description == "filled"
      let arguments = (sample["arguments"]?.array ?? []).compactMap { $0.string?.description }
      let outcome = try Program.run(
        [isFilling ? "fill-mask" : "generate", "-m", folder.path, "-t", "1", "--json", "--seed", "1"] + arguments
          + ["--", try #require(sample["text"]?.string).description])
      let comment: Comment = "\(model) \(file) \(arguments) \(outcome.errors)"
      #expect(outcome.exitCode == 0, comment)
      let answer = try JSONValue(parsing: outcome.output)
      let found = (answer[isFilling ? "masks" : "completions"]?.array ?? []).map { part in
        (part[isFilling ? "candidates" : "tokens"]?.array ?? []).map { $0["id"]?.int ?? -1 }
      }
      let expected = (sample["ids"]?.array ?? []).map { ($0.array ?? []).map { $0.int ?? -2 } }
      #expect(found == expected, comment)
    }
  }
}
