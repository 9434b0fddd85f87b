import Foundation
import JSONText
import TestSupport
import Tensors
import Testing

@testable import Checkpoints

@Suite("GGUF headers are parsed and checked against the file")
struct GGUFHeaderTests {
  private static let layouts = Fixtures.shared("gguf-vocabularies/layout")
  private static let hostileFolder = Fixtures.shared("gguf-vocabularies/hostile")

  private static func names(_ path: String?) -> [String] {
    path.flatMap { try? JSONValue(contentsOfFile: $0) }?.object?.members.map(\.key.description) ?? []
  }

  private static let layoutNames = names(layouts.map { $0 + "/expected.json" })
  private static let hostileNames = names(hostileFolder.map { $0 + "/reasons.json" })

  private func open(_ writer: GGUFWriter) throws -> GGUFFile { try open(writer.bytes) }

  private func open(_ bytes: [UInt8]) throws -> GGUFFile {
    try Fixtures.withScratchFolder { folder in
      try writeFile(bytes, to: folder + "/model.gguf")
      return try GGUFFile(path: folder + "/model.gguf")
    }
  }

  /// The facts of the error from opening a file; `nil` if it opens.
  private func refusal(_ bytes: [UInt8]) -> (place: String?, expected: String, found: String, hint: String?)? {
    do {
      _ = try open(bytes)
    } catch CheckpointError.invalidGGUF(_, let place, let expected, let found, let hint) {
      return (place, expected, found, hint)
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test("versions 2 and 3 are accepted")
  func versions() throws {
    for version in [2, 3] as [UInt32] {
      let file = try open(
        GGUFWriter(GGUFWriter().metadata, [.init("a", [3, 2], [1, 2, 3, 4, 5, 6])], version: version))
      #expect(file.version == Int(version))
      #expect(file["a"]?.shape == [2, 3] && file["a"]?.tensor().scalars == [1, 2, 3, 4, 5, 6])
    }
  }

  @Test("metadata of every type is read, including nested arrays")
  func metadata() throws {
    let file = try open(
      GGUFWriter([
        ("general.architecture", .string("test")), ("a", .uint8(255)), ("b", .uint16(65_535)), ("c", .int32(-5)),
        ("d", .uint64(.max)), ("e", .float32(0.1)), ("f", .float64(0.1)), ("g", .bool(true)), ("h", .string("é\u{0}")),
        ("i", .array([.array([.uint32(1), .uint32(2)]), .array([.string("x")])])), ("j", .array([])),
      ]))
    let found = try file.metadata { $0.count == 1 }
    let expected: JSONObject = [
      "a": 255, "b": 65_535, "c": -5, "d": .double(0x1p64), "e": .double(Double(Float(0.1))), "f": 0.1, "g": true,
      "h": "é\u{0}", "i": [[1, 2], ["x"]], "j": [],
    ]
    #expect(found == expected)
    #expect(file.metadata("k") == nil)
  }

  @Test(
    "files of the shared folder are read as by gguf-py", .enabled(if: layouts != nil, "needs the shared folder"),
    arguments: layoutNames)
  func layout(name: String) throws {
    let folder = try #require(Self.layouts)
    let expected = try #require(try JSONValue(contentsOfFile: folder + "/expected.json")[name])
    guard expected["big_endian"]?.bool != true else {
      #expect(refusal(try FileBytes.read("\(folder)/\(name)"))?.found == "big-endian version 3")
      return
    }
    let file = try GGUFFile(path: "\(folder)/\(name)")
    if let version = expected["version"]?.int { #expect(file.version == version) }
    for (key, value) in expected["metadata"]?.object?.members ?? [] {
      #expect(try file.metadata(key.description)?.json() == value["value"], "\(key)")
    }
    let tensors = try #require(expected["tensors"]?.array)
    #expect(file.names.count == tensors.count)
    for tensor in tensors {
      let name = try #require(tensor["name"]?.string)
      let entry = try #require(file.entry(name))
      #expect(entry.layout.name == tensor["type"]?.string)
      #expect(entry.shape.reversed() == tensor["ne"]?.array?.compactMap(\.int))
      if let bytes = tensor["bytes"]?.int { #expect(entry.byteCount == bytes) }
      let values = (tensor["values"]?.array ?? []).compactMap { $0.double.map(Float.init) }
      let found = try #require(file[name]).tensor().scalars
      #expect(Array(found.prefix(values.count)) == values, "\(name)")
    }
  }

  @Test(
    "malformed files of the shared folder are rejected with a reason",
    .enabled(if: hostileFolder != nil, "needs the shared folder"),
    arguments: hostileNames)
  func hostile(name: String) throws {
    let bytes = try FileBytes.read(try #require(Self.hostileFolder) + "/" + name)
    let facts = try #require(refusal(bytes), "\(name)")
    #expect(!facts.expected.isEmpty && !facts.found.isEmpty && facts.expected != facts.found)
    switch name {
    case "text.gguf": #expect(facts.hint?.contains("git lfs pull") == true)
    case "version-1.gguf": #expect(facts.found == "version 1" && facts.hint != nil)
    case "old-ggml.gguf": #expect(facts.found.hasPrefix("GGML"))
    case "arrays-nested-10000-deep.gguf": #expect(facts.expected == "arrays at most 8 deep")
    case "tensor-name-twice.gguf": #expect(facts.found == "the name twice")
    default: break
    }
  }

  @Test("a file truncated at any byte is rejected")
  func truncation() throws {
    let whole = GGUFWriter(
      [("general.architecture", .string("test")), ("x", .array([.string("a"), .string("bc")]))],
      [.init("t", [2, 2], [1, 2, 3, 4])]
    ).bytes
    _ = try open(whole)
    for count in 0..<whole.count { #expect(refusal(Array(whole.prefix(count))) != nil, "\(count)") }
  }

  @Test("errors name the invalid key or tensor")
  func places() {
    func place(_ tensors: [GGUFWriter.Tensor], _ metadata: [(String, GGUFWriter.Value)] = []) -> String? {
      refusal(GGUFWriter(GGUFWriter().metadata + metadata, tensors).bytes)?.place
    }
    let bytes = [UInt8](repeating: 0, count: 64)
    #expect(place([.init("a", [8], bytes: bytes, offset: 4)]) == "tensor a")
    #expect(place([.init("a", [8], type: 99, bytes: bytes)]) == "tensor a")
    #expect(place([.init("a", [8], type: 4, bytes: bytes)]) == "tensor a")
    #expect(place([.init("a", [16], bytes: bytes), .init("b", [16], bytes: bytes, offset: 32)]) == "tensor b")
    #expect(place([.init("a", [33, 1], type: 8, bytes: bytes)]) == "tensor a")
    #expect(place([.init("a", [0], bytes: [])]) == "tensor a")
    #expect(place([], [("x", .uint8(1)), ("x", .uint8(2))]) == "x")
    #expect(place([], [("general.alignment", .uint32(48))]) == "general.alignment")
    #expect(place([], [("split.count", .string("two"))]) == "split.count")
  }

  @Test("a split model is opened as one store by its first file")
  func split() throws {
    func shard(_ number: UInt16, _ count: UInt16, total: Int32 = 3, _ tensors: [GGUFWriter.Tensor]) -> GGUFWriter {
      GGUFWriter(
        [
          ("general.architecture", .string("test")), ("split.no", .uint16(number)), ("split.count", .uint16(count)),
          ("split.tensors.count", .int32(total)),
        ], tensors)
    }
    try Fixtures.withScratchFolder { folder in
      let paths = (1...2).map { "\(folder)/m-0000\($0)-of-00002.gguf" }
      try writeFile(shard(0, 2, [.init("a", [1], [1]), .init("b", [1], [2])]).bytes, to: paths[0])
      #expect(throws: CheckpointError.unreadable(path: paths[1], reason: SystemReason(code: ENOENT))) {
        _ = try GGUFFile(path: paths[0])
      }
      try writeFile(shard(1, 2, [.init("c", [1], [3])]).bytes, to: paths[1])
      let file = try GGUFFile(path: paths[0])
      #expect(file.names == ["a", "b", "c"] && file["c"]?.tensor().scalars == [3])
      #expect(try file.byteCount == paths.reduce(0) { try $0 + FileBytes.read($1).count })

      func failure(_ path: String) -> (place: String?, expected: String, hint: String?)? {
        do { _ = try GGUFFile(path: path) } catch CheckpointError.invalidGGUF(_, let place, let expected, _, let hint) {
          return (place, expected, hint)
        } catch { Issue.record("\(error)") }
        return nil
      }
      #expect(failure(paths[1])?.hint == "open \(paths[0])")
      try writeFile(shard(0, 2, [.init("c", [1], [3])]).bytes, to: paths[1])
      #expect(failure(paths[0])?.place == "split.no")
      try writeFile(shard(1, 2, [.init("b", [1], [3])]).bytes, to: paths[1])
      #expect(failure(paths[0])?.place == "tensor b")
      try writeFile(shard(1, 2, [.init("c", [1], [3]), .init("d", [1], [3])]).bytes, to: paths[1])
      #expect(failure(paths[0])?.expected == "3 tensors in all files")
      try writeFile(shard(0, 2, [.init("a", [1], [1])]).bytes, to: folder + "/renamed.gguf")
      #expect(failure(folder + "/renamed.gguf")?.expected == "a file named NAME-00001-of-00002.gguf")
    }
  }

  @Test("truncation of an open file is detected")
  func cut() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/model.gguf"
      try writeFile(GGUFWriter(GGUFWriter().metadata, [.init("a", [4], [1, 2, 3, 4])]).bytes, to: path)
      let file = try GGUFFile(path: path)
      try file.checkUnchanged()
      #expect(truncate(path, 20) == 0)
      #expect(throws: CheckpointError.self) { try file.checkUnchanged() }
      // The metadata is in the remaining pages and is parsed on access, so reading it must not crash.
      _ = try? file.metadata("general.architecture")?.json()
    }
  }
}
