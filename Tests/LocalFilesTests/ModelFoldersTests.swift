import EngineAPI
import Foundation
import LocalFiles
import Testing

/// Which folder a reference means.
@Suite struct ModelFoldersTests {
  /// Two bundled models, a folder of scripts beside them, and a working folder with models of the user.
  private func withModels(_ body: (ModelFolders, Scratch) throws -> Void) throws {
    try Scratch.with { scratch in
      for name in ["bundled/models/storyteller", "bundled/models/cloze", "work/mine", "home/far/away"] {
        try scratch.write(name + "/config.json", "{}")
      }
      try scratch.write("bundled/models/recipes/train.py")
      try scratch.folder("bundled/themes")
      try scratch.folder("work/empty")
      let environment = ProcessEnvironment(
        variables: ["TRIPTYCH_HOME": scratch.path + "/bundled", "HOME": scratch.path + "/home"],
        workingFolder: scratch.path + "/work")
      try body(ModelFolders(BundledFolders(environment), environment: environment), scratch)
    }
  }

  @Test("an adapter's folder is its base, found by name or path, with the adapter")
  func adapters() throws {
    try withModels { models, scratch in
      func configuration(_ base: String) -> String { #"{"peft_type": "LORA", "base_model_name_or_path": "\#(base)"}"# }
      let (bundled, work) = (scratch.path + "/bundled/models/cloze", scratch.path + "/work")
      try scratch.write("work/named/adapter_config.json", configuration("cloze"))
      try scratch.write("work/placed/adapter_config.json", configuration(bundled))
      try scratch.write("work/over/adapter_config.json", configuration("../named"))
      #expect(try models.resolve(ModelReference("named")).path == "\(bundled)+\(work)/named")
      #expect(try models.resolve(ModelReference("placed")).path == "\(bundled)+\(work)/placed")
      #expect(try models.resolve(ModelReference("over")).path == "\(bundled)+\(work)/over/../named+\(work)/over")
      #expect(
        try models.resolve(ModelReference("cloze+named+placed")).path == "\(bundled)+\(work)/named+\(work)/placed")
      // A bundled adapter has its own name; two that name each other have no base.
      try scratch.write("bundled/models/mood/adapter_config.json", configuration("cloze"))
      try scratch.write("bundled/models/mood/config.json", "{}")
      let mood = try models.resolve(ModelReference("mood"))
      #expect(mood.path == "\(bundled)+\(scratch.path)/bundled/models/mood")
      #expect(mood.name == "mood" && mood.source == ModelOrigin.bundled.rawValue)
      #expect(try models.listed().first { $0.name == "mood" } == mood)
      try scratch.write("bundled/models/mood/adapter_config.json", configuration("doom"))
      try scratch.write("bundled/models/doom/adapter_config.json", configuration("mood"))
      try scratch.write("bundled/models/doom/config.json", "{}")
      #expect(throws: LocalFilesError.self) { try models.resolve(ModelReference("mood")) }
      for base in ["", "nowhere", "../loop"] {
        try scratch.write("work/loop/adapter_config.json", configuration(base))
        #expect(throws: LocalFilesError.self) { try models.resolve(ModelReference("loop")) }
      }
      #expect(throws: LocalFilesError.self) { try models.resolve(ModelReference("nowhere+named")) }
    }
  }

  @Test func bundledModelsAreThoseWithAConfiguration() throws {
    try withModels { models, scratch in
      #expect(models.bundled().map(\.name) == ["cloze", "storyteller"])
      #expect(models.bundled().allSatisfy { $0.source == ModelOrigin.bundled.rawValue })
      #expect(models.bundled().first?.path == scratch.path + "/bundled/models/cloze")
    }
  }

  @Test func aNameMeansTheBundledModel() throws {
    try withModels { models, scratch in
      try scratch.write("work/cloze/config.json", "{}")
      #expect(try models.resolve(ModelReference("cloze")).source == ModelOrigin.bundled.rawValue)
      let own = try models.resolve(ModelReference("./cloze"))
      #expect(own.source == ModelOrigin.folder.rawValue)
      #expect(own.name == "./cloze")
    }
  }

