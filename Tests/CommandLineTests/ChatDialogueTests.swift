import EngineAPI
import Engines
import Foundation
import JSONText
import Sessions
import TestSupport
import Testing

/// `chat` on the tiny model of `Tests/Fixtures/chat`, compared with transformers.
struct ChatDialogueTests {
  /// A dialogue by transformers, with its template.
  struct Case: CustomTestStringConvertible, Sendable {
    let json: JSONValue
    let template: String
    var testDescription: String { json["name"]?.string ?? "" }
  }

  /// The dialogues. Those with published templates need the shared test data.
  static let cases: [Case] = {
    let all = (try? JSONValue(contentsOfFile: Fixtures.path("chat/dialogues.json")))?.array ?? []
    let shared = URL(fileURLWithPath: Fixtures.folder + "/../../../shared/chat-templates/templates").standardizedFileURL
    return all.compactMap { json in
      let file = shared.path + "/\(json["name"]?.string ?? "").jinja"
      let template = json["template"]?.string ?? (try? String(contentsOfFile: file, encoding: .utf8))
      return template.map { Case(json: json, template: $0) }
    }
  }()

  static let model = Fixtures.path("chat/model")

  private func run(
    _ arguments: [String], _ entry: Case, input: String = "", files: [String: String] = [:]
  ) async -> CommandWorld.Outcome {
    let world = CommandWorld(
      engine: LocalEngine(catalog: .paths), input: Array(input.utf8),
      files: files.merging(["template": entry.template]) { $1 }.mapValues { Array($0.utf8) })
    return await world.run(
      ["chat", "-m", Self.model, "--template", "template", "--temperature", "0", "--seed", "1", "-q"] + arguments)
  }

