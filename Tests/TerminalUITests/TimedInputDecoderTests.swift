import Testing

@testable import TerminalUI

/// The timeout that distinguishes a lone Escape from the start of a sequence, with simulated time.
@Suite struct TimedInputDecoderTests {
  private func keys(_ names: String...) -> [InputEvent] { names.compactMap { KeyStroke($0).map(InputEvent.key) } }

  @Test(arguments: [0, 0.03, 0.09])
  func aSequenceInPartsIsOneKey(gap: Double) {
    var decoder = TimedInputDecoder()
    #expect(decoder.feed([0x1B], at: 5).isEmpty)
    #expect(decoder.expire(at: 5 + gap).isEmpty)
    #expect(decoder.feed(Array("[C".utf8), at: 5 + gap) == keys("right"))
    #expect(decoder.deadline == nil)
  }

  @Test func eachPartRestartsTheTimeout() {
    var decoder = TimedInputDecoder()
    #expect(decoder.feed([0x1B], at: 0).isEmpty)
    #expect(decoder.feed([0x5B], at: 0.08).isEmpty)
    #expect(decoder.expire(at: 0.15).isEmpty)
    #expect(decoder.feed([0x41], at: 0.16) == keys("up"))
  }

  @Test func aLoneEscapeIsAKeyAfterTheTimeout() {
    var decoder = TimedInputDecoder()
    #expect(decoder.feed([0x1B], at: 2).isEmpty)
    #expect(decoder.deadline == 2 + TimedInputDecoder.standardPatience)
    #expect(decoder.expire(at: 2.05).isEmpty)
    #expect(decoder.expire(at: 2.1) == keys("esc"))
    #expect(decoder.expire(at: 3).isEmpty && decoder.deadline == nil)
    #expect(decoder.feed(Array("[C".utf8), at: 3) == keys("[", "C"))
  }

  @Test func bytesReadBeforeALateTimerJoinTheSequence() {
    var decoder = TimedInputDecoder()
    _ = decoder.feed([0x1B], at: 0)
    #expect(decoder.feed(Array("[C".utf8), at: 9) == keys("right"))
  }

  @Test func ordinaryKeysAreNotDelayed() {
    var decoder = TimedInputDecoder()
    #expect(decoder.feed(Array("a\u{1B}[B".utf8), at: 0) == keys("a", "down"))
    #expect(decoder.deadline == nil)
  }
}
