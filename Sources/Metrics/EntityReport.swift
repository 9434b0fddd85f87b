/// An entity: its type and the words that it covers.
public struct Entity: Sendable, Hashable {
  /// The type, such as `PER`; `_` for tags without one.
  public var type: String
  /// The words, counted from 0 in their sentence.
  public var words: Range<Int>

  /// An entity over these words.
  public init(type: String, words: Range<Int>) {
    self.type = type
    self.words = words
  }

  /// The entities of a sentence's tags, read leniently as conlleval and the default mode of seqeval do: an entity also
  /// begins at an `I` without a `B` before it.
  /// - Throws: ``MetricError`` for an empty tag.
  public static func read(_ tags: [String]) throws(MetricError) -> [Entity] {
    var entities: [Entity] = []
    var previous = EntityTag.outside
    var start = 0
    for (index, tag) in try parse(tags).enumerated() {
      if ends(previous, tag) { entities.append(Entity(type: previous.type, words: start..<index)) }
      if starts(previous, tag) { start = index }
      previous = tag
    }
    return entities
  }

  /// The entities of a sentence's tags, read strictly: what the scheme does not allow is no entity.
  /// - Throws: ``MetricError`` for an empty tag and a prefix that is not in the scheme.
  public static func read(_ tags: [String], scheme: EntityScheme) throws(MetricError) -> [Entity] {
    let parsed = try parse(tags)
    for (index, tag) in parsed.enumerated() where !scheme.prefixes.contains(tag.prefix) {
      throw MetricError(
        "bad tag", at: "word \(index + 1)", expected: "a prefix of \(scheme.rawValue)", found: "'\(tags[index])'",
        hint: "name the scheme of the tags, or read them leniently")
    }
    let (starts, insides, ends) = (scheme.starts, scheme.insides, scheme.ends)
    var entities: [Entity] = []
    var index = 0
    var previous = EntityTag.outside
    while index < parsed.count {
      let first = parsed[index]
      guard starts.contains(where: { $0.matches(previous, first) }) else {
        previous = first
        index += 1
        continue
      }
      var end = index + 1
      while end < parsed.count, insides.contains(where: { $0.matches(parsed[end - 1], parsed[end]) }) { end += 1 }
      // The last tag is `O`, which continues nothing.
      let next = end < parsed.count ? parsed[end] : .outside
      if end < parsed.count, ends.contains(where: { $0.matches(parsed[end - 1], next) }) {
        entities.append(Entity(type: first.type, words: index..<end))
      }
      index = end
      previous = parsed[index - 1]
    }
    return entities
  }

  /// The parts of each tag, and `O` after the last.
  private static func parse(_ tags: [String]) throws(MetricError) -> [EntityTag] {
    var parsed: [EntityTag] = []
    for (index, tag) in tags.enumerated() {
      guard let tag = EntityTag(tag) else {
        throw MetricError("bad tag", at: "word \(index + 1)", expected: "a tag such as B-PER or O", found: "none")
      }
      parsed.append(tag)
    }
    return parsed + [.outside]
  }

  private static func ends(_ previous: EntityTag, _ tag: EntityTag) -> Bool {
    switch previous.prefix {
    case "E", "S": true
    case "B" where ["B", "S", "O"].contains(tag.prefix), "I" where ["B", "S", "O"].contains(tag.prefix): true
    case "O", ".": false
    default: previous.type != tag.type
    }
  }

  private static func starts(_ previous: EntityTag, _ tag: EntityTag) -> Bool {
    switch tag.prefix {
    case "B", "S": true
    case "E" where ["E", "S", "O"].contains(previous.prefix), "I" where ["E", "S", "O"].contains(previous.prefix): true
    case "O", ".": false
    default: previous.type != tag.type
    }
  }
}

/// How many entities are found, as seqeval counts: an entity is right if its type and all of its words are.
public struct EntityReport: Sendable, Hashable {
  /// The types, sorted by their code points.
  public let types: [String]
  /// The figures of each type.
  public let figures: [ClassificationReport.Figures]
  /// The figures of all entities together, which seqeval reports as the overall figures.
  public let micro: ClassificationReport.Figures
  /// The share of words with the right tag.
  public let accuracy: Double

  /// The means of all types, each with the same weight.
  public var macro: ClassificationReport.Figures { .mean(figures) { _ in 1 } }

  /// The means of all types, weighted by their numbers of entities.
  public var weighted: ClassificationReport.Figures { .mean(figures) { Double($0.support) } }

  /// Compares the tags of sentences.
  /// - Parameter scheme: the scheme, if tags are read strictly; without one they are read leniently.
  /// - Throws: ``MetricError`` if the lists differ in length, contain no words, or have a tag that can't be read.
  public init(actual: [[String]], predicted: [[String]], scheme: EntityScheme? = nil) throws(MetricError) {
    try MetricError.checkCounts(actual.count, predicted.count, of: "true and predicted sentences")
    var counts: [String: (right: Int, predicted: Int, actual: Int)] = [:]
    var (words, right) = (0, 0)
    for (number, (actual, predicted)) in zip(actual, predicted).enumerated() {
      try MetricError.checkCounts(actual.count, predicted.count, of: "tags of sentence \(number + 1)")
      words += actual.count
      right += zip(actual, predicted).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
      let read = { (tags: [String]) throws(MetricError) -> [Entity] in
        if let scheme { try Entity.read(tags, scheme: scheme) } else { try Entity.read(tags) }
      }
      let (expected, found) = (Set(try read(actual)), Set(try read(predicted)))
      for entity in expected { counts[entity.type, default: (0, 0, 0)].actual += 1 }
      for entity in found {
        counts[entity.type, default: (0, 0, 0)].predicted += 1
        if expected.contains(entity) { counts[entity.type, default: (0, 0, 0)].right += 1 }
      }
    }
    guard words > 0 else {
      throw MetricError("no words", at: "true and predicted tags", expected: "at least one", found: "none")
    }
    types = counts.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let all = types.compactMap { counts[$0] }
    figures = all.map { ClassificationReport.Figures(right: $0.right, predicted: $0.predicted, actual: $0.actual) }
    micro = ClassificationReport.Figures(
      right: all.reduce(0) { $0 + $1.right }, predicted: all.reduce(0) { $0 + $1.predicted },
      actual: all.reduce(0) { $0 + $1.actual })
    accuracy = Double(right) / Double(words)
  }
}
