import Foundation
import JSONText
import TestSupport
import Testing

@testable import Templates

/// Cases from `Tests/Fixtures/make_template_fixtures.py`, generated with Jinja2 in the environment of transformers.
@Suite("Templates render as the reference")
struct ReferenceCaseTests {
  @Test("handwritten and random templates give Jinja's output, or an error of the same kind")
  func fixture() throws { try check(Fixtures.path("templates/cases.json")) }

  private static let requested = ProcessInfo.processInfo.environment["TRIPTYCH_TEMPLATE_CASES"]

  @Test(
    "templates from the file in TRIPTYCH_TEMPLATE_CASES give Jinja's output, or an error of the same kind",
    .enabled(if: requested != nil, "TRIPTYCH_TEMPLATE_CASES is not set"))
  func onRequest() throws { try check(Self.requested ?? "") }

  private func check(_ path: String) throws {
    let data = try JSONValue(contentsOfFile: path)
    let context = try #require(data["context"]?.object)
    let cases = try #require(data["cases"]?.array)
    #expect(cases.count > 200)
    for found in cases {
      let template = try #require(found["template"]?.string)
      switch Outcome(template, context) {
      case .text(let text): #expect(text.utf8.elementsEqual(found["text"]?.bytes ?? []), "\(template)")
      case .error(let error):
        #expect(found["error"]?.string == error.kind.rawValue, "\(template): \(error)")
        if error.kind == .raised { #expect(error.what == found["message"]?.string, "\(template)") }
      }
    }
  }
}
