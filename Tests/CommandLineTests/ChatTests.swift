import EngineAPI
import Engines
import Foundation
import JSONText
import TestSupport
import Testing

/// `tokenize --chat`.
struct ChatTests {
  private static let template = """
    {%- for message in messages -%}
    <|{{ message.role }}|>{{ message.content }}{{ eos_token }}
    {%- endfor -%}
    {%- if add_generation_prompt %}<|assistant|>{% endif %}
    """
  private static let messages = #"[{"role": "user", "content": "Hi"}]"#

  /// Runs `tokenize --chat` on the causal model with further files in its folder.
  private func run(
    _ arguments: [String] = [], chat: String = messages, files: [String: String] = ["chat_template.jinja": template],
    others: [String: String] = [:], environment: [String: String] = [:]
  ) async throws -> CommandWorld.Outcome {
    try await FixtureModel.with("causal") { folder in
      for (name, text) in files {
        let place = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
      }
      // Neither the configuration nor the weights are needed.
      for name in ["config.json", "model.safetensors"] {
        try FileManager.default.removeItem(atPath: folder + "/" + name)
      }
      let world = CommandWorld(
        engine: LocalEngine(catalog: .paths),
        files: ["chat.json": Array(chat.utf8)].merging(others.mapValues { Array($0.utf8) }) { $1 },
        environment: environment)
      return await world.run(["tokenize", "-m", folder, "--chat", "chat.json"] + arguments)
    }
  }

  private func text(_ outcome: CommandWorld.Outcome) throws -> String? {
    try JSONValue(parsing: Array(outcome.output.utf8))["text"]?.string
  }

