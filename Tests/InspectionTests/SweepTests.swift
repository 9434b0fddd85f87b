import EngineAPI
import Foundation
import Models
import Terms
import TestSupport
import Testing

@testable import Inspection

@Suite("Patching sweeps and comparisons with files of activations")
struct SweepTests {
  @Test(
    "a sweep restores nothing before the texts differ, and all in the last row", arguments: ["gpt2", "llama", "gemma2"])
  func laws(_ name: String) throws {
    let internals = try Internals(name)
    let clean = internals.ids
    var corrupted = clean
    corrupted[3] = (clean[3] + 1) % 30
    let sweep = try #require(
      try PatchSweep(internals.model, from: clean, to: corrupted, comparing: (1, 2), at: clean.count - 1))
    #expect(sweep.clean != sweep.corrupted)
    let depth = try internals.read().depth
    #expect(sweep.cells.count == depth && sweep.cells.allSatisfy { $0.count == clean.count })
    for row in sweep.cells {
      for position in 0..<3 { #expect(row[position].restored == 0) }
    }
    #expect(sweep.cells[depth - 1][clean.count - 1].difference == sweep.clean)
    #expect(sweep.cells[depth - 1][clean.count - 1].restored == 1)
    // In the last layer only the last row has an effect.
    for position in 0..<clean.count - 1 { #expect(sweep.cells[depth - 1][position].difference == sweep.corrupted) }
    // Each cell is a patch.
    let patch = ActivationPatch(layer: 0, position: 3, text: clean.map(String.init).joined(separator: " "))
    let changed = internals.model.changed(by: try internals.resolver().resolve([.patch(patch)]))
    let reading = try ProbedReading(changed, ids: corrupted)
    let logits = changed.base.logits(reading.hidden).row(clean.count - 1)
    #expect(sweep.cells[0][3].difference == Double(logits[1]) - Double(logits[2]))
  }

  @Test("a sweep needs texts of one length, and a difference; it can be stopped")
  func refusals() throws {
    let internals = try Internals("gpt2")
    #expect(throws: PatchSweep.Refusal.lengths(2, 3)) {
      try PatchSweep(internals.model, from: [1, 2], to: [1, 2, 3], comparing: (1, 2), at: 1)
    }
    #expect(throws: PatchSweep.Refusal.noDifference) {
      try PatchSweep(internals.model, from: [1, 2], to: [1, 2], comparing: (1, 2), at: 1)
    }
    #expect(throws: ModelError.self) { try PatchSweep(internals.model, from: [99], to: [98], comparing: (1, 2), at: 0) }
    var asked = 0
    let stopped = try PatchSweep(internals.model, from: [1, 2], to: [1, 3], comparing: (1, 2), at: 1) { share in
      asked += 1
      return share < 0.5
    }
    #expect(stopped == nil && asked == 3)
  }

  @Test(
    "activations of transformers equal ours, and the first that a change reaches is named", arguments: ["gpt2", "bert"])
  func golden(_ name: String) throws {
    let path = Fixtures.path("models/\(name)/reference.safetensors")
    let model = try ModelLoader.open(folder: Fixtures.path("models/\(name)")).model
    let ids = try Internals.ids(path)
    let same = try GoldenCheck(ProbedReading(model, ids: ids), file: path).activations
    let depth = try ModelAnatomy(model).layers.values.first?.count ?? 0
    #expect(same.map(\.name) == (0...depth).map { "hidden_states.\($0)" } + ["logits"])
    #expect(same.allSatisfy { $0.isEqual && $0.units < GoldenCheck.tolerance })
    var changes = PassChanges()
    let stack: LayerStack = name == "bert" ? .encoder : .decoder
    changes.factors[SublayerPlace(stack, depth - 1, .feedForward), default: PassChanges.Factors()].whole = 1.01
    let other = try GoldenCheck(ProbedReading(model.changed(by: changes), ids: ids), file: path).activations
    #expect(other.first { !$0.isEqual }?.name == "hidden_states.\(depth)")
  }

  @Test("a file of another text, or without activations, is an error")
  func wrongFiles() throws {
    let reading = try Internals("gpt2").read()
    for file in [
      "models/gpt2/reference.safetensors", "models/gpt2/model.safetensors", "models/gpt2/config.json", "none",
    ] {
      #expect(throws: EngineError.self) { try GoldenCheck(reading, file: Fixtures.path(file)) }
    }
  }

  @Test("no damaged file of a control vector or of activations crashes")
  func damagedFiles() throws {
    let reading = try Internals("gpt2").read()
    try Fixtures.withScratchFolder { folder in
      var random = SplitMix64(seed: 17)
      for file in ["inspection/control.gguf", "inspection/control.safetensors", "models/gpt2/reference.safetensors"] {
        let whole = try Fixtures.bytes(file)
        for round in 0..<60 {
          var bytes = whole
          for _ in 0...round % 4 {
            bytes[Int(random.next() % UInt64(min(bytes.count, 200)))] = UInt8(truncatingIfNeeded: random.next())
          }
          if round % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
          let path = folder + (file.hasSuffix("gguf") ? "/x.gguf" : "/x.safetensors")
          try Data(bytes).write(to: URL(fileURLWithPath: path))
          // Either result will do.
          _ = try? ControlVectorFile(path: path)
          _ = try? GoldenCheck(reading, file: path)
        }
      }
      // An axis more than tensors have.
      let header = #"{"direction.0":{"dtype":"F32","shape":[1,1,1,1,10],"data_offsets":[0,40]}}"#
      var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
      bytes += Array(repeating: 0, count: 40)
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/axes.safetensors"))
      #expect(throws: EngineError.self) { try ControlVectorFile(path: folder + "/axes.safetensors") }
    }
  }
}
