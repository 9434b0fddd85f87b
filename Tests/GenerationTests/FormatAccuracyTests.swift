import Models
import Tensors
import TestSupport
import Testing

/// The accuracy of the number formats on real text: pages of Edith Nesbit's *The Railway Children* (1906), which is not
/// in the training data of the storytellers, pages of Rudyard Kipling's *The Jungle Book* (1894), both in
/// `Fixtures/texts`, and translations written for this test.
///
/// The limits are specific to the bundled weights: the lower the entropy of a model, the more an error in a logit
/// changes its distribution. `storyteller-mini` has large keys, so 8-bit weights and a bf16 cache affect it more than
/// the other models.
@Suite struct FormatAccuracyTests {
  private static let pairs = [
    ("translate English to French: The children are playing in the garden.", "Les enfants jouent dans le jardin."),
    ("translate English to French: Where did you put my book?", "Où as-tu mis mon livre ?"),
    (
      "translate English to French: It was raining when we left the house.",
      "Il pleuvait quand nous avons quitté la maison."
    ),
    ("translate French to English: Je ne sais pas ce qu'il veut.", "I don't know what he wants."),
    ("translate French to English: Mon frère travaille dans une grande ville.", "My brother works in a big city."),
    ("translate French to English: Elle a oublié de fermer la porte.", "She forgot to close the door."),
  ]

  private func accuracy(_ model: String) throws -> FormatAccuracy {
    func text(_ name: String) throws -> String { String(decoding: try Fixtures.bytes("texts/" + name), as: UTF8.self) }
    switch model {
    case "cloze": return try FormatAccuracy(model, rows: FormatAccuracy.atMasks(text("elephants.txt")))
    case "interpreter": return try FormatAccuracy(model, rows: FormatAccuracy.alongTranslations(Self.pairs))
    default: return try FormatAccuracy(model, rows: FormatAccuracy.afterTokens(text("railway.txt")))
    }
  }

  @Test(arguments: ["storyteller", "storyteller-mini", "cloze", "interpreter"])
  func eightBitWeightsKeepTheDistribution(model: String) throws {
    let accuracy = try accuracy(model)
    let rounded = try accuracy.meanDivergence(.q8)
    #expect(rounded > 0 && rounded <= (model == "storyteller-mini" ? 0.006 : 0.002), "\(rounded) bits")
    let halved = try accuracy.meanDivergence(.bf16)
    #expect(halved > 0 && halved <= 0.002, "\(halved) bits")
    #expect(try accuracy.meanDivergence(.f32) == 0)
  }

  @Test(arguments: ["storyteller", "storyteller-mini", "interpreter"])
  func aCacheInBF16KeepsTheDistribution(model: String) throws {
    let rounded = try accuracy(model).meanDivergence(.f32, cache: .bf16)
    #expect(rounded > 0 && rounded <= (model == "storyteller-mini" ? 0.006 : 0.002), "\(rounded) bits")
  }

  @Test(arguments: ["storyteller", "cloze", "interpreter"])
  func fourBitWeightsNearlyKeepTheDistribution(model: String) throws {
    let rounded = try accuracy(model).meanDivergence(.q4)
    #expect(rounded > 0 && rounded <= (model == "interpreter" ? 0.05 : 0.1), "\(rounded) bits")
  }
}
