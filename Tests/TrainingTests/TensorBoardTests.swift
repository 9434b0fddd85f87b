import EngineAPI
import Foundation
import JSONText
import TestSupport
import Testing

@testable import Training

@Suite("Event files of TensorBoard")
struct TensorBoardTests {
  private func path(_ name: String) -> String { Fixtures.path("tensorboard/\(name)") }

  private func series(_ name: String) throws -> [TrainingHistory.Series] {
    let file = try #require(JSONValue(contentsOfFile: path("values.json"))[name]?.object)
    return try file.members.map { member in
      let points = try #require(member.value.array).map { pair in
        TrainingHistory.Series.Point(step: try #require(pair[0]?.int), value: try #require(pair[1]?.double))
      }
      return TrainingHistory.Series(name: "\(member.key)", points: points)
    }
  }

  @Test("masked checksums are those of TensorBoard")
  func checksums() throws {
    let words = try #require(JSONValue(contentsOfFile: path("checksums.json")).object)
    for member in words.members {
      #expect(Checksum.masked(member.key.bytes[...]) == UInt32(try #require(member.value.int)))
    }
    #expect(words.count == 4)
  }

  @Test("figures are those that TensorBoard reads", arguments: ["scalars", "tensors"])
  func reading(_ name: String) throws {
    #expect(try RunHistory.read(path(name + ".tfevents")).series == series(name))
  }

  @Test("a folder's event files are read together, in the order of their names")
  func folder() throws {
    let all = try RunHistory.read(Fixtures.path("tensorboard")).series
    #expect(all == (try series("scalars") + series("tensors")))
  }

  @Test("events have the bytes that TensorBoard writes")
  func writing() throws {
    func scalars(_ values: KeyValuePairs<String, Double>) -> [SummaryEvent.Scalar] {
      values.map { SummaryEvent.Scalar(tag: $0.key, value: $0.value) }
    }
    let events = [
      SummaryEvent(
        wallTime: 1001.5, step: 1,
        scalars: scalars([
          "train/epoch": 0.25, "train/loss": 2.5, "train/learning_rate": 5e-5, "train/grad_norm": 1.25,
        ])),
      SummaryEvent(wallTime: 1002.5, step: 2, scalars: scalars(["train/epoch": 0.5, "eval/loss": 2.25])),
      SummaryEvent(wallTime: 1300.5, step: 300, scalars: scalars(["train/epoch": 75, "train/loss": -0.1])),
    ]
    let bytes = ([SummaryEvent.version(wallTime: 1000.5)] + events.map(\.message)).flatMap(RecordFraming.framed)
    #expect(try bytes == FileBytes.read(path("scalars.tfevents")))
  }

  @Test("a file that is cut off anywhere or has a changed byte is refused, and the place is named")
  func damaged() throws {
    let whole = try FileBytes.read(path("scalars.tfevents"))
    let starts = Set(try RecordFraming.records(whole, path: "whole").map(\.offset))
    try Fixtures.withScratchFolder { folder in
      let file = folder + "/a.tfevents"
      func refusal(_ bytes: [UInt8]) throws -> TrainingError? {
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        do throws(TrainingError) {
          _ = try RunHistory.read(file)
          return nil
        } catch {
          return error
        }
      }
      for length in 0..<whole.count where !starts.subtracting([0]).contains(length) {
        let error = try refusal(Array(whole.prefix(length)))
        #expect(error?.facts.place?.hasPrefix(file) == true, "\(length) bytes")
      }
      for index in whole.indices {
        var bytes = whole
        bytes[index] ^= 0x10
        #expect(try refusal(bytes)?.facts.place?.contains("byte") == true, "byte \(index)")
      }
    }
  }

  @Test("malformed messages within sound records are refused and never crash")
  func malformed() throws {
    let records = try ["scalars", "tensors"].flatMap { name in
      try RecordFraming.records(FileBytes.read(path(name + ".tfevents")), path: name).map { Array($0.bytes) }
    }
    var (refused, generator) = (0, CounterGenerator(seed: 1, 2))
    for record in records {
      for _ in 0..<200 {
        var bytes = record
        for _ in 0...generator.whole(below: 3) {
          bytes[generator.whole(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
        }
        var reader = SummaryReader()
        do { _ = try reader.event(bytes[...]) } catch { refused += 1 }
      }
    }
    #expect(refused > 100)
  }

  @Test("a run writes its figures, and a continued run keeps those of the steps before")
  func run() throws {
    try Fixtures.withScratchFolder { folder in
      func train(_ name: String, resume: Bool = false, stopAfter: Int = .max) throws {
        var options = TrainingOptions()
        options.lineByLine = true
        options.maxSteps = 6
        options.evalSteps = 2
        options.validationSplit = 0.4
        options.resume = resume
        var steps = 0
        let request = TrainRequest(
          model: ModelReference("causal"), objective: .causal, trainFiles: [Fixtures.path("training/causal.jsonl")],
          output: "\(folder)/\(name)", options: options)
        _ = try Trainer(request, source: Fixtures.path("program/causal")).run(
          report: { if case .step = $0 { steps += 1 } }, RunConditions(isInterrupted: { steps >= stopAfter }))
      }
      func events(_ name: String) throws -> [TrainingHistory.Series] {
        try RunHistory.read("\(folder)/\(name)/\(EventFile.name)").series
      }
      try train("whole")
      let whole = try events("whole")
      #expect(
        whole.map(\.name) == [
          "train/epoch", "train/loss", "train/learning_rate", "train/grad_norm", "train/tokens_per_s", "eval/loss",
          "eval/perplexity", "eval/accuracy",
        ])
      #expect(whole[1].points.map(\.step) == Array(1...6) && whole[5].points.map(\.step) == [2, 4, 6])
      let log = try RunHistory.read(folder + "/whole").series
      for (event, line) in zip(whole[1].points, log.first { $0.name == "train/loss" }?.points ?? []) {
        #expect(event.value == Double(Float(line.value)))
      }
      try train("cut", stopAfter: 3)
      // The end of an event that was being written.
      let path = "\(folder)/cut/\(EventFile.name)"
      let torn = try FileBytes.read(path) + [1, 2, 3]
      try Data(torn).write(to: URL(fileURLWithPath: path))
      try train("cut", resume: true)
      #expect(try events("cut") == whole)
    }
  }
}
