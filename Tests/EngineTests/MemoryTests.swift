import EngineAPI
import Platform
import Testing

@testable import Engines

/// Estimates of the memory that models need, and free memory.
@Suite struct MemoryTests {
  @Test func theEstimateOfWeightsIsWhatOpenModelsTake() async throws {
    let engine = BundledEngine.make()
    for name in ["storyteller-mini", "cloze", "interpreter"] {
      let memory = try #require(try await engine.summary(of: ModelReference(name)).memory)
      for format in NumberFormat.uniform {
        let reference = ModelReference(name, format: format)
        let taken = try #require(try await engine.load(reference).weightBytes)
        await engine.unload(reference)
        let estimate = try #require(memory.weights[format])
        #expect(estimate == taken, "\(reference)")
      }
      #expect((memory.cachePerToken > 0) == (name != "cloze"))
    }
  }

  private static let estimate = MemoryEstimate(
    weights: [.f32: 4_000_000_000, .bf16: 2_000_000_000, .q8: 1_100_000_000, .q4: 600_000_000],
    cachePerToken: 100_000, contextLength: 8_192)

  private func refusal(free: Int, format: NumberFormat? = nil, cache: CacheFormat = .f32) -> EngineError? {
    MemoryCheck.refusal(ModelReference("big", format: format), Self.estimate, cache: cache, free: free)
  }

  @Test func aModelThatDoesNotFitIsRefusedWithTheFormatThatDoes() throws {
    #expect(refusal(free: 4_204_800_000) == nil && refusal(free: 4_204_799_999) != nil)
    #expect(refusal(free: 4_102_400_000, cache: .bf16) == nil)
    let error = try #require(refusal(free: 2_500_000_000))
    #expect(error.kind == .resources && error.place == "model 'big' in f32")
    #expect(error.expected == "at most 2.5 GB of free memory")
    #expect(error.found == "4.3 GB for the weights and 2048 tokens")
    #expect(error.hint == "in bf16 it takes 2.3 GB: open it as big@bf16")
    #expect(refusal(free: 1_000_000_000, format: .q8)?.hint == "in q4 it takes 804.8 MB: open it as big@q4")
    let none = try #require(refusal(free: 1_000_000, format: .q4))
    #expect(none.hint?.hasPrefix("no number format fits (q4 takes 804.8 MB)") == true)
  }

  @Test func hugeSizesDoNotOverflow() {
    let estimate = MemoryEstimate(weights: [.f32: .max], cachePerToken: .max, contextLength: nil)
    #expect(estimate.bytes(.f32, tokens: .max) == .max && estimate.bytes(.q4, tokens: 1) == nil)
    #expect(MemoryCheck.refusal(ModelReference("x"), estimate, cache: .f32, free: 1) != nil)
  }

  @Test func openingAsksForFreeMemory() async throws {
    let catalog = await BundledEngine.make().catalog
    let engine = LocalEngine(catalog: catalog, freeMemory: { 1_000_000 })
    let error = await #expect(throws: EngineError.self) { try await engine.load(ModelReference("storyteller-mini")) }
    #expect(error?.kind == .resources && error?.what == "not enough memory")
    let unknown = LocalEngine(catalog: catalog, freeMemory: { nil })
    _ = try await unknown.load(ModelReference("storyteller-mini", format: .q8))
  }

  @Test func freeMemoryIsTheLeastOfTheMachineAndItsControlGroups() {
    var files = ["/proc/meminfo": "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable:    4000 kB\n"]
    let read = { (path: String) in files[path] }
    #expect(FreeMemory.linux(read) == 4_096_000)
    files["/proc/self/cgroup"] = "0::/a/b\n"
    files["/sys/fs/cgroup/a/memory.max"] = "max\n"
    files["/sys/fs/cgroup/a/memory.current"] = "5"
    files["/sys/fs/cgroup/a/b/memory.max"] = "3000000\n"
    files["/sys/fs/cgroup/a/b/memory.current"] = "2500000\n"
    #expect(FreeMemory.linux(read) == 500_000)
    files["/sys/fs/cgroup/a/b/memory.stat"] = "anon 1\ninactive_file 1000000\n"
    #expect(FreeMemory.linux(read) == 1_500_000)
    files["/proc/self/cgroup"] = "5:cpu:/x\n4:memory:/y\n"
    files["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "100"
    files["/sys/fs/cgroup/memory/memory.usage_in_bytes"] = "200"
    #expect(FreeMemory.linux(read) == 0)
    files = ["/proc/meminfo": "MemAvailable: x", "/proc/self/cgroup": "::\n0\n"]
    #expect(FreeMemory.linux { files[$0] } == nil)
    #expect((FreeMemory.available() ?? 1) > 0)
  }
}
