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
      "With -f FILE.jsonl: write the answers to this file; an unfinished file is continued.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("-o"))
  var output: String?

  /// Refuses the option where the text is not a file of prompts.
  func check(_ input: TextOptions) throws(CommandError) {
    guard let output, input.promptFile == nil else { return }
    throw .badValue(
      option: "-o", expected: "-f with a file of prompts beside it", found: "\(output)",
      hint: "name a file whose name ends with \(PromptFile.suffix)")
  }
}

/// Answers a file of prompts, a line of JSON each, in the order of the prompts.
///
/// A prompt that the model can't take (it is too long, it has no mask) has an answer with `error`; the others go on. The
/// same prompts and options give the same bytes, whether or not the run was interrupted and continued.
struct Batch: Sendable {
  /// The prompts.
  let file: PromptFile
  private let output: BatchOutput
  private let console: Console

  /// Reads the prompts and the earlier answers.
  init(_ path: String, _ input: TextOptions, _ options: BatchOptions, in run: CommandRun) async throws(CommandError) {
    guard input.text == nil else { throw .textGivenTwice }
    file = try PromptFile(try await TextInput(context: run.context).whole(file: path), path: path)
    console = run.console
    output =
      try options.output.map { path throws(CommandError) in try BatchOutput(path, run.console) } ?? BatchOutput(console)
    if !file.unused.isEmpty {
      console.note("\(path): members without effect: \(file.unused.joined(separator: ", "))")
    }
  }

  /// The seed of the first answer of an earlier run.
  var earlierSeed: UInt64? {
    output.earlier.first?["seed"]?.int.flatMap { Limits.seeds.contains(UInt64(clamping: $0)) ? UInt64($0) : nil }
  }

  /// The seed of a prompt: the first prompt has the seed of the run, each other one the next.
  static func seed(_ first: UInt64, _ index: Int) -> UInt64 {
    let count = Limits.seeds.upperBound &+ 1
    let sum = first &+ UInt64(index)
    return count == 0 ? sum : sum % count
  }

  /// Answers the prompts that have no answer yet.
  ///
  /// - Parameters:
  ///   - settings: what the answers depend on besides model and prompts; an unfinished file must have the same.
  ///   - ahead: how many prompts are started before the first of them is finished.
  ///   - start: starts a prompt, given its index.
  ///   - finish: waits for its answer and returns the members of the line.
  /// - Returns: the exit code: 1 if a prompt could not be answered.
  func answer<Started>(
    by model: ModelReference, _ settings: JSONObject, ahead: Int = 1,
    start: (PromptFile.Prompt, Int) async throws -> Started,
    finish: (Started) async throws -> JSONObject
  ) async throws -> Int32 {
    let prompts = file.prompts
    let fingerprint = Self.fingerprint(settings.followed(by: model.changesJSON))
    var failures = try checkEarlier(model, fingerprint)
    var done = output.earlier.count
    if done > 0 {
      console.note("\(NumberText.grouped(done)) of \(NumberText.grouped(prompts.count)) prompts are answered already")
    }
    let (first, begin) = (done, ContinuousClock.now)
    var started: [Result<Started, CommandError>] = []
    while done < prompts.count {
      do {
        while started.count < ahead, done + started.count < prompts.count {
          let index = done + started.count
          started.append(try await Self.attempt { try await start(prompts[index], index) })
        }
        let result = started.removeFirst()
        let answer = try await Self.attempt { try await finish(result.get()) }
        var line = head(prompts[done], model, fingerprint)
        switch answer {
        case .success(let members): line = line.followed(by: members)
        case .failure(let problem):
          line["error"] = .object(problem.facts.json)
          failures += 1
        }
        try output.write(line)
      } catch {
        guard CommandError(error) == .interrupted else { throw error }
        let count = "\(NumberText.grouped(done)) of \(NumberText.grouped(prompts.count)) prompts"
        console.note("interrupted after \(count)" + (output.path == nil ? "" : "; the same command continues"))
        return EndSignal.interrupt.exitCode
      }
      done += 1
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      let left = seconds / Double(done - first) * Double(prompts.count - done)
      let title =
        "\(NumberText.grouped(done)) of \(NumberText.grouped(prompts.count)), \(Self.words(seconds: left)) left"
      console.progress.show(title, Double(done) / Double(prompts.count))
    }
    console.progress.clear()
    guard failures > 0 else { return 0 }
    console.note(
      "\(NumberText.grouped(failures)) of \(NumberText.grouped(prompts.count)) prompts have no answer, see 'error'")
    return 1
  }

  /// What every line begins with.
  private func head(_ prompt: PromptFile.Prompt, _ model: ModelReference, _ fingerprint: String) -> JSONObject {
    var head: JSONObject = ["schema": 1, "line": .integer(prompt.line)]
    if let id = prompt.id { head["id"] = id }
    head["prompt"] = .text(prompt.text)
    if let target = prompt.target { head["target"] = .text(target) }
    head["model"] = .text(model.description)
    head["settings"] = .text(fingerprint)
    return head
  }

  /// Checks that the earlier answers begin as this run would.
  /// - Returns: how many of them are errors.
  private func checkEarlier(_ model: ModelReference, _ fingerprint: String) throws(CommandError) -> Int {
    var failures = 0
    for (index, answer) in output.earlier.enumerated() {
      let place = "\(output.path ?? "") line \(index + 1)"
      guard index < file.prompts.count else {
        throw BatchOutput.foreign(
          place, expected: "at most \(file.prompts.count) answers", found: "\(output.earlier.count)")
      }
      let wanted = head(file.prompts[index], model, fingerprint)
      for (key, value) in wanted.members where answer[key.description] != value {
        let name = key.description == "settings" ? "the same options" : "the same \(key.description)"
        let found = answer[key.description].map { $0.serialized().shortenedInTheMiddle(to: 80) } ?? "none"
        throw BatchOutput.foreign(place, expected: name, found: key.description == "settings" ? "others" : found)
      }
      if answer["error"] != nil { failures += 1 }
    }
    return failures
  }

  /// The result of a step. An error that concerns one prompt is kept for its line; others end the run.
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

  /// 16 hexadecimal digits that tell settings apart.
  private static func fingerprint(_ settings: JSONObject) -> String {
    var hash = SHA256()
    hash.update(Array(JSONValue.object(settings).serialized().utf8))
    return String(hash.finished().prefix(16))
  }

  /// A duration in words: `40 s`, `12 min`, `3.5 h`.
  private static func words(seconds: Double) -> String {
    if seconds < 100 { return "\(Int(seconds.rounded(.up))) s" }
    return seconds < 6000
      ? "\(Int((seconds / 60).rounded(.up))) min" : "\(NumberText.fixed(seconds / 3600, decimals: 1)) h"
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
