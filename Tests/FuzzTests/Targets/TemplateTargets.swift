import JSONText
import Templates
import TestSupport

extension FuzzTarget {
  static let templateTargets = [template, chatTemplate]

  /// Small limits, so that an input takes at most a few milliseconds.
  private static let limits = TemplateLimits(steps: 20_000, outputBytes: 1 << 20, valueBytes: 4 << 20, depth: 200)
  private static let time = TemplateTime(year: 2025, month: 7, day: 10, hour: 12)

  private static let templateWords = [
    "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", "{% raw %}", "{% endraw %}", "{% if x %}", "{% elif 1 %}",
    "{% else %}", "{% endif %}",
    "{% for a, b in x if a recursive %}", "{% endfor %}", "{% macro m(a, b=1) %}", "{% endmacro %}",
    "{% call(a) m() %}",
    "{% endcall %}", "{% set ns.x = ns %}", "{% set a %}", "{% endset %}", "{% filter upper %}", "{% endfilter %}",
    "{% break %}",
    "{% continue %}", "{% generation %}", "{% endgeneration %}", "{% with a = 1 %}", "{% endwith %}", "{{ loop(x) }}",
    "|tojson", "|map('upper')", "|list",
    "|sort", "|join(',')", "|groupby('a')", "|batch(2)", "|slice(3)", "|pprint", "|wordwrap(3)", "|urlize",
    "|format(1)", "|indent(9, true)", "|round(400)", " is ", " in ", " not ",
    " if ", " else ", "[::-1]", "[-9223372036854775808:]", "* 999999999", "** 99999", "% (1,)", "//", "'%*.*f'",
    "'{:{}}'.format", "99999999999999999999",
    "1e308", "range(10**5)", "namespace()", "dict(a=1)", "\\ud800", "\u{130}", "\u{3A3}", ".split('')",
    ".replace('', 'x')", ".center(99)",
  ]

  /// A context and a template: rendering twice must give the same text, and errors must have a position.
  static let template = FuzzTarget(
    name: "template",
    seeds: {
      let data = try JSONValue(contentsOfFile: Fixtures.path("templates/cases.json"))
      let context = data["context"]?.serialized() ?? "{}"
      return (data["cases"]?.array ?? []).prefix(90).compactMap { $0["template"]?.bytes }
        .map { joined([Array(context.utf8), $0]) }
    },
    words: templateWords, partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      let context = (try? JSONValue(parsing: input[0]))?.object ?? JSONObject()
      guard let template = try? Template(text(input[1]), limits: limits) else { return }
      func outcome() -> Result<RenderedTemplate, TemplateError> {
        do throws(TemplateError) {
          return .success(try template.render(context, at: time, limits: limits))
        } catch {
          law(error.place != nil || error.kind == .limit, "an error without a place: \(error)")
          return .failure(error)
        }
      }
      let first = outcome()
      law(first == outcome(), "a template gives two texts")
      guard case .success(let rendered) = first else { return }
      let count = rendered.text.unicodeScalars.count
      for range in rendered.generated { law(range.upperBound <= count, "a generated range beyond the text") }
    })

  /// A request, `tokenizer_config.json` and `chat_template.jinja`: a continued text must end with the message's text.
  static let chatTemplate = FuzzTarget(
    name: "chat-template",
    seeds: {
      let request =
        #"{"messages": [{"role": "user", "content": "Hi"}, {"role": "a", "content": [{"text": "b "}], "thinking": null}], "tools": [{}], "field": "content"}"#
      let configuration =
        #"{"chat_template": [{"name": "default", "template": "{{ bos_token }}"}], "bos_token": {"content": "<s>"}}"#
      let file =
        "{% for m in messages %}{{ m.role }}{% for p in m.content %}{{ p.text or p }}{% endfor %}{{ m.reasoning_content }}{% endfor %}"
      return [
        joined([request, configuration, file].map { Array($0.utf8) }),
        joined([request, configuration, ""].map { Array($0.utf8) }),
      ]
    },
    words: templateWords + jsonWords + [#""content": "#, #""reasoning": "x""#, #""tool_use""#], partCount: 3,
    run: { bytes in
      let input = parts(bytes, 3)
      guard let request = try? JSONValue(parsing: input[0]) else { return }
      let configuration = try? JSONValue(parsing: input[1])
      let file = input[2].isEmpty ? nil : text(input[2])
      guard let template = try? ChatTemplate(file: file, configuration: configuration) else { return }
      let field = request["field"]?.string
      let rendered = try? template.render(
        ChatRequest(
          messages: request["messages"]?.array ?? [], tools: request["tools"], documents: request["documents"],
          addsGenerationPrompt: field == nil, continuedField: field,
          variables: request["variables"]?.object ?? JSONObject()),
        at: time, limits: limits)
      if let rendered, field != nil { law(!rendered.text.hasSuffix("CONTINUE_FINAL_MESSAGE_TAG "), "the mark is left") }
    })
}
