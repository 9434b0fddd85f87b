import JSONText
import Testing

@testable import Templates

@Suite("Errors name the problem, the position, what was expected and what was found")
struct ErrorTests {
  private func error(_ template: String) throws -> TemplateError { try #require(Outcome(template).error) }

  @Test("syntax errors have a line and column")
  func syntax() throws {
    let found = try error("a\n  {{ é | }}")
    #expect(found.kind == .syntax)
    #expect(found.place == TemplatePlace(offset: 12, in: Array("a\n  {{ é | }}".utf8)))
    #expect("\(found)" == "unexpected text, template line 2 column 10: expected a name, found '}}'")
  }

  @Test("run-time errors have the position of the operation")
  func runtime() throws {
    let found = try error("x{# c #}\n{% if true %}\n{{ 1 + 'a' }}{% endif %}")
    #expect(found.kind == .runtime)
    #expect(found.place.map { [$0.line, $0.column] } == [3, 6])
    #expect(found.found == "int and str")
    #expect(found.hint == "use '~' to join different values")
    #expect(try error("{{ a.b.c }}").description.contains("'a' is undefined"))
    #expect(try error("{{ [].append(1) }}").hint?.contains("namespace") == true)
  }

  @Test("raise_exception throws the template's message")
  func raised() throws {
    let found = try error("{{ raise_exception('Roles must alternate') }}")
    #expect(found.kind == .raised)
    #expect(found.what == "Roles must alternate")
    #expect(found.place.map { [$0.line, $0.column] } == [1, 19])
  }

  @Test("errors for unclosed blocks name the block and its position")
  func unclosed() throws {
    let found = try error("{% if a %}\n{% for b in c %}\n{% endif %}")
    #expect(found.what == "an unknown tag")
    let other = try error("{% for b in c %}x")
    #expect(other.what == "'for' is not closed")
    #expect(other.expected == "'{% endfor %}' or '{% else %}'")
    #expect(other.place.map { [$0.line, $0.column] } == [1, 4])
  }
}
