import EngineAPI
import Foundation
import JSONText
import Testing
import TestSupport

@testable import LocalFiles

/// Models in the stores of other programs.
@Suite struct StoreTests {
  private func environment(_ scratch: Scratch, _ variables: [String: String] = [:]) -> ProcessEnvironment {
    ProcessEnvironment(
      variables: ["HOME": scratch.path + "/home", "TRIPTYCH_HOME": scratch.path + "/none"].merging(variables) { $1 },
      workingFolder: scratch.path + "/work")
  }

  private func folders(_ scratch: Scratch, _ variables: [String: String] = [:]) -> ModelFolders {
    let environment = environment(scratch, variables)
    return ModelFolders(BundledFolders(environment), environment: environment)
  }

  private func link(_ scratch: Scratch, _ name: String, to target: String) throws {
    let path = scratch.path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  }

  // MARK: - Hugging Face

  private static let hub = "home/.cache/huggingface/hub"

  /// A repository of one commit with a configuration and weights.
  private func repository(_ scratch: Scratch, _ name: String, root: String = hub, weights: Int? = 9) throws {
    let folder = "\(root)/models--\(name)"
    try scratch.write(folder + "/refs/main", "c0ffee")
    try scratch.write(folder + "/blobs/1", "{}")
    try link(scratch, folder + "/snapshots/c0ffee/config.json", to: "../../blobs/1")
    try link(scratch, folder + "/snapshots/c0ffee/model.safetensors", to: "../../blobs/2")
    if let weights { try scratch.write(folder + "/blobs/2", bytes: [UInt8](repeating: 0, count: weights)) }
  }

  @Test func theCacheOfHuggingFaceIsReadAsItsLibraryReadsIt() throws {
    let data = try JSONValue(contentsOfFile: Fixtures.path("stores.json"))
    try Scratch.with { scratch in
      for (path, content) in try #require(data["tree"]?.object).members {
        let name = Self.hub + "/" + path.description
        if let target = content["link"]?.string {
          try link(scratch, name, to: target)
        } else if let text = content["text"]?.string {
          try scratch.write(name, text)
        } else {
          try scratch.write(name, bytes: [UInt8](repeating: 0, count: try #require(content["bytes"]?.int)))
        }
      }
      let folders = folders(scratch)
      var expected: Set<String> = []
      for repository in try #require(data["repositories"]?.array) {
        let id = try #require(repository["id"]?.string)
        var commits: Set<String> = []
        let references = try #require(repository["references"]?.object).members
        let main = try #require(references.first { $0.key.description == "main" })
        for (name, commit) in [main] + references.filter({ $0.key.description != "main" }) {
          let hash = try #require(commit.string)
          let bytes = try #require(repository["commits"]?[hash]?.int)
          let written = "hf:\(id)" + (name.description == "main" ? "" : "@\(name)")
          let found = try folders.resolve(ModelReference(written))
          #expect(found.path.hasSuffix("/snapshots/\(hash)") && found.bytes == bytes && found.reason == nil)
          #expect(found.source == ModelOrigin.huggingFace.rawValue && found.name == written)
          if commits.insert(hash).inserted { expected.insert(written) }
          for short in [hash, String(hash.prefix(7))] {
            #expect(try folders.resolve(ModelReference("hf:\(id)@\(short)")).path == found.path)
          }
        }
      }
      #expect(try Set(folders.listed().map(\.name)) == expected && expected.count == 4)
      var portions: [[ModelPlace]] = []
      try folders.list { portions.append($0) }
      #expect(portions.first?.isEmpty == true, "the bundled models, of which there are none here, come first")
      #expect(try portions.flatMap(\.self) == folders.listed())
    }
  }

  @Test(
    arguments: [
      (["HF_HUB_CACHE": "/X"], "X"), (["HF_HOME": "/X"], "X/hub"), (["XDG_CACHE_HOME": "/X"], "X/huggingface/hub"),
      ([:], hub), (["HF_HUB_CACHE": "~/y", "HF_HOME": "/X"], "home/y"), (["HF_HUB_CACHE": "here"], "work/here"),
    ] as [([String: String], String)])
  func theCacheLiesWhereTheVariablesSay(variables: [String: String], root: String) throws {
    try Scratch.with { scratch in
      try repository(scratch, "org--model", root: root)
      let own = variables.mapValues { $0 == "/X" ? scratch.path + "/X" : $0 }
      #expect(try folders(scratch, own).listed().map(\.name) == ["hf:org/model"])
    }
  }

