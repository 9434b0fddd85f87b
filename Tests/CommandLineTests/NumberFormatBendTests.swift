import Foundation
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `inspect --other-format` on tiny models.
struct NumberFormatBendTests {
  private static let text = "Once upon a time there lived a king by the sea."

  private func object(_ arguments: [String]) async throws -> JSONValue {
    let outcome = await FixtureModel.run(arguments + ["--json", "-q"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  @Test func theDivergenceIsThatOfCompare() async throws {
    let folder = Fixtures.path("program/causal")
    let compared = try await object(["compare", "-m", folder, "-m", folder + "@q4", Self.text])
    let positions = try #require(compared["positions"]?.array)
    // What predicts the token at index n is the row of token n - 1.
    for place in [0, 3] {
      let found = try await object([
        "inspect", "-m", folder, Self.text, "--other-format", "q4", "--position", "\(place)",
      ])
      let bend = try #require(found["formats"])
      for key in ["kl_ab", "kl_ba", "js", "total_variation"] { #expect(bend[key] == positions[place][key], "\(key)") }
      // The last layer of the lens is the prediction.
      #expect(bend["layers"]?.array?.last?["lens_kl"] == bend["kl_ab"])
    }
  }

  @Test func everyMatrixIsTriedAndTheFirstIsNamed() async throws {
    let folder = Fixtures.path("program/causal")
    let found = try await object(["inspect", "-m", folder, Self.text, "--other-format", "q4"])
    let bend = try #require(found["formats"])
    let matrices = try #require(bend["matrices"]?.array)
    let whole = try #require(bend["mean_kl"]?.double)
    let layers = try #require(bend["layers"]?.array)
    // GPT-2 has four matrices a layer, and the tied embedding.
    #expect(matrices.count == 4 * (layers.count - 1) + 1)
    #expect(Set(matrices.compactMap { $0["name"]?.string }).count == matrices.count)
    #expect(matrices.allSatisfy { ($0["alone_kl"]?.double ?? -1) > 0 } && whole > 0)
    let first = try #require(matrices.first { ($0["alone_kl"]?.double ?? 0) >= 0.1 * whole })
    #expect(bend["first"] == first["name"])
    let kept = try #require(first["kept_kl"]?.double)
    #expect(abs(whole - kept - (bend["gain"]?.double ?? .nan)) < 1e-12 && kept != whole)
    #expect(layers.allSatisfy { ($0["difference"]?.double ?? 9) < 1 })
    #expect(layers[1]["difference"]?.double ?? 0 > 0)
    let table = await FixtureModel.run("inspect", "-m", folder, Self.text, "--other-format", "q4", "-q")
    #expect(table.output.contains("first that moves the distribution") && table.output.contains("keeping "))
  }

  @Test(arguments: ["masked", "encoder-decoder"])
  func otherFamiliesHaveTheirStacks(family: String) async throws {
    let folder = Fixtures.path("program/\(family)")
    let target = family == "masked" ? [] : ["--target", "Comment allez-vous ?"]
    let bend = try await object(["inspect", "-m", folder, "Hello, my name", "--other-format", "bf16"] + target)[
      "formats"]
    let stacks = Set(bend?["layers"]?.array?.compactMap { $0["stack"]?.string } ?? [])
    #expect(stacks == (family == "masked" ? ["encoder"] : ["encoder", "decoder"]))
    #expect(bend?["parts"]?.array?.contains { $0["part"]?.string == "cross" } == (family != "masked"))
  }

  @Test func theSameFormatAndAChangedModelAreRefused() async {
    let folder = Fixtures.path("program/causal")
    let same = await FixtureModel.run("inspect", "-m", folder, "Once", "--other-format", "f32", "-q")
    #expect(same.exitCode == 2 && same.errors.contains("the same number format twice"))
    let changed = await FixtureModel.run(
      "inspect", "-m", folder, "Once", "--other-format", "q4", "--ablate", "0", "-q")
    #expect(changed.exitCode == 2 && changed.errors.contains("number formats of a changed model"))
    let none = await FixtureModel.run("inspect", "-m", folder, "Once", "--other-format", "q3", "-q")
    #expect(none.exitCode == 2 && none.errors.contains("--other-format"))
  }
}
