import Foundation
import JSONText
import Testing

@testable import Templates

@Suite("Malicious templates end with an error")
struct TemplateLimitTests {
  /// Templates that exceed a limit.
  static let greedy = [
    "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(x) %}{% for i in [1] %}{% if x %}{{ [m(x)]|join }}{% endif %}{% endfor %}{% endmacro %}{{ m(1) }}",
    "{% macro r() %}{{ caller() }}{% call r() %}x{% endcall %}{% endmacro %}{% call r() %}{% endcall %}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{% for a in range(100000) %}{% for b in range(1000) %}{{ 'x' * 1000 }}{% endfor %}{% endfor %}",
    "{{ 'a' * 10**9 }}", "{{ 'a' * 10**30 }}", "{{ [1] * 10**9 }}", "{{ range(10**9) }}", "{{ 9**(9**9) }}",
    "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = ns.x|map('string') %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|pprint }}",
    "{% set ns = namespace(x=(1,)) %}{% for i in range(99) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
    "{{ '%1000000000d' % 1 }}", "{{ '{:>1000000000}'.format(1) }}", "{{ '%.1000000000f' % 1 }}",
    "{{ 'a'|center(10**10) }}", "{{ 'a\\nb'|indent(10**10) }}", "{{ [1]|tojson(indent=10**10) }}",
    "{{ ('a' * 1000000)|replace('a', 'b' * 100000) }}", "{{ range(100000)|join('x' * 100000) }}",
    "{{ [1]|batch(10**10, 0)|list }}", "{{ [1]|slice(10**10)|list }}",
    "{% macro m() %}{% endmacro %}{{ m(*(range(100000)|list * 1000)) }}",
    "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% set c = 'aaab' in a %}{% endfor %}",
    "{% set a = ' ' * 1000000 %}{% for i in range(100000) %}{% set c = a|trim %}{% endfor %}",
    "{% for i in range(100000) %}{% set c = range(100000)|max %}{% endfor %}",
  ]

  @Test("loops, recursion, output and memory are limited", arguments: greedy)
  func limit(template: String) {
    #expect(Outcome(template).error?.kind == .limit, "\(template)")
  }

  @Test("deeply nested syntax is rejected", arguments: [1000, 100_000])
  func nesting(count: Int) {
    let repeated = { (part: String) in String(repeating: part, count: count) }
    let texts = [
      "{{ \(repeated("("))1\(repeated(")")) }}", "{{ \(repeated("["))\(repeated("]")) }}", "{{ \(repeated("{1:"))",
      repeated("{% if 1 %}"), "{{ \(repeated("not "))1 }}", "{{ \(repeated("-"))1 }}",
      "{{ 1\(repeated(" if 1 else 2")) }}", "{{ x\(repeated("[x"))\(repeated("]")) }}", repeated("{% for a in b %}"),
    ]
    for text in texts { #expect(Outcome(text).error?.kind == .limit, "\(text.prefix(30))") }
  }

  @Test("long chains do not count as nesting")
  func chains() {
    let repeated = { (part: String) in String(repeating: part, count: 20_000) }
    #expect(Outcome("{{ 0\(repeated("+1")) }}") == .text("20000"))
    #expect(Outcome("{{ 1\(repeated(" < 2"))  }}") == .text("False"))
    #expect(Outcome("{{ x\(repeated("|string")) }}") == .text(""))
    #expect(Outcome("{{ \(repeated("x or "))1 }}") == .text("1"))
    #expect(Outcome("{% if x %}\(repeated("{% elif x %}"))a{% endif %}") == .text(""))
  }

  @Test("self-referential values can be printed and are released")
  func cycles() {
    #expect(
      Outcome("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}")
        == .text("<Namespace {'x': <Namespace {...}>}>"))
    // Long chains of objects, which a recursive release could not handle.
    let chains = [
      "{% set ns = namespace() %}{% for i in range(30000) %}{% set ns.x = namespace(y=ns.x) %}{% endfor %}",
      "{% set ns = namespace() %}{% for i in range(30000) %}{% for j in [1] %}{% if loop.changed(ns.l) %}{% endif %}"
        + "{% set ns.l = loop %}{% endfor %}{% endfor %}",
      "{% set ns = namespace() %}{% macro m(p) %}{% for j in [1, 2] if true %}{% set ns.l = loop %}{% endfor %}"
        + "{% endmacro %}{% for i in range(30000) %}{{ m(ns.l) }}{% endfor %}",
      "{% set ns = namespace() %}{% for i in range(30000) %}{% set g = ns.f %}{% macro f() %}{{ g }}{% endmacro %}"
        + "{% set ns.f = f %}{% endfor %}",
    ]
    for template in chains { #expect(Outcome(template) == .text(""), "\(template)") }
  }

  @Test("evaluation at the maximum depth fits a stack of 512 KiB")
  func stack() throws {
    let templates = [
      "{% macro m(x) %}{% for i in [1] %}{% if x %}{{ [m(x)]|join }}{% endif %}{% endfor %}{% endmacro %}{{ m(1) }}",
      "{% macro m(x) %}{{ [[x]]|map('first')|map('list')|map('join')|list|tojson ~ m([x]|list) }}{% endmacro %}{{ m('a') }}",
      "{% for x in [1] recursive %}{% filter upper %}{{ loop([1]) ~ (1 if x else 2) }}{% endfilter %}{% endfor %}",
      "{% macro c() %}{% call c() %}{% set a %}{{ {'a': [(caller() ~ 1,)]} }}{% endset %}{% endcall %}{% endmacro %}{{ c() }}",
    ]
    let results = StackResults()
    let thread = Thread { results.outcomes = templates.map { Outcome($0) } }
    thread.stackSize = 512 << 10
    thread.start()
    results.wait()
    #expect(results.outcomes.count == templates.count)
    for outcome in results.outcomes { #expect(outcome.error?.kind == .limit) }
  }

  /// Results of a thread with a small stack.
  private final class StackResults: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    var outcomes: [Outcome] = [] { didSet { done.signal() } }
    func wait() { done.wait() }
  }

  @Test("lower limits are enforced too")
  func lowerLimits() {
    let loop = "{% for i in range(100) %}{{ 'abcdefgh' }}{% endfor %}"
    #expect(Outcome(loop, limits: TemplateLimits(steps: 200)).error?.what == "rendering takes too long")
    #expect(Outcome(loop, limits: TemplateLimits(outputBytes: 799)).error?.what == "the output is too long")
    #expect(Outcome(loop, limits: TemplateLimits(outputBytes: 800)).error == nil)
    #expect(
      Outcome("{{ 'a' * 1000 }}", limits: TemplateLimits(valueBytes: 999)).error?.what
        == "the values take too much memory")
    #expect(Outcome("{{ [[[1]]] }}", limits: TemplateLimits(depth: 3)).error?.what == "evaluation nests too deep")
    #expect(throws: TemplateError.self) { try Template("abcd", limits: TemplateLimits(sourceBytes: 3)) }
  }
}
