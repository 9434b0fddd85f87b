import JSONText
import Testing

@testable import Templates

@Suite("Chat templates")
struct ChatTemplateTests {
  private static let plain =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<bot>{% endif %}"
  private static let hello: [JSONValue] = [["role": "user", "content": "Hi"]]

  private func text(_ template: ChatTemplate, _ request: ChatRequest) throws(TemplateError) -> String {
    try template.render(request, at: SharedData.time).text
  }

  @Test("templates can use messages, special tokens and the generation prompt flag")
  func plain() throws {
    let template = try ChatTemplate(Self.plain, specialTokens: ["eos_token": "</s>"])
    #expect(try text(template, ChatRequest(messages: Self.hello)) == "<user>Hi</s><bot>")
    #expect(try text(template, ChatRequest(messages: Self.hello, addsGenerationPrompt: false)) == "<user>Hi</s>")
    let other = ChatRequest(messages: Self.hello, variables: ["eos_token": "|"])
    #expect(try text(template, other) == "<user>Hi|<bot>")
  }

  @Test("null members are undefined; tools and documents are none if not given")
  func absent() throws {
    let template = try ChatTemplate("{{ messages[0].content is defined }} {{ tools }} {{ documents is none }}")
    let request = ChatRequest(messages: [["role": "assistant", "content": nil]])
    #expect(try text(template, request) == "False None True")
  }

  @Test("reasoning is available under each of its names")
  func reasoning() throws {
    let template = try ChatTemplate("{{ messages[0]|tojson }}")
    let request = ChatRequest(messages: [["role": "assistant", "reasoning": "so"]])
    #expect(
      try text(template, request)
        == #"{"thinking": "so", "role": "assistant", "reasoning": "so", "reasoning_content": "so"}"#)
  }

