import EngineAPI
import Testing

/// The words of a text and the texts without them.
@Suite struct OcclusionTests {
  private func words(_ text: String) -> [String] { Occlusion(text, mask: "[MASK]").words.map(\.text) }

  @Test func wordsAreRunsOfLettersMarksAndDigits() {
    #expect(
      words("The king's 2 well-known sons, and… (Peter)!") == [
        "The", "king's", "2", "well-known", "sons", "and", "Peter",
      ])
    #expect(words("l’été à Köln e\u{301}te\u{301}") == ["l’été", "à", "Köln", "e\u{301}te\u{301}"])
    #expect(words("- ' -- 'a' b-") == ["a", "b"])
    #expect(words("東京へ行く abc") == ["東", "京", "へ", "行", "く", "abc"])
    #expect(words("") == [] && words(" \n…") == [])
  }

  @Test func rangesAreBytesOfTheText() {
    let text = "Köln, 東京: e\u{301}\u{1F469}\u{200D}\u{1F680}x"
    for word in Occlusion(text, mask: nil).words {
      #expect(String(decoding: Array(text.utf8)[word.range], as: UTF8.self) == word.text)
    }
  }

  @Test func aMaskTakesThePlaceOfTheWordAlone() {
    #expect(
      Occlusion("A dull  film.", mask: "<mask>").texts == ["<mask> dull  film.", "A <mask>  film.", "A dull  <mask>."])
  }

  @Test func withoutAMaskTheWordGoesWithOneSpace() {
    #expect(Occlusion("A dull  film.", mask: nil).texts == ["dull  film.", "A  film.", "A dull ."])
    #expect(Occlusion("(film)", mask: nil).texts == ["()"])
  }

  @Test func aWordThatIsTheWholeTextHasNoChange() async throws {
    let occlusion = Occlusion(" joy ", mask: nil)
    #expect(occlusion.words.map(\.text) == ["joy"] && occlusion.texts == [])
    let whole = ClassifyResult(labels: [LabelScore(label: "a", probability: 1, logit: 2)], tokenCount: 1)
    #expect(occlusion.changes(of: "a", whole: whole, changed: []) == [nil])
  }

  @Test func changesAreDifferencesOfProbabilitiesOrOfAQuantity() {
    let result = { (probability: Double?, logit: Double) in
      ClassifyResult(
        labels: [
          LabelScore(label: "other", probability: 0.125, logit: 9),
          LabelScore(label: "a", probability: probability, logit: logit),
        ], tokenCount: 3)
    }
    let occlusion = Occlusion("one two", mask: "[MASK]")
    let changed = [result(0.5, 1), result(1, 4)]
    #expect(occlusion.changes(of: "a", whole: result(0.75, 3), changed: changed) == [0.25, -0.25])
    #expect(
      occlusion.changes(of: "a", whole: result(nil, 3), changed: [result(nil, 1), result(nil, 4)]) == [2, -1])
    #expect(occlusion.changes(of: "none", whole: result(0.75, 3), changed: changed) == [nil, nil])
    #expect(occlusion.changes(of: "a", whole: result(0.75, 3), changed: [changed[0]]) == [0.25, nil])
  }
}