  @Test func whatCanNotOpenIsListedWithAReason() throws {
    try Scratch.with { scratch in
      try repository(scratch, "a--no-weights", weights: nil)
      try repository(scratch, "b--unfinished", weights: nil)
      try scratch.write("\(Self.hub)/models--b--unfinished/blobs/2.incomplete", "half")
      try link(scratch, "\(Self.hub)/models--c--no-config/snapshots/1/config.json", to: "../../blobs/none")
      try scratch.write("\(Self.hub)/models--d--begun/blobs/9.incomplete")
      try scratch.write("\(Self.hub)/models--e--pickled/snapshots/1/config.json", "{}")
      try scratch.write("\(Self.hub)/models--e--pickled/snapshots/1/pytorch_model.bin", "1234")
      try scratch.write("\(Self.hub)/models--f--parts/snapshots/1/config.json", "{}")
      try scratch.write("\(Self.hub)/models--f--parts/snapshots/1/model-00001-of-00003.safetensors", "1")
      try scratch.write("\(Self.hub)/models--g--card/snapshots/1/README.md", "1")
      let folders = folders(scratch)
      let expected = [
        "hf:a/no-weights": "model.safetensors is a broken link", "hf:b/unfinished": "the download is not complete",
        "hf:c/no-config": "config.json is a broken link", "hf:d/begun": "the download is not complete",
        "hf:e/pickled": "its weights are pickled (pytorch_model.bin), which is not read",
        "hf:f/parts": "the download is not complete: 1 of 3 weight files are here",
        "hf:g/card": "neither config.json nor a GGUF file",
      ]
      let listed = try folders.listed()
      #expect(listed.map(\.name) == expected.keys.sorted())
      for model in listed {
        #expect(model.reason == expected[model.name], "\(model.name)")
        #expect(throws: LocalFilesError.self) { try folders.resolve(ModelReference(model.name)) }
      }
    }
  }

