import ArgumentParser
import EngineAPI
import JSONText
import Sessions
import TerminalUI

/// `-o` of commands that answer files of prompts.
struct BatchOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "With a file of prompts: write the answers to this file; an unfinished one is continued.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("-o"))
  var output: String?

  /// Refuses the option where nothing is a file of lines to answer.
  /// - Parameter chat: the file of conversations.
  func check(_ input: TextOptions, chat: String? = nil) throws(CommandError) {
    guard let output, input.promptFile == nil, chat == nil else { return }
    throw .badValue(
      option: "-o", expected: "-f with a file of prompts beside it", found: "\(output)",
      hint: "name a file whose name ends with \(PromptFile.suffix)")
  }
}

/// A line of a file that a batch answers.
protocol BatchItem: Sendable {
  /// The number of the line, from 1.
  var line: Int { get }
  /// What the answer repeats of it. An unfinished output is only continued if it repeats the same.
  var head: JSONObject { get }
}

/// Answers a file, a line of JSON each, in the order of its lines.
///
/// A line that the model can't take (a prompt is too long, it has no mask) has an answer with `error`; the others go
/// on. The same lines and options give the same bytes, whether or not the run was interrupted and continued.
struct Batch<Item: BatchItem>: Sendable {
  /// The lines.
  let items: [Item]
  /// What a line is: `prompts`.
  private let kind: String
  private let output: BatchOutput
  private let console: Console

  /// A batch of lines, with the earlier answers.
  init(_ items: [Item], _ kind: String, _ options: BatchOptions, in run: CommandRun) throws(CommandError) {
    (self.items, self.kind, console) = (items, kind, run.console)
    output =
      try options.output.map { path throws(CommandError) in try BatchOutput(path, run.console) } ?? BatchOutput(console)
  }

  /// The seed of the first answer of an earlier run.
  var earlierSeed: UInt64? {
    output.earlier.first?["seed"]?.int.flatMap { Limits.seeds.contains(UInt64(clamping: $0)) ? UInt64($0) : nil }
  }

  /// The seed of a line: the first line has the seed of the run, each other one the next.
  func seed(_ first: UInt64, _ index: Int) -> UInt64 {
    let count = Limits.seeds.upperBound &+ 1
    let sum = first &+ UInt64(index)
    return count == 0 ? sum : sum % count
  }

  /// Answers the lines that have no answer yet.
  ///
  /// - Parameters:
  ///   - settings: what the answers depend on besides model and lines; an unfinished file must have the same.
  ///   - seed: the seed of the run, if the answers are drawn; each answer then has its own.
  ///   - ahead: how many lines are started before the first of them is finished.
  ///   - start: starts a line, given its index.
  ///   - finish: waits for its answer and returns the members of the answer's line.
  /// - Returns: the exit code: 1 if a line could not be answered.
  func answer<Started>(
    by model: ModelReference, _ settings: JSONObject, seed: UInt64? = nil, ahead: Int = 1,
    start: (Item, Int) async throws -> Started,
    finish: (Started) async throws -> JSONObject
  ) async throws -> Int32 {
    let fingerprint = settings.followed(by: model.changesJSON).fingerprint
    let head = { (index: Int) in self.head(index, model, fingerprint, seed: seed) }
    var failures = try checkEarlier(head)
    var done = output.earlier.count
    if done > 0 {
      console.note("\(NumberText.grouped(done)) of \(NumberText.grouped(items.count)) \(kind) are answered already")
    }
    let (first, begin) = (done, ContinuousClock.now)
    var started: [Result<Started, CommandError>] = []
    while done < items.count {
      do {
        while started.count < ahead, done + started.count < items.count {
          let index = done + started.count
          started.append(try await Self.attempt { try await start(items[index], index) })
        }
        let result = started.removeFirst()
        let answer = try await Self.attempt { try await finish(result.get()) }
        var line = head(done)
        switch answer {
        case .success(let members): line = line.followed(by: members)
        case .failure(let problem):
          line["error"] = .object(problem.facts.json)
          failures += 1
        }
        try output.write(line)
      } catch {
        guard CommandError(error) == .interrupted else { throw error }
        let count = "\(NumberText.grouped(done)) of \(NumberText.grouped(items.count)) \(kind)"
        console.note("interrupted after \(count)" + (output.path == nil ? "" : "; the same command continues"))
        return EndSignal.interrupt.exitCode
      }
      done += 1
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      let left = seconds / Double(done - first) * Double(items.count - done)
      let title =
        "\(NumberText.grouped(done)) of \(NumberText.grouped(items.count)), \(Self.words(seconds: left)) left"
      console.progress.show(title, Double(done) / Double(items.count))
    }
    console.progress.clear()
    guard failures > 0 else { return 0 }
    console.note(
      "\(NumberText.grouped(failures)) of \(NumberText.grouped(items.count)) \(kind) have no answer, see 'error'")
    return 1
  }

  /// What the answer at an index begins with.
  private func head(_ index: Int, _ model: ModelReference, _ fingerprint: String, seed: UInt64?) -> JSONObject {
    let start: JSONObject = ["schema": 1, "line": .integer(items[index].line)]
    var head = start.followed(by: items[index].head).followed(by: [
      "model": .text(model.description), "settings": .text(fingerprint),
    ])
    if let seed { head["seed"] = .integer(Int(clamping: self.seed(seed, index))) }
    return head
  }

  /// Checks that the earlier answers begin as this run would.
  /// - Returns: how many of them are errors.
  private func checkEarlier(_ head: (Int) -> JSONObject) throws(CommandError) -> Int {
    var failures = 0
    for (index, answer) in output.earlier.enumerated() {
      let place = "\(output.path ?? "") line \(index + 1)"
      guard index < items.count else {
        throw BatchOutput.foreign(
          place, expected: "at most \(items.count) answers", found: "\(output.earlier.count)")
      }
      for (key, value) in head(index).members where answer[key.description] != value {
        let name = key.description == "settings" ? "the same options" : "the same \(key.description)"
        let found = answer[key.description].map { $0.serialized().shortenedInTheMiddle(to: 80) } ?? "none"
        throw BatchOutput.foreign(place, expected: name, found: key.description == "settings" ? "others" : found)
      }
      if answer["error"] != nil { failures += 1 }
    }
    return failures
  }

  /// The result of a step. An error that concerns one line is kept for its line; others end the run.
  static func attempt<T>(_ step: () async throws -> T) async throws -> Result<T, CommandError> {
    do {
      try Task.checkCancellation()
      return .success(try await step())
    } catch {
      let problem = CommandError(error)
      guard case .engine(let cause) = problem, cause.kind == .input else { throw problem }
      return .failure(problem)
    }
  }

  /// A duration in words: `40 s`, `12 min`, `3.5 h`.
  private static func words(seconds: Double) -> String {
    if seconds < 100 { return "\(Int(seconds.rounded(.up))) s" }
    return seconds < 6000
      ? "\(Int((seconds / 60).rounded(.up))) min" : "\(NumberText.fixed(seconds / 3600, decimals: 1)) h"
  }
}

extension JSONObject {
  /// 16 hexadecimal digits that tell objects apart.
  var fingerprint: String {
    var hash = SHA256()
    hash.update(Array(JSONValue.object(self).serialized().utf8))
    return String(hash.finished().prefix(16))
  }
}

extension ErrorFacts {
  /// The parts of an error in JSON.
  var json: JSONObject {
    var object: JSONObject = ["what": .text(what)]
    for (key, value) in [("where", place), ("expected", expected), ("found", found), ("hint", hint)] {
      if let value { object[key] = .text(value) }
    }
    return object
  }
}
