import Tensors
import TestSupport
import Testing

@testable import Models

@Suite("Splitting a sequence, batching and the cache change no bit")
struct CacheTests {
  /// The bits of all rows of a sequence that is read in parts ending at these positions.
  private func read(_ ids: [Int], cuts: [Int], _ model: any DecoderModel, _ state: SequenceState) throws -> [UInt32] {
    var bits: [UInt32] = []
    var start = 0
    for end in cuts + [ids.count] where end > start {
      let segment = Segment(ids: Array(ids[start..<end]), state: state, wanted: .all)
      bits += model.logits(try model.forward([segment]).tensor).bits
      start = end
    }
    return bits
  }

  @Test(
    "reading a prefix and then the rest equals reading the whole, for every split",
    arguments: Golden.causal + Golden.long)
  func causalSplits(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.causal(), try golden.ids())
    let whole = try read(ids, cuts: [], model, model.makeState())
    for cut in 1..<ids.count { #expect(try read(ids, cuts: [cut], model, model.makeState()) == whole, "cut at \(cut)") }
    #expect(try read(ids, cuts: Array(1..<ids.count), model, model.makeState()) == whole)
    #expect(try read(ids, cuts: [3, 4, 11, 17], model, model.makeState()) == whole)
  }

  @Test("requested rows equal the same rows when all are requested", arguments: Golden.causal + Golden.long)
  func wantedRows(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.causal(), try golden.ids())
    let (past, new) = (Array(ids[..<3]), Array(ids[3...]))
    func hidden(_ wanted: WantedRows) throws -> Tensor {
      let state = model.makeState()
      _ = try model.forward([Segment(ids: past, state: state, wanted: .none)])
      return try model.forward([Segment(ids: new, state: state, wanted: wanted)]).tensor
    }
    let (all, count) = (try hidden(.all), new.count)
    #expect(try hidden(.none).rowCount == 0)
    for (wanted, rows) in [
      (WantedRows.last, [count - 1]), (.range(count - 4..<count), Array(count - 4..<count)),
      (.range(1..<5), Array(1..<5)), (.positions([0, count - 1]), [0, count - 1]),
      (.positions([count - 1, count - 2]), [count - 1, count - 2]),
      (.positions([count - 1, count - 1]), [count - 1, count - 1]),
    ] {
      #expect(try hidden(wanted).bits == all.gatherRows(rows).bits, "\(wanted)")
    }
  }

  @Test("a decoder's prefix and rest equal the whole, for every split", arguments: Golden.seq2seq)
  func seq2seqSplits(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.seq2seq(), try golden.ids("decoder_ids"))
    let encoder = try model.encode(golden.ids())
    let whole = try read(ids, cuts: [], model, model.makeState(encoder))
    for cut in 1..<ids.count {
      #expect(try read(ids, cuts: [cut], model, model.makeState(encoder)) == whole, "cut at \(cut)")
    }
    #expect(try read(ids, cuts: Array(1..<ids.count), model, model.makeState(encoder)) == whole)
  }

  @Test(
    "sequences of different lengths give the same bits batched and alone",
    arguments: ["gpt2-f16", "llama", "gemma3", "llama-long"])
  func raggedCausal(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.causal(), try golden.ids())
    let texts = [Array(ids[0..<17]), [ids[3]], Array(ids[4..<9]), Array(ids.reversed())]
    let pasts = [[], Array(ids[0..<16]), Array(ids[9..<12]), [ids[1]]]
    func state(_ past: [Int]) throws -> SequenceState {
      let state = model.makeState()
      if !past.isEmpty { _ = try model.forward([Segment(ids: past, state: state, wanted: .none)]) }
      return state
    }
    let wanted: [WantedRows] = [.all, .last, .none, .range(2..<20)]
    let alone = try zip(texts, zip(pasts, wanted)).map { text, rest in
      try model.forward([Segment(ids: text, state: state(rest.0), wanted: rest.1)])
    }
    let together = try model.forward(
      zip(texts, zip(pasts, wanted)).map { Segment(ids: $0, state: try state($1.0), wanted: $1.1) })
    #expect(together.ranges.map(\.count) == [17, 1, 0, 18])
    for index in texts.indices {
      #expect(together.rows(ofSegment: index).bits == alone[index].tensor.bits)
    }
    // Take several steps, so that a sequence whose past is mixed up with another's is detected.
    let states = try pasts.map(state)
    for step in 0..<5 {
      let segments = states.enumerated().map { Segment(ids: [($0 * 7 + step) % 37], state: $1) }
      let rows = try model.forward(segments)
      for (index, past) in pasts.enumerated() {
        let text = past + (0...step).map { (index * 7 + $0) % 37 }
        let single = try model.forward([Segment(ids: text, state: model.makeState())])
        #expect(rows.rows(ofSegment: index).bits == single.tensor.bits)
      }
    }
  }

  @Test("beams of one source and sources of different lengths give the same bits batched and alone")
  func raggedSeq2seq() throws {
    let golden = try Golden("t5")
    let (model, ids) = (try golden.opened.seq2seq(), try golden.ids())
    let sources = [ids, Array(ids[0..<3]), ids]
    let texts = [[0, 4, 5, 6], [0], Array(ids[5..<25])]
    let encoders = try [model.encode(sources[0]), model.encode(sources[1])]
    let used = [encoders[0], encoders[1], encoders[0]]
    let together = try model.forward(
      zip(texts, used).map { Segment(ids: $0, state: model.makeState($1), wanted: .all) })
    for index in texts.indices {
      let encoder = try model.encode(sources[index])
      let alone = try model.forward([Segment(ids: texts[index], state: model.makeState(encoder), wanted: .all)])
      #expect(together.rows(ofSegment: index).bits == alone.tensor.bits)
    }
  }

  @Test("masked sequences give the same bits batched and alone", arguments: Golden.masked)
  func raggedMasked(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.masked(), try golden.ids())
    let texts = [ids, [ids[0]], Array(ids[2..<19])]
    let together = try model.forward(texts.map { MaskedSequence(ids: $0) })
    for (index, text) in texts.enumerated() {
      #expect(together.rows(ofSegment: index).bits == (try model.forward([MaskedSequence(ids: text)]).tensor.bits))
    }
    let some = try model.forward([MaskedSequence(ids: ids, wanted: .positions([4, 11]))])
    let all = try model.forward([MaskedSequence(ids: ids)])
    #expect(some.tensor.bits == all.tensor.gatherRows([4, 11]).bits)
    #expect(model.logits(some.tensor).bits == model.logits(all.tensor).gatherRows([4, 11]).bits)
  }

  @Test(
    "forks are independent, and truncation leaves no trace", arguments: ["gpt2", "llama", "gemma3", "phi3-long"])
  func forks(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.causal(), try golden.ids())
    let state = model.makeState()
    _ = try model.forward([Segment(ids: Array(ids[0..<10]), state: state, wanted: .none)])
    let fork = state.fork()
    #expect(fork.count == 10)
    let rest = Array(ids[10...])
    _ = try model.forward([Segment(ids: rest.reversed(), state: fork, wanted: .none)])
    let whole = try read(ids, cuts: [], model, model.makeState())
    let after = model.logits(try model.forward([Segment(ids: rest, state: state, wanted: .all)]).tensor).bits
    #expect(Array(whole.suffix(after.count)) == after)
    #expect(fork.count == state.count)
    fork.truncate(to: 4)
    #expect(fork.count == 4)
    let again = model.logits(try model.forward([Segment(ids: Array(ids[4...]), state: fork, wanted: .all)]).tensor).bits
    #expect(Array(whole.suffix(again.count)) == again)
  }

  @Test("kept hidden rows give the same logits later, alone or in a batch")
  func keptRows() throws {
    let golden = try Golden("bert-untied")
    let (model, ids) = (try golden.opened.masked(), try golden.ids())
    let rows = try model.forward([MaskedSequence(ids: ids)])
    let all = model.logits(rows.tensor)
    for row in ids.indices {
      #expect(model.logits(rows.tensor.rows(row..<row + 1)).bits == all.rows(row..<row + 1).bits)
    }
  }
}

