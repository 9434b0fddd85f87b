import Testing

@testable import PlaygroundApp

/// Values of the Train tab: names and numbers of figures, new words of a text.
@Suite struct TrainValueTests {
  @Test(arguments: [
    ("train/loss", "loss", false), ("eval/loss", "loss", true), ("Loss/validation", "loss", true),
    ("val_accuracy", "accuracy", true), ("train_loss", "loss", false), ("loss", "loss", false),
    ("train/learning_rate", "learning_rate", false), ("lr-Adam/group0", "lr-adam/group0", false),
    ("test", "test", false), ("eval/squad/f1", "squad/f1", true), ("epoch", "epoch", false), ("", "", false),
  ])
  func tagsNameAFigureAndItsExamples(tag: String, base: String, isHeldOut: Bool) {
    #expect(FigureName(tag: tag) == FigureName(base, isHeldOut: isHeldOut))
  }

  @Test func numbersHaveAboutThreeDigits() {
    #expect(
      [0.4123, 2140, 1.25, 12.345, 250.06, 3.1e-4, 0, -0.5].map(FigureText.value) == [
        "0.412", "2,140", "1.250", "12.35", "250.1", "3.1e-4", "0.000", "-0.500",
      ])
    #expect([Double.nan, .infinity, -.infinity, 1e9].map(FigureText.value) == ["NaN", "inf", "-inf", "1e9"])
    #expect(
      [5e-5, 3.14e-4, 9.99e-6, 1, 123, -2e-7, 0].map(FigureText.scientific) == [
        "5e-5", "3.1e-4", "1e-5", "1e0", "1.2e2", "-2e-7", "0",
      ])
    #expect(FigureText.value(412_000_000, of: FigureName("memory")) == "412.0 MB")
    #expect(FigureText.value(3e-4, of: FigureName("learning_rate")) == "3e-4")
  }

  @Test func durationsAreRounded() {
    #expect(
      [0, 37.2, 119, 600, 7199, 12_000, 200_000].map(FigureText.duration) == [
        "0 s", "38 s", "119 s", "10 min", "120 min", "3 h 20 min", "2 d 7 h",
      ])
    #expect(FigureText.duration(.nan) == "-" && FigureText.duration(-1) == "-")
  }

  @Test(arguments: [
    ("a b c", "a b c", "..."), ("a x c", "a b c", ".x."), ("a b c d", "b d", "x.x."), ("a b", "", "xx"),
    ("", "a", ""), ("b a", "a b", ".x"), ("a a b", "a b", ".x."),
  ])
  func newWordsAreThoseOutsideALongestCommonSequence(now: String, before: String, marks: String) {
    let isNew = WordChanges.isNew(now.split(separator: " "), before: before.split(separator: " "))
    #expect(isNew == marks.map { $0 == "x" })
  }

  @Test func aLongTextIsComparedUpToALimit() {
    let words = Array(repeating: Substring("a"), count: 3 * WordChanges.most)
    let isNew = WordChanges.isNew(words, before: words)
    #expect(isNew.filter { !$0 }.count == WordChanges.most && isNew.count == words.count)
  }
}