  @Test func jsonHasTheTextWithItsIDs() async throws {
    let outcome = try await run(["--json"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    let object = try JSONValue(parsing: Array(outcome.output.utf8))
    let written = "<|user|>Hi<|endoftext|><|assistant|>"
    #expect(object["schema"]?.int == 1 && object["text"]?.string == written)
    let plain = await FixtureModel.run(
      "tokenize", "-m", Fixtures.path("program/causal"), written, "--no-special", "--json")
    #expect(try object["ids"] == JSONValue(parsing: Array(plain.output.utf8))["ids"])
    #expect(object["tokens"]?.array?.count { $0["special"]?.bool == true } == 1)
  }

  @Test func textStandsAboveTheTable() async throws {
    let outcome = try await run()
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("<|user|>Hi<|endoftext|><|assistant|>\n\n #   id  token "), "\(outcome.output)")
  }

  @Test func optionsAndTheFileSayHowTheTextEnds() async throws {
    #expect(try text(await run(["--json", "--no-generation-prompt"])) == "<|user|>Hi<|endoftext|>")
    let object = #"{"messages": \#(Self.messages), "add_generation_prompt": false, "eos_token": "."}"#
    #expect(try text(await run(["--json"], chat: object)) == "<|user|>Hi.")
    let continued = #"{"messages": \#(Self.messages), "continue_final_message": true}"#
    #expect(try text(await run(["--json"], chat: continued)) == "<|user|>Hi")
  }

  @Test func theTemplateComesFromItsFileThenFromTheConfiguration() async throws {
    let inConfiguration = #"{"chat_template": "{{ bos_token }}one", "bos_token": {"content": "<|endoftext|>"}}"#
    #expect(try text(await run(["--json"], files: ["tokenizer_config.json": inConfiguration])) == "<|endoftext|>one")
    #expect(
      try text(
        await run(["--json"], files: ["tokenizer_config.json": inConfiguration, "chat_template.jinja": "two\n\n"]))
        == "two\n")
    #expect(
      try text(await run(["--json", "--template", "own"], others: ["own": "three {{ messages | length }}"]))
        == "three 1")
  }

  @Test func namedTemplatesAreChosenByToolsOrByName() async throws {
    let named = #"""
      {"chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "tools"},
        {"name": "rag", "template": "rag"}]}
      """#
    let files = ["tokenizer_config.json": named]
    let tools = #"{"messages": \#(Self.messages), "tools": []}"#
    #expect(try text(await run(["--json"], files: files)) == "plain")
    #expect(try text(await run(["--json"], chat: tools, files: files)) == "tools")
    #expect(try text(await run(["--json", "--template-name", "rag"], chat: tools, files: files)) == "rag")
    let folder = ["chat_template.jinja": "plain", "additional_chat_templates/rag.jinja": "beside"]
    #expect(try text(await run(["--json", "--template-name", "rag"], files: folder)) == "beside")
    let unknown = try await run(["--template-name", "x"], files: files)
    #expect(unknown.exitCode == 2)
    #expect(
      unknown.errors.contains("expected 'default' or 'tool_use' or 'rag', found 'x'\nhint: ")
        && unknown.errors.contains("--template-name"), "\(unknown.errors)")
  }

  @Test func aGGUFFileHasItsTemplateInItsMetadata() async throws {
    let template = "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("tiny.gguf").path
    try Data(TinyGGUF.changing([("tokenizer.chat_template", .string(template))]).bytes)
      .write(to: URL(fileURLWithPath: path))
    let world = CommandWorld(
      engine: LocalEngine(catalog: .paths), files: ["chat.json": Array(#"[{"role": "user", "content": "ab"}]"#.utf8)])
    let outcome = await world.run("tokenize", "-m", path, "--chat", "chat.json", "--json")
    let object = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(object["text"]?.string?.hasSuffix("ab</s>") == true, "\(outcome)")
    #expect(object["ids"]?.array?.first?.int == 1 && object["ids"]?.array?.last?.int == 2)
  }

  @Test func theDateIsTheClocksOrAFixedOne() async throws {
    let files = ["chat_template.jinja": "{{ strftime_now('%Y-%m-%d') }}"]
    #expect(try text(await run(["--json"], files: files)) == "1970-01-02")
    #expect(
      try text(await run(["--json"], files: files, environment: ["SOURCE_DATE_EPOCH": "1752148800"])) == "2025-07-10")
  }

  @Test(arguments: [
    ("[", "chat.json"), ("3", "expected a list of messages, or an object with one under 'messages', found a number"),
    ("{}", "expected a list under 'messages', found none"), ("[]", "expected one message or more, found none"),
    ("[3]", "expected an object, found a number"),
    (#"{"messages": [{"role": "user"}], "add_generation_prompt": 1}"#, "expected true or false for"),
    (#"{"messages": [{"role": "user"}], "continue_final_message": "reply"}"#, "'reply'"),
  ])
  func whatIsNoConversationIsRefused(chat: String, words: String) async throws {
    let outcome = try await run(chat: chat)
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: 1) == nil, "\(outcome.errors)")
  }

  @Test func aModelWithoutATemplateSaysHowToGiveOne() async throws {
    let outcome = try await run(files: [:])
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("error: no chat template, model '"), "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("or give a template (--template)\n"), "\(outcome.errors)")
  }

  @Test func aTemplateThatRefusesIsQuoted() async throws {
    let outcome = try await run(files: ["chat_template.jinja": "{{ raise_exception('roles must alternate') }}"])
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("found its message 'roles must alternate'"), "\(outcome.errors)")
    let endless = try await run(
      files: [
        "chat_template.jinja": "{% for i in range(99999999) %}{% for j in range(99999999) %}{% endfor %}{% endfor %}"
      ])
    #expect(endless.exitCode == 1 && endless.output.isEmpty, "\(endless.errors)")
  }

  @Test(arguments: [
    ["tokenize", "x", "--no-generation-prompt"], ["tokenize", "x", "--template", "t"],
    ["tokenize", "x", "--template-name", "t"], ["tokenize", "x", "--chat", "c"],
    ["tokenize", "-f", "x", "--chat", "c"],
    ["tokenize", "--chat", "c", "--template", "t", "--template-name", "n"],
  ])
  func optionsThatDoNotGoTogetherAreWrongUsage(arguments: [String]) async {
    let outcome = await CommandWorld().run(arguments)
    #expect(outcome.exitCode == 2 && outcome.output.isEmpty, "\(outcome)")
  }

  /// The templates beside the repository, each in a model's folder with the special tokens of its expectations.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: shared + "index.json")))
  func publishedTemplatesGiveTransformersText() async throws {
    let conversations = try JSONValue(contentsOfFile: Self.shared + "conversations.json")
    let chat = try #require(conversations["system-turns"]).serialized()
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.shared + "expected").sorted()
    #expect(names.count >= 99)
    try await FixtureModel.with("causal") { folder in
      for name in names {
        let expected = try JSONValue(contentsOfFile: Self.shared + "expected/" + name)
        guard let wanted = expected["conversations"]?["system-turns"]?["expected"]?.bytes else { continue }
        var configuration = expected["special_tokens"]?.object ?? JSONObject()
        configuration["tokenizer_class"] = "TokenizersBackend"
        let template = try FileBytes.read(Self.shared + "templates/\(name.dropLast(5)).jinja")
        try Data(template).write(to: URL(fileURLWithPath: folder + "/chat_template.jinja"))
        try Data(JSONValue.object(configuration).serialized().utf8).write(
          to: URL(fileURLWithPath: folder + "/tokenizer_config.json"))
        let found = try await LocalEngine(catalog: .paths).chatText(
          ChatTextRequest(model: ModelReference(folder), conversation: chat, localSeconds: 1_752_148_800))
        #expect(Array(found.utf8) == wanted, "\(name)")
      }
    }
  }

  private static let shared =
    URL(fileURLWithPath: Fixtures.folder + "/../../../shared/chat-templates").standardizedFileURL.path + "/"
}
