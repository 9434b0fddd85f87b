import EngineAPI
import JSONText

/// Reads what a run has recorded.
public enum RunHistory {
  /// The figures and samples of a run's folder.
  /// - Throws: ``TrainingError`` if there is no log, or a line of it can't be read; the line is named.
  public static func read(_ path: String) throws(TrainingError) -> TrainingHistory {
    let folder = RunFolder(path: path)
    guard FileBytes.exists("\(path)/\(RunLog.file)") else {
      throw TrainingError(
        .data, "no record of a run", at: path, expected: "a folder with \(RunLog.file)", found: "none")
    }
    var figures = FigureTable()
    for line in try folder.lines(RunLog.file) {
      guard let step = line["step"]?.int else { continue }
      for member in line.members {
        let name = "\(member.key)"
        // `null` stands for a number that is not finite.
        guard name != "step", let value = member.value.isNull ? .nan : member.value.double else { continue }
        figures.add(Self.tag(name), step, value)
      }
    }
    let samples = try folder.lines(RunLog.samples).compactMap(RunLog.samples)
    return TrainingHistory(path: path, series: figures.series, samples: samples.sorted { $0.step < $1.step })
  }

  /// The name of a figure of the log as TensorBoard shows it.
  static func tag(_ name: String) -> String {
    name.hasPrefix("eval_") ? "eval/" + name.dropFirst(5) : "train/" + name
  }
}

/// Figures by name, in the order in which they first occur.
struct FigureTable {
  private var order: [String] = []
  private var points: [String: [TrainingHistory.Series.Point]] = [:]

  /// Adds a value.
  mutating func add(_ name: String, _ step: Int, _ value: Double) {
    if points[name] == nil { order.append(name) }
    points[name, default: []].append(TrainingHistory.Series.Point(step: step, value: value))
  }

  /// The figures; points of the same step keep their order.
  var series: [TrainingHistory.Series] {
    order.map { name in
      let sorted = (points[name] ?? []).enumerated().sorted {
        ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
      }
      return TrainingHistory.Series(name: name, points: sorted.map(\.element))
    }
  }
}
