import TestSupport
import Testing

@testable import Tokenizers

@Suite("UTF8Repair equals the standard library's repair")
struct UTF8RepairTests {
  @Test("random bytes are repaired as by String(decoding:as:), and every prefix of the output is valid")
  func randomBytes() {
    var random = SplitMix64(seed: 41)
    let interesting: [UInt8] = [
      0x41, 0x80, 0xBF, 0xC0, 0xC2, 0xC3, 0xA9, 0xE0, 0xA0, 0xE2, 0x82, 0xAC, 0xED, 0x9F, 0xF0, 0x90, 0x9F, 0x98, 0xF4,
      0x8F,
      0xF5, 0xFF,
    ]
    for _ in 0..<20_000 {
      let bytes = (0..<Int(random.next() % 12)).map { _ in interesting[Int(random.next() % UInt64(interesting.count))] }
      var repair = UTF8Repair()
      var output: [UInt8] = []
      for byte in bytes {
        repair.append(byte, to: &output)
        #expect(String(validating: output, as: UTF8.self) != nil)
      }
      repair.finish(&output)
      #expect(output.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8))
    }
  }
}
