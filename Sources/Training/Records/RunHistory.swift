import EngineAPI
import JSONText

/// Reads what a run has recorded.
public enum RunHistory {
  /// The figures and samples of a run's folder, or the figures of event files of TensorBoard: of one file, or of those
  /// of a folder in the order of their names.
  /// - Throws: ``TrainingError`` if there is neither a log nor an event file, or one of them is damaged; the line or
  ///   byte is named.
  public static func read(_ path: String) throws(TrainingError) -> TrainingHistory {
    var figures = FigureTable()
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let names: [String]
    do throws(JSONError) { names = try FolderNames.read(path, hidden: true) } catch {
      // Not a folder.
      guard EventFile.isEventFile(name) else { throw TrainingError(.data, error) }
      try EventFile.read(path, into: &figures)
      return TrainingHistory(path: path, series: figures.series)
    }
    if names.contains(RunLog.file) { return try run(path) }
    let files = names.filter(EventFile.isEventFile).sorted()
    guard !files.isEmpty else {
      throw TrainingError(
        .data, "no record of a run", at: path, expected: "a folder with \(RunLog.file) or event files of TensorBoard",
        found: "neither")
    }
    for file in files { try EventFile.read("\(path)/\(file)", into: &figures) }
    return TrainingHistory(path: path, series: figures.series)
  }

  private static func run(_ path: String) throws(TrainingError) -> TrainingHistory {
    let folder = RunFolder(path: path)
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
