import Foundation
import Testing

/// The bundled models and themes are complete.
@Suite struct BundledFilesTests {
  @Test func everyModelFolderIsComplete() {
    let models = Repository.folders("models").filter { $0 != "recipes" }
    #expect(
      Set(models).isSuperset(of: [
        "storyteller", "storyteller-mini", "cloze", "interpreter", "sentiment", "entities",
      ]))
    for model in models {
      let isAdapter = Repository.exists("models/\(model)/adapter_config.json")
      let weights = isAdapter ? "adapter_model.safetensors" : "model.safetensors"
      for file in ["config.json", "tokenizer.json", weights, "README.md"] {
        #expect(Repository.exists("models/\(model)/\(file)"), "models/\(model) has no \(file)")
      }
    }
  }

  @Test func everyModelCardHasTheRequiredParts() {
    for card in Repository.files("models", ["md"])
    where card.path.hasSuffix("/README.md") && card.path.split(separator: "/").count == 3 {
      let text = card.text.lowercased()
      for words in [["license"], ["data", "trained on"], ["recipe"], ["quality", "perplexity", "measured", "bits"]] {
        #expect(words.contains { text.contains($0) }, "\(card.path) has no words about its \(words[0])")
      }
    }
  }

  @Test func everyThemeHasItsSixteenColors() throws {
    let themes = Repository.files("themes", ["yaml", "yml"])
    #expect(themes.count >= 5)
    for theme in themes {
      for index in 0..<16 {
        let key = "base0" + String(index, radix: 16, uppercase: true)
        let line = try Regex("(?m)^\\s*\(key):\\s*[\"']?#?[0-9a-fA-F]{6}[\"']?\\s*(?:#.*)?$")
        #expect(theme.text.contains(line), "\(theme.path) has no color \(key)")
      }
    }
  }
}