  private func lines(_ outcome: CommandWorld.Outcome) throws -> [JSONValue] {
    try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  private func ids(_ tokens: JSONValue?) -> [Int] { (tokens?.array ?? []).compactMap { $0["id"]?.int } }
  private func ints(_ value: JSONValue?) -> [Int] { (value?.array ?? []).compactMap(\.int) }
  private func text(_ value: JSONValue?) -> String {
    (value?.array ?? []).compactMap(\.string).map { $0 + "\n" }.joined()
  }

  @Test func thereAreDialoguesOfSeveralFamilies() { #expect(Self.cases.count >= 5) }

  @Test(arguments: cases)
  func everyPromptAndAnswerOfADialogueIsThatOfTransformers(entry: Case) async throws {
    let outcome = await run(["--json"], entry, input: text(entry.json["lines"]))
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let made = try lines(outcome)
    let wanted = entry.json["answers"]?.array ?? []
    #expect(made.count == wanted.count && wanted.count >= 8)
    for (made, wanted) in zip(made, wanted) {
      #expect(ids(made["prompt"]?["tokens"]) == ints(wanted["prompt"]))
      #expect(ids(made["completions"]?[0]?["tokens"]) == ints(wanted["answer"]))
      #expect(made["message"]?["content"]?.string == wanted["content"]?.string)
    }
  }

  @Test(arguments: cases)
  func aLastMessageOfTheAssistantIsContinued(entry: Case) async throws {
    let messages = #"[{"role":"user","content":"How are you?"},{"role":"assistant","content":"Hello, my"}]"#
    let outcome = await run(["--json", "--messages", "chat.json"], entry, files: ["chat.json": messages])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let object = try lines(outcome)[0]
    #expect(ids(object["prompt"]?["tokens"]) == ints(entry.json["continued"]))
    #expect(object["message"]?["content"]?.string?.hasPrefix("Hello, my") == true)
    #expect(object["message"]?["role"]?.string == "assistant")
  }

  @Test(arguments: cases)
  func reasoningOfEarlierAnswersIsWrittenAsTheTemplateDoes(entry: Case) async throws {
    let messages = """
      {"messages": [{"role": "user", "content": "How are you?"},
        {"role": "assistant", "content": "Hello.", "reasoning_content": "The sea is calm."},
        {"role": "user", "content": "The king?"}]}
      """
    let outcome = await run(["--json", "--messages", "-"], entry, input: messages)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(ids(try lines(outcome)[0]["prompt"]?["tokens"]) == ints(entry.json["reasoned"]))
  }

  @Test func aPromptCostsOnlyWhatIsNewInIt() async throws {
    let entry = try #require(Self.cases.first)
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/talk.session"
      let outcome = await run(["--session", path], entry, input: text(entry.json["lines"]))
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let tree = try SessionFile.open(path, .reading).session.tree
      // What the engine has read: each prompt, and each answer but for its last token.
      var read: [[Int]] = []
      var (processed, whole) = (0, 0)
      for node in tree.allNodes {
        guard let request = tree.generationRequest(of: node.id), let timing = node.outcome?.timing else { continue }
        let ids = request.context.ids
        let shared = read.map { zip($0, ids).prefix { $0 == $1 }.count }.max() ?? 0
        // The last token of a prompt that is known as a whole may be read again, for its row.
        #expect(timing.promptTokens <= ids.count - shared + 1, "\(node.id)")
        read.append(ids + (0..<max(0, node.tokens.count - 1)).map { node.tokens[$0].token.id })
        processed += timing.promptTokens
        whole += ids.count
      }
      #expect(read.count == 9 && processed * 2 < whole, "\(processed) of \(whole)")
    }
  }

  @Test func aSavedDialogueIsReplayedToTheSameBytesAndSavedAsMessages() async throws {
    let entry = try #require(Self.cases.first { $0.testDescription == "thoughts" })
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/talk.session"
      let arguments = ["--session", path, "--temperature", "0.9", "--top-p", "0.95"]
      let lines = "Hello.\n/retry\nThe sea?\n/retry\n/save \(folder)/m.json\n"
      let outcome = await run(arguments, entry, input: lines)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let replay = await CommandWorld(engine: LocalEngine(catalog: .paths)).run("replay", path, "--verify", "--json")
      #expect(replay.exitCode == 0, "\(replay)")
      #expect(try JSONValue(parsing: Array(replay.output.utf8))["texts"]?.int == 4)
      let saved = try JSONValue(contentsOfFile: folder + "/m.json")
      #expect(
        saved["messages"]?.array?.compactMap { $0["role"]?.string } == ["user", "assistant", "user", "assistant"])
      #expect(saved["messages"]?[2]?["content"]?.string == "The sea?")
      let next = await run(
        ["--messages", folder + "/m.json"], entry,
        files: [
          folder + "/m.json": try String(contentsOfFile: folder + "/m.json", encoding: .utf8)
        ])
      #expect(next.exitCode == 0, "\(next.errors)")
      // A retry takes the next seed.
      let tree = try SessionFile.open(path, .reading).session.tree
      #expect(tree.allNodes.compactMap { tree.generationRequest(of: $0.id)?.seed } == [1, 2, 1, 2])
    }
  }

  @Test func reasoningIsApartInJSON() async throws {
    let opening = "{{ messages[0].content }}<think>\n"
    let entry = Case(json: ["name": "opening"], template: opening)
    let open = await run(["--json"], entry, input: "Hello.\n")
    let message = try #require(try lines(open).first?["message"])
    #expect(message["content"]?.string == "" && message["reasoning"]?.string?.isEmpty == false)
    let closed = Case(json: ["name": "closed"], template: "{{ messages[0].content }}<think>\nso</think>\n")
    let plain = try lines(await run(["--json"], closed, input: "Hello.\n")).first?["message"]
    #expect(plain?["reasoning"] == nil && plain?["content"]?.string?.isEmpty == false)
  }

  @Test func aModelWithoutATemplateReadsATranscript() async throws {
    let messages = """
      [{"role": "system", "content": "Be calm."}, {"role": "user", "content": " Hello "},
        {"role": "assistant", "content": "Hm."}, {"role": "user", "content": [{"type": "text", "text": "The sea"}]}]
      """
    let causal = Fixtures.path("program/causal")
    let run = { (messages: String) in
      await CommandWorld(engine: LocalEngine(catalog: .paths), files: ["m": Array(messages.utf8)])
        .run("chat", "-m", causal, "--messages", "m", "-n", "2", "--seed", "1", "--json")
    }
    let outcome = await run(messages)
    #expect(outcome.exitCode == 0 && outcome.errors.contains("has no chat template"), "\(outcome.errors)")
    let prompt = try #require(try lines(outcome)[0]["prompt"])
    let text = "Be calm.\n\nUser: Hello\nAssistant: Hm.\nUser: The sea\nAssistant:"
    #expect(prompt["text"]?.string == text)
    let plain = await FixtureModel.run("tokenize", "-m", causal, text, "--json")
    #expect(try ids(prompt["tokens"]) == ints(JSONValue(parsing: Array(plain.output.utf8))["ids"]))
    let continued = await run(#"[{"role":"user","content":"Hi"},{"role":"assistant","content":"The"}]"#)
    #expect(try lines(continued)[0]["prompt"]?["text"]?.string == "User: Hi\nAssistant: The")
    let nameless = await run("[{\"role\": \"user\"}]")
    #expect(try lines(nameless)[0]["prompt"]?["text"]?.string == "User: \nAssistant:")
  }

  @Test func theOldestTurnsAreLeftOutOnlyIfTheUserWantsIt() async throws {
    let entry = try #require(Self.cases.first)
    let words = String(repeating: "the sea ", count: 60)
    let input = String(repeating: words + "\n", count: 6)
    let full = await run(["--system", "Be calm."], entry, input: input)
    #expect(full.exitCode == 1)
    #expect(full.errors.contains("error: the context is full, the dialogue: expected at most 639 of the 640 tokens"))
    #expect(ErrorForm.fault(in: full.errors, exitCode: 1) == nil, "\(full.errors)")
    let dropping = await run(["--system", "Be calm.", "--drop-oldest", "--json"], entry, input: input)
    #expect(dropping.exitCode == 0, "\(dropping.errors)")
    let prompts = try lines(dropping).compactMap { $0["prompt"]?["text"]?.string }
    #expect(prompts.count == 6 && prompts.allSatisfy { $0.hasPrefix("<|im_start|>system\nBe calm.") })
    #expect(prompts.map { $0.components(separatedBy: "<|im_start|>user").count - 1 }.max() ?? 9 < 6)
    #expect(prompts.last?.hasSuffix("the sea <|im_end|>\n<|im_start|>assistant\n") == true)
  }

  @Test func aTemplateThatRefusesIsQuoted() async throws {
    let entry = try #require(Self.cases.first { $0.testDescription == "turns" })
    let twice = #"[{"role":"user","content":"a"},{"role":"user","content":"b"}]"#
    let outcome = await run(["--messages", "m"], entry, files: ["m": twice])
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("m: expected one that the given chat template takes"), "\(outcome.errors)")
    #expect(outcome.errors.contains("'roles must alternate'"), "\(outcome.errors)")
  }

  @Test func conversationsOfAFileAreAnsweredLineByLine() async throws {
    let entry = try #require(Self.cases.first)
    try await FixtureModel.withChatTemplate(entry.template) { folder in
      let conversations = (0..<10).map { #"[{"role":"user","content":"\#(String(repeating: "the ", count: $0))sea"}]"# }
      let file = conversations.joined(separator: "\n\n") + "\n"
      let world = CommandWorld(engine: LocalEngine(catalog: .paths), files: ["in.jsonl": Array(file.utf8)])
      let outcome = await world.run(
        "generate", "-m", folder, "--chat", "in.jsonl", "--temperature", "0.8", "--seed", "5", "-q")
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let answers = try lines(outcome)
      #expect(answers.map { $0["line"]?.int } == (0..<10).map { $0 * 2 + 1 })
      #expect(answers.allSatisfy { $0["message"]?["role"]?.string == "assistant" && $0["tokens"]?.int ?? 0 > 0 })
      // The answer does not depend on the others beside it.
      let first = CommandWorld(
        engine: LocalEngine(catalog: .paths), files: ["one": Array(conversations[0].utf8)])
      let alone = await first.run(
        "generate", "-m", folder, "--chat", "one", "--temperature", "0.8", "--seed", "5", "-q")
      #expect(alone.output == outcome.output.prefix { $0 != "\n" } + "\n")
    }
  }
}
