import JSONText
import TestSupport
import Testing

@testable import Corpora

/// Cleaning, duplicates, languages, splits and leaks.
@Suite struct CleaningTests {
  private func records(_ texts: [String]) -> [CorpusRecord] {
    texts.enumerated().map { CorpusRecord(line: $0 + 1, fields: [("text", .text($1))]) }
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func textsAreNormalized() {
    let cleaning = TextCleaning()
    #expect(bytes(cleaning.cleaned("cafe\u{301}")) == bytes("caf\u{E9}"))
    #expect(cleaning.cleaned("  a \t b\u{A0}c \r\n\r\n\r\n\n d\u{0}\u{7}\u{200B}e\u{FEFF} ") == "a b c\n\nde")
    #expect(cleaning.cleaned("a\rb") == "a\nb")
    #expect(cleaning.cleaned("👩\u{200D}🚀") == "👩\u{200D}🚀")
    var compatible = cleaning
    compatible.form = .nfkc
    #expect(compatible.cleaned("ﬁ①") == "fi1" && cleaning.cleaned("ﬁ①") == "ﬁ①")
    let untouched = " a\u{0}\r\n  e\u{301} "
    #expect(bytes(TextCleaning.none.cleaned(untouched)) == bytes(untouched))
  }

  @Test func cleaningTwiceChangesNothingMore() throws {
    let texts = ["  a  b ", "a b", "x\n\n\n\ny", "cafe\u{301}", "", " ", "long enough to stay"]
    let first = try TextCleaning().clean(records(texts))
    let second = try TextCleaning().clean(first.records)
    #expect(second.records == first.records)
    #expect(second.report.changed == 0 && second.report.kept == second.report.read)
  }

  @Test func theReportCountsEveryRecord() throws {
    var cleaning = TextCleaning()
    cleaning.minimumLength = 3
    cleaning.maximumLength = 10
    let (kept, report) = try cleaning.clean(
      records(["abc", "ab", "  abc", "abcdefghijk", "abcdefghij", "e\u{301}e\u{301}", "caf\u{E9}", "cafe\u{301}"]))
    #expect(kept.map(\.text) == ["abc", "abcdefghij", "café"])
    #expect(report.tooShort == 2 && report.tooLong == 1 && report.duplicates == 2 && report.changed == 3)
    #expect(report.read == 8 && report.kept == 3)
    let left = report.tooShort + report.tooLong + report.duplicates + report.nearDuplicates + report.otherLanguage
    #expect(report.kept + left == report.read)
  }

  @Test func nearDuplicatesAreFoundAndOthersKept() throws {
    var generator = SplitMix64(seed: 5)
    let words = (0..<400).map { "word\($0)" }
    let document = { (generator: inout SplitMix64) in
      (0..<120).map { _ in words.randomElement(using: &generator) ?? "" }
    }
    var texts: [String] = []
    var copies: [String] = []
    for _ in 0..<30 {
      var list = document(&generator)
      texts.append(list.joined(separator: " "))
      list[60] = "changed"
      copies.append(list.joined(separator: ", ").uppercased())
    }
    var cleaning = TextCleaning()
    cleaning.nearDuplicateSimilarity = 0.7
    let (kept, report) = try cleaning.clean(records(texts + copies))
    #expect(kept.map(\.text) == texts && report.nearDuplicates == 30)
    cleaning.nearDuplicateSimilarity = nil
    #expect(try cleaning.clean(records(texts + copies)).report.kept == 60)
  }

  @Test func pairsInAnotherLanguageAreLeftOut() throws {
    let pairs = [
      ("How are you today?", "Comment allez-vous aujourd'hui ?"),
      ("The cat is on the table.", "The cat is on the table and it was not for you."),
      ("Hi", "Salut"), ("I do not know what you want.", "Я не знаю, чего ты хочешь."),
      ("Tom is here.", "Tom est là."), ("Anglais", "English"),
      ("Je ne sais pas ce que vous voulez, mais c'est pour elle.", "Je ne sais pas."),
    ]
    let records = pairs.enumerated().map { (index, pair) in
      CorpusRecord(line: index + 1, fields: [("en", .text(pair.0)), ("fr", .text(pair.1))])
    }
    var cleaning = TextCleaning()
    cleaning.languages = ["en": "en", "fr": "fr"]
    let (kept, report) = try cleaning.clean(records)
    #expect(kept.map(\.line) == [1, 3, 5, 6] && report.otherLanguage == 3)
    cleaning.languages = ["de": "de"]
    #expect(message { _ = try cleaning.clean(records) }?.contains("found \"de\"") == true)
    cleaning.languages = ["en": "xx"]
    #expect(message { _ = try cleaning.clean(records) }?.contains("found 'xx'") == true)
  }

  @Test func scriptsTellLanguages() {
    #expect(LanguageGuess.isOther("こんにちは世界", than: "en") && !LanguageGuess.isOther("こんにちは世界", than: "ja"))
    #expect(LanguageGuess.isOther("Hello world", than: "ru") && !LanguageGuess.isOther("123 …", than: "ru"))
    #expect(LanguageGuess.isOther("Καλημέρα", than: "de") && !LanguageGuess.isOther("שלום", than: "he"))
  }

  @Test func theSplitOfATextNeverChanges() throws {
    let shares = try SplitShares(validation: 0.1, test: 0.2)
    let expected = try JSONValue(parsing: Fixtures.bytes("corpora/splits.json")).object?.members ?? []
    let texts = expected.map(\.key.description)
    #expect(texts.count == 60)
    for member in expected { #expect(shares.split(of: member.key.description).rawValue == member.value.string) }
    for text in texts { #expect(shares.split(of: "  \(text.uppercased())\n") == shares.split(of: text)) }
    let splits = (0..<20_000).map { shares.split(of: "sentence number \($0)") }
    let share = { (split: Split) in Double(splits.count { $0 == split }) / 20_000 }
    #expect(abs(share(.validation) - 0.1) < 0.01 && abs(share(.test) - 0.2) < 0.01)
  }

  @Test func aLargerShareKeepsWhatWasHeldOut() throws {
    let (small, large) = (try SplitShares(validation: 0, test: 0.1), try SplitShares(validation: 0, test: 0.3))
    for number in 0..<2000 where small.split(of: "t \(number)") == .test {
      #expect(large.split(of: "t \(number)") == .test)
    }
    #expect(message { _ = try SplitShares(validation: 0.5, test: 0.5) }?.contains("0.5 and 0.5") == true)
    #expect(message { _ = try SplitShares(validation: -0.1, test: 0) } != nil)
  }

  @Test func leaksBetweenSplitsAreFound() {
    let long = (0..<40).map { "w\($0)" }.joined(separator: " ")
    let splits: [Split: [CorpusRecord]] = [
      .train: records(["A sentence.", long]), .validation: records(["another one", "a  SENTENCE."]),
      .test: records([long + " end", "new text that is not known"]),
    ]
    #expect(
      leaks(in: splits) == [
        Leak(split: .validation, index: 1, isExact: true), Leak(split: .test, index: 0, isExact: false),
      ])
    #expect(leaks(in: [.train: records(["a"])]).isEmpty)
  }
}