  @Test func oddNamesInTheCacheLeadNowhere() throws {
    try Scratch.with { scratch in
      try repository(scratch, "org--model")
      try scratch.write("secret/config.json", "{}")
      try scratch.write("\(Self.hub)/models--org--odd/refs/main", "../../../../../../secret")
      let folders = folders(scratch)
      for name in [
        "hf:", "hf:org", "hf:org/", "hf:/model", "hf:org/model@", "hf:org/model@none", "hf:org/model@../main",
        "hf:org/model@c0ff", "hf:../org/model", "hf:org/model/x", "hf:org/odd", "hf:\u{0}", "hf:org/model@a@b",
      ] {
        #expect(throws: LocalFilesError.self, "\(name)") { try folders.resolve(ModelReference(name)) }
      }
      let error = #expect(throws: LocalFilesError.self) { try folders.resolve(ModelReference("hf:org/modle")) }
      #expect(error?.hint?.hasPrefix("did you mean hf:org/model") == true)
      #expect(
        error?.description
          == "no such model, \"hf:org/modle\": expected a model in Hugging Face's cache (\(scratch.path)/\(Self.hub)), found none of that name"
      )
    }
  }

  @Test func severalGGUFFilesOfARepositoryHaveNamesOfTheirOwn() throws {
    try Scratch.with { scratch in
      let folder = "\(Self.hub)/models--org--quants/snapshots/1/"
      for name in ["m-Q4_K_M.gguf", "m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf", "mmproj-m.gguf"] {
        try scratch.write(folder + name, "GGUF")
      }
      try scratch.write("\(Self.hub)/models--org--one/snapshots/1/one.gguf", "GGUF")
      let folders = folders(scratch)
      #expect(try folders.listed().map(\.name) == ["hf:org/one", "hf:org/quants/m-Q4_K_M", "hf:org/quants/m-Q8_0"])
      #expect(try folders.listed().map(\.bytes) == [4, 4, 8])
      let path = scratch.path + "/" + folder
      for name in ["hf:org/quants/m-Q4_K_M", "hf:org/quants/m-Q4_K_M.gguf"] {
        #expect(try folders.resolve(ModelReference(name)).path == path + "m-Q4_K_M.gguf")
      }
      #expect(throws: LocalFilesError.self) { try folders.resolve(ModelReference("hf:org/quants")) }
      #expect(try folders.resolve(ModelReference("hf:org/one")).path.hasSuffix("/one.gguf"))
    }
  }

  // MARK: - Ollama

  private func manifest(_ scratch: Scratch, _ path: String, root: String = "home/.ollama/models", _ layers: String)
    throws
  {
    try scratch.write("\(root)/manifests/\(path)", "{\"schemaVersion\":2,\"layers\":[\(layers)]}")
  }

  private func layer(_ digit: String, size: Int, kind: String = "model") -> String {
    let digest = "sha256:" + String(repeating: digit, count: 64)
    return "{\"mediaType\":\"application/vnd.ollama.image.\(kind)\",\"digest\":\"\(digest)\",\"size\":\(size)}"
  }

  private func blob(_ digit: String) -> String { "blobs/sha256-" + String(repeating: digit, count: 64) }

  @Test func ollamaManifestsLeadToTheirBlobs() throws {
    try Scratch.with { scratch in
      let root = "home/.ollama/models"
      try scratch.write("\(root)/\(blob("a"))", "GGUF model")
      try manifest(
        scratch, "registry.ollama.ai/library/llama3.2/1b",
        layer("c", size: 3, kind: "template") + "," + layer("a", size: 10))
      try manifest(scratch, "registry.ollama.ai/library/llama3.2/latest", layer("a", size: 10))
      try manifest(scratch, "registry.ollama.ai/someone/own/v2", layer("a", size: 10))
      try manifest(scratch, "hf.co/org/model-GGUF/Q4_K_M", layer("a", size: 10))
      let folders = folders(scratch)
      #expect(
        try folders.listed().map(\.name) == [
          "ollama:hf.co/org/model-GGUF:Q4_K_M", "ollama:llama3.2:1b", "ollama:llama3.2:latest", "ollama:someone/own:v2",
        ])
      for name in try folders.listed().map(\.name) + [
        "ollama:llama3.2", "Ollama:llama3.2:1b", "ollama:library/llama3.2:1b",
      ] {
        let found = try folders.resolve(ModelReference(name))
        #expect(
          found.path == "\(scratch.path)/\(root)/\(blob("a"))" && found.bytes == 10
            && found.source == ModelOrigin.ollama.rawValue)
      }
      #expect(throws: LocalFilesError.self) { try folders.resolve(ModelReference("ollama:llama3.2:3b")) }
      #expect(throws: LocalFilesError.self) { try folders.resolve(ModelReference("ollama:../x:..")) }
    }
  }

  @Test func ollamaModelsThatCanNotOpenSayWhy() throws {
    try Scratch.with { scratch in
      let root = "store"
      let variables = ["OLLAMA_MODELS": scratch.path + "/store"]
      try scratch.write("\(root)/\(blob("b"))", "GGUF")
      try scratch.write("\(root)/\(blob("d"))-partial-0", "GG")
      let host = "registry.ollama.ai/library/m/"
      let cases = [
        ("a", layer("a", size: 9), "its file sha256-\(String(repeating: "a", count: 64)) is missing"),
        ("b", layer("b", size: 9), "the download is not complete: 4 of 9 bytes are here"),
        ("c", layer("b", size: 4, kind: "tensor"), "its weights are not a GGUF file"),
        ("d", layer("d", size: 9), "the download is not complete"),
        ("e", layer("b", size: 4) + "," + layer("c", size: 1, kind: "adapter"), "it is an adapter of a model"),
        ("f", "{\"mediaType\":\"x.image.model\",\"digest\":\"sha256:../../x\"}", "its manifest names no file"),
        ("g", "3", "its manifest names no model"), ("h", "{", "its manifest is not readable"),
      ]
      for (tag, layers, _) in cases { try manifest(scratch, host + tag, root: root, layers) }
      let folders = folders(scratch, variables)
      #expect(try folders.listed().map(\.reason) == cases.map { $0.2 })
      let error = #expect(throws: LocalFilesError.self) { try folders.resolve(ModelReference("ollama:m:b")) }
      #expect(error?.description.contains("4 of 9 bytes are here") == true)
    }
  }

  // MARK: - LM Studio, llama.cpp, folders

  @Test func foldersOfFoldersAreNamedByTheirPaths() throws {
    try Scratch.with { scratch in
      let studio = "home/.lmstudio/models/"
      try scratch.write(studio + "org/one/one-Q4.gguf", "GGUF")
      try scratch.write(studio + "org/two/a.gguf", "GGUF")
      try scratch.write(studio + "org/two/b.gguf", "GGUF")
      try scratch.write(studio + "org/two/mmproj-a.gguf", "GGUF")
      try scratch.write(studio + "org/half/x.gguf.part", "GG")
      try scratch.write(studio + "org/mlx/config.json", "{}")
      try scratch.write(studio + "org/mlx/model.safetensors", "123")
      try scratch.write("home/.cache/lm-studio/models/old/m/m.gguf", "")
      try scratch.write("home/.cache/llama.cpp/org_repo_file.gguf", "GGUF")
      try scratch.write("home/.cache/llama.cpp/org_repo_new.gguf.downloadInProgress", "GGUF")
      try scratch.write("home/.cache/llama.cpp/manifest=org=repo=latest.json", "{}")
      let folders = folders(scratch)
      let listed = try folders.listed()
      #expect(
        listed.map(\.name) == [
          "lmstudio:org/half/x", "lmstudio:org/mlx", "lmstudio:org/one", "lmstudio:org/two/a", "lmstudio:org/two/b",
          "lmstudio:old/m", "llama.cpp:org_repo_file", "llama.cpp:org_repo_new",
        ])
      let reasons = listed.filter { $0.reason != nil }.map { "\($0.name) \($0.reason ?? "")" }
      #expect(
        reasons == [
          "lmstudio:org/half/x the download is not complete", "lmstudio:old/m m.gguf is empty",
          "llama.cpp:org_repo_new the download is not complete",
        ])
      for name in ["lmstudio:org/one", "lmstudio:org/one/one-Q4", "lmstudio:org/one/one-Q4.gguf"] {
        #expect(try folders.resolve(ModelReference(name)).path == scratch.path + "/" + studio + "org/one/one-Q4.gguf")
      }
      #expect(try folders.resolve(ModelReference("llama.cpp:org_repo_file")).source == ModelOrigin.llamaCpp.rawValue)
      #expect(folders.completions(of: "lmstudio:org/t") == ["lmstudio:org/two/a", "lmstudio:org/two/b"])
      #expect(folders.completions(of: "llama").contains("llama.cpp:org_repo_file"))
    }
  }

  @Test func foldersOfTheConfigurationAreListedByPathsThatOpen() throws {
    try Scratch.with { scratch in
      try scratch.write("home/mine/small/config.json", "{}")
      try scratch.write("home/mine/small/model.safetensors", "12")
      try scratch.write("home/mine/deep/er/q.gguf", "GGUF")
      try scratch.write("work/other/q.gguf", "GGUF")
      let environment = environment(scratch)
      let folders = ModelFolders(BundledFolders(environment), environment: environment) {
        ["~/mine", "other", "/none"]
      }
      #expect(try folders.listed().map(\.name) == ["~/mine/deep/er", "~/mine/small", "other/q.gguf"])
      for model in try folders.listed() { #expect(try folders.resolve(ModelReference(model.name)).path == model.path) }
      let read = ConfigurationFile.parse("model-folders: [~/mine, other]\n", path: "c.yaml", tabs: [])
      #expect(read.configuration.modelFolders == ["~/mine", "other"] && read.problems.isEmpty)
      #expect(
        ConfigurationFile.parse("model-folders: ~/mine", path: "", tabs: []).configuration.modelFolders == ["~/mine"])
    }
  }

  @Test func aFolderWithOneGGUFFileOpensAsIt() throws {
    try Scratch.with { scratch in
      try scratch.write("work/one/w.gguf", "GGUF")
      try scratch.write("work/one/mmproj-w.gguf", "GGUF")
      let found = try folders(scratch).resolve(ModelReference("one"))
      #expect(found == ModelPlace(name: "one", path: scratch.path + "/work/one/w.gguf", source: .file))
    }
  }

  @Test func storesThatAreNotThereAreEmpty() throws {
    try Scratch.with { scratch in
      let listed = try folders(scratch, ["OLLAMA_MODELS": "/none", "LLAMA_CACHE": "/none", "HF_HOME": "/none"]).listed()
      #expect(listed.isEmpty)
    }
  }
}
