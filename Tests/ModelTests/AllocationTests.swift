import AllocationCount
import TestSupport
import Testing

@testable import Models
@testable import Tensors

/// A decoding step allocates no memory, except for the caller's own arrays that describe the step.
@Suite("A decoding step allocates nothing", .enabled(if: allocation_count_works()), .serialized)
struct AllocationTests {
  /// The number of arrays that the caller allocates: the new ids and the segments.
  private static let stepBudget = 2

  private func model(_ name: String, _ format: NumberFormat) throws -> any CausalModel {
    let folder = Fixtures.folder + "/../../models/" + name
    guard case .causal(let model) = try ModelLoader.open(folder: folder, format: format).model else {
      throw ModelError.emptyInput
    }
    return model
  }

  /// The number of allocations of each step after a prompt of `start` ids.
  private func counts(_ model: any CausalModel, start: Int, steps: Int) throws -> [Int] {
    let state = model.makeState()
    _ = try model.forward([Segment(ids: (0..<start).map { $0 + 5 }, state: state, wanted: .last)])
    return try (0..<steps).map { step in
      allocation_count_begin()
      let rows = try model.forward([Segment(ids: [step + 3], state: state, wanted: .last)])
      _ = model.logits(rows.tensor)
      return allocation_count_end()
    }
  }

  @Test(
    "the allocations of a step do not depend on the number of layers, the context length or the number format",
    arguments: NumberFormat.uniform)
  func layers(_ format: NumberFormat) throws {
    // Use one thread, because only allocations of this thread are counted.
    ThreadTeam.setThreadCount(1)
    defer { ThreadTeam.setThreadCount(0) }
    let (three, six) = (try model("storyteller-mini", format), try model("storyteller", format))
    var fewest = (three: Int.max, six: Int.max, long: Int.max)
    // Take the minimum over many steps: other tests may be using the pool's buffers, and the cache allocates a block
    // every 16 positions. The rounds end as soon as the three minima agree.
    for _ in 0..<30 where fewest.three != fewest.six || fewest.six != fewest.long || fewest.six == .max {
      fewest.three = min(fewest.three, try counts(three, start: 17, steps: 14).min() ?? .max)
      fewest.six = min(fewest.six, try counts(six, start: 17, steps: 14).min() ?? .max)
      fewest.long = min(fewest.long, try counts(six, start: 401, steps: 14).min() ?? .max)
    }
    #expect(fewest.three == fewest.six, "three layers and six")
    #expect(fewest.six == fewest.long, "a context of 17 and one of 401")
    #expect(fewest.long <= Self.stepBudget)
  }

  @Test(
    "a step of a decoder with rotary positions stays within the same budget of allocations",
    arguments: ["llama", "gemma3", "phi3", "qwen3"])
  func rotary(_ name: String) throws {
    ThreadTeam.setThreadCount(1)
    defer { ThreadTeam.setThreadCount(0) }
    let model = try ModelLoader.open(folder: Fixtures.path("models/\(name)"), format: .q8).causal()
    var fewest = Int.max
    for _ in 0..<30 where fewest > Self.stepBudget {
      fewest = min(fewest, try counts(model, start: 3, steps: 20).min() ?? .max)
    }
    #expect(fewest <= Self.stepBudget)
  }

  @Test("after the first step the pool allocates no new buffer")
  func buffers() throws {
    let model = try model("storyteller-mini", .f32)
    let state = model.makeState()
    func step(_ id: Int) throws {
      _ = model.logits(try model.forward([Segment(ids: [id], state: state, wanted: .last)]).tensor)
    }
    for id in 3..<20 { try step(id) }
    // Other tests may need buffers at the same time, so it suffices that one of many steps allocates none.
    let made = try (20..<80).map { id in
      let before = BufferPool.bufferCount
      try step(id)
      return BufferPool.bufferCount - before
    }
    #expect(made.contains(0))
  }
}

extension BufferPool {
  /// The number of buffers, in use or free. It is constant while the pool can serve all requests.
  fileprivate static var bufferCount: Int { state.withLock { $0.classes.reduce(0) { $0 + $1.count } } }
}
