/// What a column of records contains.
public struct ColumnStatistics: Sendable, Equatable {
  /// The name.
  public var name: String
  /// The records that have it.
  public var count = 0
  /// The fewest, mean and most characters of a value.
  public var shortest = Int.max
  /// The mean number of characters.
  public var mean = 0.0
  /// The most characters.
  public var longest = 0
  /// The number of words, separated by white space; for lists the number of elements.
  public var words = 0
  /// The bytes of UTF-8.
  public var bytes = 0
  /// How often each value (or element of a list) occurs, the most frequent first; `nil` if there are too many for
  /// labels.
  public var labels: [(label: String, count: Int)]?

  /// A column with more different values than this has no labels.
  public static let mostLabels = 200

  /// Statistics of the columns of records, in the order in which they first occur.
  public static func of(_ records: [CorpusRecord]) -> [ColumnStatistics] {
    var columns: [ColumnStatistics] = []
    var places: [String: Int] = [:]
    var labels: [[String: Int]?] = []
    for record in records {
      for field in record.fields {
        let place = places[field.name] ?? columns.count
        if place == columns.count {
          places[field.name] = place
          columns.append(ColumnStatistics(name: field.name))
          labels.append([:])
        }
        columns[place].add(field.value, &labels[place])
      }
    }
    for index in columns.indices {
      columns[index].mean /= Double(max(1, columns[index].count))
      // A column in which most values differ holds texts, not labels.
      let values = labels[index].map { $0.values.reduce(0, +) } ?? 0
      guard let found = labels[index], found.count <= max(2, values / 2) else { continue }
      columns[index].labels = found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
    return columns
  }

  private mutating func add(_ value: CorpusRecord.Value, _ labels: inout [String: Int]?) {
    let text = value.text
    let length = text.unicodeScalars.count
    count += 1
    shortest = min(shortest, length)
    longest = max(longest, length)
    mean += Double(length)
    bytes += text.utf8.count
    let elements: [String]
    switch value {
    case .text: elements = [text]
    case .list(let list): elements = list
    case .json: elements = []
    }
    if case .list(let list) = value {
      words += list.count
    } else {
      words += text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).count
    }
    if elements.isEmpty { labels = nil }
    for element in elements {
      guard labels != nil else { return }
      if element.utf8.count > 100 {
        labels = nil
      } else {
        labels?[element, default: 0] += 1
        if labels.map({ $0.count > Self.mostLabels }) ?? false { labels = nil }
      }
    }
  }

  /// Whether all figures are equal.
  public static func == (a: ColumnStatistics, b: ColumnStatistics) -> Bool {
    a.name == b.name && a.count == b.count && a.shortest == b.shortest && a.mean == b.mean && a.longest == b.longest
      && a.words == b.words && a.bytes == b.bytes
      && (a.labels ?? []).map(\.label) == (b.labels ?? []).map(\.label)
      && (a.labels ?? []).map(\.count) == (b.labels ?? []).map(\.count)
  }
}