/// The number of threads is global to the process, so these tests run serially.
@Suite("The number of threads changes no bit", .serialized)
struct ThreadTests {
  @Test("logits have the same bits with one, two and three threads", arguments: ["gpt2-f16", "bert", "t5-v1.1"])
  func threads(_ name: String) throws {
    Fixtures.kernelLock.lock()
    defer { Fixtures.kernelLock.unlock() }
    let before = ThreadTeam.threadCount
    defer { ThreadTeam.setThreadCount(before) }
    var seen: Set<[UInt32]> = []
    for count in 1...3 {
      ThreadTeam.setThreadCount(count)
      let golden = try Golden(name)
      let ids = try golden.ids()
      switch golden.opened.model {
      case .causal(let model):
        let rows = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)])
        seen.insert(model.logits(rows.tensor).bits)
      case .masked(let model): seen.insert(model.logits(try model.forward([MaskedSequence(ids: ids)]).tensor).bits)
      case .labeling(let model): seen.insert(model.logits(try model.forward([MaskedSequence(ids: ids)]).tensor).bits)
      case .seq2seq(let model):
        let state = model.makeState(try model.encode(ids))
        seen.insert(model.logits(try model.forward([Segment(ids: ids, state: state, wanted: .all)]).tensor).bits)
      }
    }
    #expect(seen.count == 1)
  }
}