  @Test("a continued text ends with the last message's text")
  func continuation() throws {
    let messages = Self.hello + [["role": "assistant", "content": "Once "]]
    let request = ChatRequest(messages: messages, addsGenerationPrompt: false, continuedField: "content")
    let template = try ChatTemplate(Self.plain, specialTokens: ["eos_token": "</s>"])
    #expect(try text(template, request) == "<user>Hi</s><assistant>Once ")
    let trimming = try ChatTemplate("{% for m in messages %}{{ m.content | trim }}.{% endfor %}")
    #expect(try text(trimming, request) == "Hi.Once")
    let parts = try ChatTemplate("{% for m in messages %}{% for p in m.content %}{{ p.text }}.{% endfor %}{% endfor %}")
    let list: [JSONValue] = [["role": "assistant", "content": [["text": "a"], ["text": "b"], ["image": "c"]]]]
    #expect(
      try text(parts, ChatRequest(messages: list, addsGenerationPrompt: false, continuedField: "content")) == "a.b")
  }

  @Test("inconsistent requests are rejected")
  func refused() throws {
    let template = try ChatTemplate(Self.plain)
    let cut = try ChatTemplate("{{ messages[-1].content[:2] }}")
    let unread = try ChatTemplate("nothing")
    func kind(_ template: ChatTemplate, _ request: ChatRequest) -> TemplateError.Kind? {
      do throws(TemplateError) {
        _ = try template.render(request, at: SharedData.time)
        return nil
      } catch {
        return error.kind
      }
    }
    let continued = ChatRequest(messages: Self.hello, addsGenerationPrompt: false, continuedField: "content")
    #expect(kind(template, ChatRequest(messages: [])) == .request)
    #expect(kind(template, ChatRequest(messages: ["Hi"])) == .request)
    #expect(kind(template, ChatRequest(messages: Self.hello, continuedField: "content")) == .request)
    #expect(kind(template, ChatRequest(messages: Self.hello, templateName: "rag")) == .request)
    #expect(kind(cut, continued) == .request)
    #expect(kind(unread, continued) == .request)
    #expect(kind(template, continued) == nil)
  }

  @Test("generation blocks are reported as ranges of code points")
  func generated() throws {
    let template = try ChatTemplate(
      "{% for m in messages %}é{{ m.role }}:{% if m.role == 'a' %}{% generation %}{{ m.content }}!{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}"
    )
    let messages: [JSONValue] = [
      ["role": "u", "content": "👍"], ["role": "a", "content": "né"], ["role": "a", "content": ""],
    ]
    let rendered = try template.render(ChatRequest(messages: messages), at: SharedData.time)
    #expect(rendered.text == "éu:👍éa:né!éa:!")
    #expect(rendered.generated == [7..<10, 13..<14])
  }

  @Test("requests with tools use the template tool_use, others use default")
  func named() throws {
    let configuration: JSONValue = [
      "chat_template": [
        ["name": "default", "template": "d{{ bos_token }}"], ["name": "tool_use", "template": "t{{ eos_token }}"],
        ["name": "bad", "template": "{% if %}"],
      ],
      "bos_token": "<s>", "eos_token": ["content": "</s>", "lstrip": false],
    ]
    let template = try #require(try ChatTemplate(file: nil, configuration: configuration))
    #expect(template.names == ["default", "tool_use", "bad"])
    #expect(try text(template, ChatRequest(messages: Self.hello)) == "d<s>")
    #expect(try text(template, ChatRequest(messages: Self.hello, tools: [])) == "t</s>")
    #expect(try text(template, ChatRequest(messages: Self.hello, tools: [], templateName: "default")) == "d<s>")
    #expect(throws: TemplateError.self) { try text(template, ChatRequest(messages: Self.hello, templateName: "bad")) }
  }

  @Test("a template file takes precedence over the configuration; further files are named templates")
  func files() throws {
    let configuration: JSONValue = ["chat_template": "c", "bos_token": "<s>"]
    let single = try #require(try ChatTemplate(file: "f{{ bos_token }}", configuration: configuration))
    #expect(try text(single, ChatRequest(messages: Self.hello)) == "f<s>")
    let several = try #require(try ChatTemplate(file: "f", named: [("rag", "r")], configuration: configuration))
    #expect(try text(several, ChatRequest(messages: Self.hello, templateName: "rag")) == "r")
    #expect(try ChatTemplate(file: nil, configuration: ["bos_token": "<s>"]) == nil)
    #expect(throws: TemplateError.self) { try ChatTemplate(file: nil, configuration: ["chat_template": 3]) }
    #expect(throws: TemplateError.self) { try ChatTemplate(file: nil, configuration: ["chat_template": "{{"]) }
  }
}

@Suite("Times in templates")
struct TemplateTimeTests {
  @Test("strftime fields are formatted as in the locale C")
  func fields() {
    let time = TemplateTime(year: 2024, month: 2, day: 29, hour: 0, minute: 5, second: 9)
    let format: Text =
      "%Y|%y|%C|%m|%d|%e|%H|%I|%l|%k|%M|%S|%j|%B|%b|%A|%a|%p|%w|%u|%U|%W|%V|%G|%D|%F|%T|%R|%r|%c|%f|%z|%%|%-d|%Q"
    #expect(
      time.formatted(format).string
        == "2024|24|20|02|29|29|00|12|12| 0|05|09|060|February|Feb|Thursday|Thu|AM|4|4|08|09|09|2024|02/29/24|2024-02-29|00:05:09|00:05|12:05:09 AM|Thu Feb 29 00:05:09 2024|000000||%|29|%Q"
    )
  }

  @Test("seconds before and after 1970 convert to the right date")
  func seconds() {
    #expect(TemplateTime(secondsSince1970: 0) == TemplateTime(year: 1970, month: 1, day: 1))
    #expect(
      TemplateTime(secondsSince1970: -1)
        == TemplateTime(year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59))
    #expect(
      TemplateTime(secondsSince1970: 1_709_165_109)
        == TemplateTime(year: 2024, month: 2, day: 29, hour: 0, minute: 5, second: 9))
  }
}
