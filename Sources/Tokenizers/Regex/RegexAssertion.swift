/// A place that must hold without taking characters.
enum RegexAssertion {
  case lineStart, lineEnd, textStart, textEnd, textEndBeforeNewline, wordBoundary, notWordBoundary
}
