/// The parts of an error's sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
struct Facts {
  var what: String
  var place: String
  var expected: String
  var found: String

  init(_ what: String, at place: String, expected: String, found: String) {
    self.what = what
    self.place = place
    self.expected = expected
    self.found = found
  }

  var sentence: String { "\(what), \(place): expected \(expected), found \(found)" }
}
