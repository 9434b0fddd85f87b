import EngineAPI
import JSONText

/// The event file of a run, which TensorBoard shows: the figures of `log.jsonl` under the names that transformers gives
/// them (`train/loss`, `train/learning_rate`, `train/grad_norm`, `eval/loss`).
struct EventFile {
  /// The name of the file in the folder of a run. A continued run goes on with the same file.
  static let name = "events.out.tfevents.triptych"

  let folder: RunFolder

  /// Begins the file, or keeps the events of a continued run up to a step.
  /// - Parameter wallTime: seconds since 1970.
  func begin(keepingUpTo step: Int?, wallTime: Double) throws(TrainingError) {
    var kept: [UInt8] = []
    let path = "\(folder.path)/\(Self.name)"
    if let step, FileBytes.exists(path) {
      let bytes: [UInt8]
      do throws(JSONError) { bytes = try FileBytes.read(path) } catch { throw TrainingError(.resources, error) }
      var reader = SummaryReader()
      for record in RecordFraming.wholeRecords(bytes, path: path) {
        guard let event = try? reader.event(record.bytes), event.step <= step else { continue }
        kept += RecordFraming.framed(Array(record.bytes))
      }
    }
    if kept.isEmpty { kept = RecordFraming.framed(SummaryEvent.version(wallTime: wallTime)) }
    try folder.write(kept, to: Self.name)
  }

  /// Appends the figures of a line of the log.
  func append(_ line: JSONObject, wallTime: Double) throws(TrainingError) {
    guard let step = line["step"]?.int else { return }
    let scalars = line.members.compactMap { member -> SummaryEvent.Scalar? in
      let name = "\(member.key)"
      guard name != "step", let value = member.value.double else { return nil }
      return SummaryEvent.Scalar(tag: RunHistory.tag(name), value: value)
    }
    let event = SummaryEvent(wallTime: wallTime, step: step, scalars: scalars)
    try folder.append(RecordFraming.framed(event.message), to: Self.name)
  }

  /// Whether a file has the name of an event file.
  static func isEventFile(_ name: String) -> Bool { name.contains("tfevents") }

  /// Adds the figures of a file.
  /// - Throws: an error that names the byte at which the file is cut off or damaged.
  static func read(_ path: String, into figures: inout FigureTable) throws(TrainingError) {
    let bytes: [UInt8]
    do throws(JSONError) { bytes = try FileBytes.read(path) } catch { throw TrainingError(.data, error) }
    guard !bytes.isEmpty else {
      throw TrainingError(.data, "can't read the event file", at: path, expected: "events", found: "an empty file")
    }
    var reader = SummaryReader()
    for record in try RecordFraming.records(bytes, path: path) {
      let event: SummaryEvent
      do throws(ProtobufFields.Fault) { event = try reader.event(record.bytes) } catch {
        throw TrainingError(
          .data, "can't read the event file", at: "\(path) byte \(record.offset)", expected: "an event",
          found: "a message that is cut off or malformed")
      }
      for scalar in event.scalars { figures.add(scalar.tag, event.step, scalar.value) }
    }
  }
}
