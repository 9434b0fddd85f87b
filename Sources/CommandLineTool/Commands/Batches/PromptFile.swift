import EngineAPI
import JSONText

/// The prompts of a JSON Lines file: in each line a string, or an object with `text` (or `prompt`), and, if wanted,
/// `target` and `id`.
struct PromptFile: Sendable {
  /// A line of the file.
  struct Prompt: Sendable, Equatable {
    /// The number of the line, from 1.
    var line: Int
    /// The text for the model.
    var text: String
    /// The text to score with an encoder-decoder model.
    var target: String?
    /// Any value; the answer repeats it.
    var id: JSONValue?
  }

  /// The end of the names of such files.
  static let suffix = ".jsonl"

  /// The file, for errors.
  let path: String
  /// The prompts, in the order of the lines; blank lines have none.
  let prompts: [Prompt]
  /// The names of members that have no effect, sorted.
  let unused: [String]

  /// Parses the lines of a file. A line that is no prompt is an error, so that nothing runs before all lines are
  /// checked.
  init(_ text: String, path: String) throws(CommandError) {
    self.path = path
    var prompts: [Prompt] = []
    var unused: Set<String> = []
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.contains(where: { !" \t\r".utf8.contains($0) }) {
      prompts.append(try Self.prompt(Array(line), line: index + 1, of: path, &unused))
    }
    guard !prompts.isEmpty else {
      throw Self.problem("no prompts", at: path, expected: "a prompt in each line", found: "none")
    }
    self.prompts = prompts
    self.unused = unused.sorted()
  }

  /// The lines of a plain text as prompts; blank lines are left out.
  init(lines text: String, path: String) throws(CommandError) {
    self.path = path
    unused = []
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    prompts = lines.enumerated().compactMap { index, line in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { return nil }
      return Prompt(line: index + 1, text: String(Substring(line)))
    }
    guard !prompts.isEmpty else {
      throw .engine(
        EngineError(
          .input, "no texts", at: path, expected: "a text in each line", found: "none",
          hint: "write one text a line, or give the text as an argument"))
    }
  }

  private static func prompt(
    _ bytes: [UInt8], line: Int, of path: String, _ unused: inout Set<String>
  ) throws(CommandError) -> Prompt {
    let place = "\(path) line \(line)"
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: bytes)
    } catch {
      let facts = error.facts
      throw problem(
        facts.what, at: [place, facts.place].compactMap(\.self).joined(separator: ", "),
        expected: facts.expected ?? "JSON", found: facts.found ?? "something else")
    }
    if let text = json.string { return Prompt(line: line, text: text) }
    guard let object = json.object else {
      throw problem("not a prompt", at: place, expected: "a string or an object", found: json.kind)
    }
    guard let value = object["text"] ?? object["prompt"], let text = value.string else {
      throw problem(
        "not a prompt", at: place, expected: "a string under 'text'",
        found: (object["text"] ?? object["prompt"])?.kind ?? "none")
    }
    if let target = object["target"], !target.isNull, target.string == nil {
      throw problem("not a prompt", at: place, expected: "a string under 'target'", found: target.kind)
    }
    let read = object["text"] == nil ? ["prompt", "target", "id"] : ["text", "target", "id"]
    unused.formUnion(object.members.map { $0.key.description }.filter { !read.contains($0) })
    return Prompt(line: line, text: text, target: object["target"]?.string, id: object["id"])
  }

  private static func problem(
    _ what: String, at place: String, expected: String, found: String
  ) -> CommandError {
    .engine(
      EngineError(
        .input, what, at: place, expected: expected, found: found,
        hint: #"write lines such as {"text": "Once upon a time"}"#))
  }
}

extension PromptFile.Prompt: BatchItem {
  var head: JSONObject {
    var head = JSONObject()
    if let id { head["id"] = id }
    head["prompt"] = .text(text)
    if let target { head["target"] = .text(target) }
    return head
  }
}

/// A batch of prompts.
typealias PromptBatch = Batch<PromptFile.Prompt>

extension PromptBatch {
  /// Reads the prompts and the earlier answers.
  init(_ path: String, _ input: TextOptions, _ options: BatchOptions, in run: CommandRun) async throws(CommandError) {
    guard input.text == nil else { throw .textGivenTwice }
    let file = try PromptFile(try await TextInput(context: run.context).whole(file: path), path: path)
    try self.init(file.prompts, "prompts", options, in: run)
    guard !file.unused.isEmpty else { return }
    run.console.note("\(path): members without effect: \(file.unused.joined(separator: ", "))")
  }
}

extension TextOptions {
  /// The file of prompts: a file whose name ends with `.jsonl`.
  var promptFile: String? { file.flatMap { $0.hasSuffix(PromptFile.suffix) ? $0 : nil } }
}
