import Foundation
import JSONText
import TestSupport
import Testing

@testable import Templates

/// Optional test data beside the repository: Jinja cases, and published chat templates with their output.
enum SharedData {
  static let folder = URL(fileURLWithPath: Fixtures.folder + "/../../../shared").standardizedFileURL.path

  static let hasJinja = FileManager.default.fileExists(atPath: folder + "/jinja/own.json")
  static let hasChats = FileManager.default.fileExists(atPath: folder + "/chat-templates/index.json")
  static let notice: Comment = "the test data beside the repository is missing"

  static func json(_ name: String) throws -> JSONValue { try JSONValue(contentsOfFile: folder + "/" + name) }

  static func text(_ name: String) throws -> String {
    String(decoding: try FileBytes.read(folder + "/" + name), as: UTF8.self)
  }

  /// The time used for all expected outputs.
  static let time = TemplateTime(year: 2025, month: 7, day: 10, hour: 12)
}

@Suite("Templates of the optional data render as in Jinja", .enabled(if: SharedData.hasJinja, SharedData.notice))
struct SharedJinjaTests {
  @Test(
    "each case gives Jinja's output, or an error of the same kind",
    arguments: ["huggingface-js", "llama-cpp", "minja", "own"])
  func file(name: String) throws {
    let data = try SharedData.json("jinja/\(name).json")
    let cases = try #require(data["cases"]?.array)
    #expect(cases.count > 100)
    for found in cases {
      let context = found["context"].flatMap { (context) in context.string.flatMap { data["contexts"]?[$0] } ?? context
      }
      let options = TemplateOptions(
        trimsBlocks: found["options"]?["trim_blocks"]?.bool ?? true,
        stripsLines: found["options"]?["lstrip_blocks"]?.bool ?? true)
      let label = found["name"]?.string ?? ""
      let outcome = Outcome(try #require(found["template"]?.string), context?.object ?? JSONObject(), options)
      if let expected = found["expected"]?.string {
        #expect(outcome == .text(expected), "\(label)")
        continue
      }
      let kind = try #require(found["error"]?["kind"]?.string)
      guard case .error(let error) = outcome else {
        Issue.record("\(label) gives a text instead of an error")
        continue
      }
      #expect((error.kind == .syntax) == (kind == "syntax"), "\(label): \(error)")
      if found["error"]?["type"]?.string == "TemplateError" {
        #expect(error.what == found["error"]?["message"]?.string, "\(label)")
      }
    }
  }
}

/// The output or error of a template.
enum Outcome: Equatable {
  case text(String)
  case error(TemplateError)

  init(
    _ template: String, _ context: JSONObject = JSONObject(), _ options: TemplateOptions = TemplateOptions(),
    limits: TemplateLimits = TemplateLimits()
  ) {
    do throws(TemplateError) {
      self = .text(
        try Template(template, options: options).render(context, at: SharedData.time, limits: limits).text)
    } catch {
      self = .error(error)
    }
  }

  var error: TemplateError? {
    if case .error(let error) = self { return error }
    return nil
  }
}

@Suite("Published chat templates render as in transformers", .enabled(if: SharedData.hasChats, SharedData.notice))
struct SharedChatTests {
  @Test("each template gives transformers' output for each conversation, or its error")
  func templates() throws {
    let conversations = try #require(try SharedData.json("chat-templates/conversations.json").object)
    let files = try FileManager.default.contentsOfDirectory(atPath: SharedData.folder + "/chat-templates/expected")
      .sorted()
    #expect(files.count >= 99)
    for file in files {
      let expected = try SharedData.json("chat-templates/expected/\(file)")
      let name = file.dropLast(5)
      let template = try ChatTemplate(
        try SharedData.text("chat-templates/templates/\(name).jinja"),
        specialTokens: expected["special_tokens"]?.object ?? JSONObject())
      for (key, conversation) in conversations.members {
        let wanted = try #require(expected["conversations"]?[key.description])
        check(template, conversation, wanted, "\(name), \(key)")
      }
    }
  }

  private func check(_ template: ChatTemplate, _ conversation: JSONValue, _ wanted: JSONValue, _ label: String) {
    let request = ChatRequest(
      messages: conversation["messages"]?.array ?? [], tools: conversation["tools"],
      addsGenerationPrompt: conversation["add_generation_prompt"]?.bool ?? false,
      continuedField: conversation["continue_final_message"]?.bool == true ? "content" : nil,
      variables: conversation["kwargs"]?.object ?? JSONObject())
    do throws(TemplateError) {
      let text = try template.render(request, at: SharedData.time).text
      #expect(text.utf8.elementsEqual(wanted["expected"]?.bytes ?? Array("an error".utf8)), "\(label)")
    } catch {
      let kinds: [String: TemplateError.Kind] = ["raised": .raised, "refused": .request, "runtime": .runtime]
      #expect(wanted["error"]?["kind"]?.string.flatMap { kinds[$0] } == error.kind, "\(label): \(error)")
      if error.kind == .raised { #expect(error.what == wanted["error"]?["message"]?.string, "\(label)") }
    }
  }
}
