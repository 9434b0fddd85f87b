import EngineAPI
import JSONText
import TerminalUI

extension Compare {
  /// Compares over the texts of a file. A pipe gets one object a text and a summary as the last line, a terminal a
  /// table, the worst text first.
  ///
  /// A text that a model can't take has an object with `error`; the others go on.
  func compare(
    _ texts: [PromptFile.Prompt], of path: String, _ comparing: TextComparison, in run: CommandRun
  ) async throws -> Int32 {
    let writesTable = run.console.isTerminal && outputForm == .text
    var summary = FileSummary(comparing)
    for (index, text) in texts.enumerated() {
      let result: Result<ComparisonResult, CommandError>
      do {
        result = try await PromptBatch.attempt { try await comparing.compare(text.text, text.target) }
      } catch {
        guard CommandError(error) == .interrupted else { throw error }
        summary.isInterrupted = true
        break
      }
      if case .success(let found) = result, found.isInterrupted {
        summary.isInterrupted = true
        break
      }
      summary.add(result, of: text)
      if !writesTable { try run.console.write(Self.line(result, text)) }
      run.console.progress.show(
        "\(NumberText.grouped(index + 1)) of \(NumberText.grouped(texts.count)) texts",
        Double(index + 1) / Double(texts.count))
    }
    run.console.progress.clear()
    if writesTable {
      try ComparisonText(console: run.console, comparing: comparing).write(summary)
    } else {
      try run.console.write(summary.json.followed(by: comparing.sidesJSON(summary.costs)))
    }
    if summary.failures > 0 {
      run.console.note(
        "\(NumberText.grouped(summary.failures)) of \(NumberText.grouped(texts.count)) texts are not compared"
          + (writesTable ? "" : ", see 'error'"))
    }
    if summary.isInterrupted {
      run.console.note(
        "interrupted after \(NumberText.grouped(summary.texts.count)) of \(NumberText.grouped(texts.count)) texts")
      return EndSignal.interrupt.exitCode
    }
    return summary.failures > 0 ? 1 : 0
  }

  /// The object of a text.
  private static func line(
    _ result: Result<ComparisonResult, CommandError>, _ text: PromptFile.Prompt
  ) -> JSONObject {
    var head: JSONObject = ["schema": 1, "line": .integer(text.line)]
    if let id = text.id { head["id"] = id }
    head["text"] = .text(text.text)
    if let target = text.target { head["target"] = .text(target) }
    switch result {
    case .success(let found): return head.followed(by: found.json(positions: true))
    case .failure(let problem):
      head["error"] = .object(problem.facts.json)
      return head
    }
  }
}

/// The figures of a file of texts.
struct FileSummary {
  /// A text with its figures.
  struct Text {
    let prompt: PromptFile.Prompt
    /// The figures of each pair of sides.
    let pairs: [PairSummary]
    /// The number of compared positions.
    let positions: Int
    let bitsPerByte: [Double?]
    /// The error, of a text that was not compared.
    let problem: CommandError?

    /// The mean KL(A‖B) of the pair that parts the most; infinite for a text that was not compared.
    var worst: Double { problem == nil ? pairs.compactMap(\.meanForward).max() ?? 0 : .infinity }
  }

  private let comparing: TextComparison
  private(set) var texts: [Text] = []
  /// The readings of all texts, by pair.
  private var readings: [[PairReading]]
  private var scores: [[ScoreSummary]]
  /// What each side cost over all texts.
  private(set) var costs: [SideCost]
  /// Whether the work ended before the last text.
  var isInterrupted = false

  init(_ comparing: TextComparison) {
    self.comparing = comparing
    readings = SidePair.all(comparing.sides.count).map { _ in [] }
    scores = comparing.sides.map { _ in [] }
    costs = comparing.sides.map { _ in SideCost(seconds: 0, tokens: 0) }
  }

  /// The number of texts that were not compared.
  var failures: Int { texts.count { $0.problem != nil } }

  /// The pairs with their figures over all positions of all texts.
  var pairs: [(pair: SidePair, summary: PairSummary)] {
    zip(SidePair.all(comparing.sides.count), readings).map { ($0, PairSummary($1)) }
  }

  /// Bits per byte of all texts together, by side.
  var bitsPerByte: [Double?] { scores.map(ScoreSummary.bitsPerByte(of:)) }

  mutating func add(_ result: Result<ComparisonResult, CommandError>, of prompt: PromptFile.Prompt) {
    guard case .success(let found) = result else {
      if case .failure(let problem) = result {
        texts.append(Text(prompt: prompt, pairs: [], positions: 0, bitsPerByte: [], problem: problem))
      }
      return
    }
    texts.append(
      Text(
        prompt: prompt, pairs: found.pairs.map(\.summary), positions: found.positions?.count ?? 0,
        bitsPerByte: found.scores.map(\.bitsPerByte), problem: nil))
    for index in readings.indices { readings[index] += (found.positions ?? []).map { $0.pairs[index] } }
    for index in scores.indices {
      scores[index].append(found.scores[index])
      costs[index].seconds += found.costs[index].seconds
      costs[index].tokens += found.costs[index].tokens
    }
  }

  /// The last line of the output.
  var json: JSONObject {
    var object: JSONObject = [
      "type": "summary", "schema": 1, "models": .array(comparing.sides.map { .text($0.open.reference.description) }),
      "same_vocabulary": .bool(comparing.hasOneVocabulary), "texts": .integer(texts.count),
      "failed": .integer(failures), "tokens": .integer(texts.reduce(0) { $0 + $1.positions }),
    ]
    let pairs = pairs
    let figures = pairs.map { _, summary in
      var figures = summary.json
      figures["first_divergence"] = nil
      figures["deviation_kl_ab"] = .number(summary.deviation)
      return figures
    }
    if figures.count == 1 {
      object = object.followed(by: figures[0])
    } else {
      object["pairs"] = .objects(
        zip(pairs, figures).map { entry, figures in
          JSONObject(["a": .integer(entry.pair.a), "b": .integer(entry.pair.b)]).followed(by: figures)
        })
    }
    object["bits_per_byte"] = .array(bitsPerByte.map { .number($0) })
    if isInterrupted { object["finish_reason"] = .text(FinishReason.interrupted.name) }
    return object
  }
}

extension ScoreSummary {
  /// Bits per byte of several texts together; `nil` if they have no bytes or a total is not known.
  fileprivate static func bitsPerByte(of summaries: [ScoreSummary]) -> Double? {
    let bytes = summaries.reduce(0) { $0 + $1.scoredBytes }
    let bits = summaries.map { summary in summary.bitsPerByte.map { $0 * Double(summary.scoredBytes) } }
    guard bytes > 0, zip(bits, summaries).allSatisfy({ $0 != nil || $1.scoredBytes == 0 }) else { return nil }
    return bits.compactMap(\.self).reduce(0, +) / Double(bytes)
  }
}
