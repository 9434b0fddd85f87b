import TestSupport

@testable import Training

extension FuzzTarget {
  static let trainingTargets = [eventFile, summaryEvent]

  /// Files of records with checksums: whole records are those of a file that is read without an error, and a file that
  /// is written anew from them has the same bytes.
  static let eventFile = FuzzTarget(
    name: "event-file",
    seeds: {
      let event = SummaryEvent(wallTime: 1, step: 2, scalars: [.init(tag: "train/loss", value: 0.5)])
      let own = RecordFraming.framed(SummaryEvent.version(wallTime: 1)) + RecordFraming.framed(event.message)
      return [own, RecordFraming.framed([]), try Fixtures.bytes("tensorboard/scalars.tfevents")]
    },
    words: ["\u{18}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"],
    run: { bytes in
      let whole = RecordFraming.wholeRecords(bytes, path: "x")
      law(whole.allSatisfy { bytes[$0.bytes.indices] == $0.bytes }, "a record that is not in the file")
      var reader = SummaryReader()
      for record in whole { _ = try? reader.event(record.bytes) }
      guard let all = try? RecordFraming.records(bytes, path: "x") else { return }
      law(all.elementsEqual(whole) { $0.offset == $1.offset && $0.bytes == $1.bytes }, "other records")
      law(all.flatMap { RecordFraming.framed(Array($0.bytes)) } == bytes, "other bytes")
    })

  /// Messages of protocol buffers: an event that is written anew is read as the same one.
  static let summaryEvent = FuzzTarget(
    name: "summary-event",
    seeds: {
      let scalars = [SummaryEvent.Scalar(tag: "train/loss", value: 0.5), .init(tag: "é", value: -.infinity)]
      return [
        SummaryEvent(wallTime: 1, step: -2, scalars: scalars).message, SummaryEvent.version(wallTime: 3),
      ]
    },
    words: ["\u{A}", "\u{2A}", "\u{15}", "\u{42}", "\u{4A}", "scalars", "\u{7F}\u{7F}"],
    run: { bytes in
      var reader = SummaryReader()
      guard let event = try? reader.event(bytes[...]) else { return }
      var second = SummaryReader()
      guard let again = try? second.event(event.message[...]) else { return law(false, "what was written is not read") }
      law(again.step == event.step && again.scalars.map(\.tag) == event.scalars.map(\.tag), "another event")
      law(again.wallTime.bitPattern == event.wallTime.bitPattern, "another time")
    })
}