  @Test(arguments: ["mine", "mine/", "./mine", "../work/mine", "~/far/away", "~/../work/mine//"])
  func aPathMeansAFolder(path: String) throws {
    try withModels { models, scratch in
      let found = try models.resolve(ModelReference(path))
      let last = path.contains("away") ? "/home/far/away" : "/work/mine"
      #expect(URL(fileURLWithPath: found.path).standardizedFileURL.path == scratch.path + last)
    }
  }

  @Test func anAbsolutePathIsItself() throws {
    try withModels { models, scratch in
      let path = scratch.path + "/work/mine"
      let found = try models.resolve(ModelReference(path))
      #expect(found.path == path)
    }
  }

  @Test func aMisspelledNameGetsSuggestions() throws {
    try withModels { models, _ in
      let expected = LocalFilesError.modelNotFound(
        name: "storytelr", suggestions: ["storyteller"], bundled: ["cloze", "storyteller"])
      #expect(throws: expected) { try models.resolve(ModelReference("storytelr")) }
      #expect(expected.hint == "did you mean storyteller?")
      #expect(
        expected.description
          == "no such model, \"storytelr\": expected a folder, a GGUF file or a bundled name (cloze or storyteller), found none of them"
      )
    }
  }

  @Test(arguments: ["", "/", "\u{0}", "a\u{0}b", "no/such/folder", "~nobody/x"])
  func oddNamesAreErrors(name: String) throws {
    try withModels { models, _ in
      #expect(throws: LocalFilesError.self) { try models.resolve(ModelReference(name)) }
    }
  }

  @Test func theErrorSaysWhyAPathIsNoModelFolder() throws {
    try withModels { models, scratch in
      let work = scratch.path + "/work"
      try scratch.write("work/hub/snapshots/abc/config.json", "{}")
      try scratch.write("work/files/weights.gguf")
      try scratch.write("work/files/weights-too.gguf")
      expect(models, "empty", .notAModelFolder(path: work + "/empty", found: "an empty folder", hint: nil))
      expect(
        models, "hub",
        .notAModelFolder(path: work + "/hub", found: "none in it", hint: "did you mean \(work)/hub/snapshots/abc?"))
      expect(
        models, "mine/config.json",
        .notAModelFolder(
          path: work + "/mine/config.json", found: "a file", hint: "name the folder instead: \(work)/mine"))
      expect(
        models, "files",
        .notAModelFolder(
          path: work + "/files", found: "none in it", hint: "did you mean \(work)/files/weights-too.gguf?"))
    }
  }

  @Test func aGGUFFileIsAModelByItsNameOrItsFirstBytes() throws {
    try withModels { models, scratch in
      let work = scratch.path + "/work"
      try scratch.write("work/weights.gguf", "anything")
      try scratch.write("work/sha256-12", "GGUF and more")
      try scratch.write("work/notes.txt", "GGU")
      for name in ["weights.gguf", "sha256-12"] {
        let found = try models.resolve(ModelReference(name))
        #expect(found == ModelPlace(name: name, path: "\(work)/\(name)", source: .file))
      }
      expect(models, "notes.txt", .notAModelFolder(path: work + "/notes.txt", found: "a file", hint: nil))
      #expect(models.completions(of: "we") == ["weights.gguf"])
    }
  }

  @Test func bundledGGUFFilesAreModelsOfTheirNames() throws {
    try withModels { models, scratch in
      for name in ["tiny", "split-00001-of-00002", "split-00002-of-00002", "a-b-of-c"] {
        try scratch.write("bundled/models/\(name).gguf", "GGUF")
      }
      #expect(models.bundled().map(\.name) == ["a-b-of-c", "cloze", "split", "storyteller", "tiny"])
      let path = scratch.path + "/bundled/models/split-00001-of-00002.gguf"
      #expect(try models.resolve(ModelReference("split")) == ModelPlace(name: "split", path: path, source: .bundled))
    }
  }

  private func expect(
    _ models: ModelFolders, _ name: String, _ error: LocalFilesError, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: location) { try models.resolve(ModelReference(name)) }
  }
}
