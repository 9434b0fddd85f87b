import Sampling
import Testing

@Suite struct SeededGeneratorTests {
  /// The formulas in the doc comment of `SeededGenerator`, implemented again with full-width products.
  private func word(seed: UInt64, sequence: UInt64, n: UInt64) -> UInt64 {
    let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15
    func product(_ a: UInt64, _ b: UInt64) -> UInt64 { a.multipliedFullWidth(by: b).low }
    func mix(_ z: UInt64) -> UInt64 {
      let a = product(z ^ (z >> 30), 0xBF58_476D_1CE4_E5B9)
      let b = product(a ^ (a >> 27), 0x94D0_49BB_1331_11EB)
      return b ^ (b >> 31)
    }
    let key = mix(mix(seed &+ gamma) &+ product(sequence + 1, gamma))
    return mix(key &+ product(n + 1, gamma))
  }

  @Test func wordsFollowTheSpecification() {
    for seed in [0, 1, 7, UInt64.max] {
      for sequence in [0, 1, 5] {
        var generator = SeededGenerator(seed: seed, sequence: sequence)
        for n in 0..<20 {
          let expected = word(seed: seed, sequence: UInt64(sequence), n: UInt64(n))
          #expect(generator.word(at: n) == expected)
          #expect(generator.next() == expected)
        }
      }
    }
  }

  @Test func coinsAreInTheirIntervalAndDependOnlyOnTheIndex() {
    var generator = SeededGenerator(seed: 42, sequence: 3)
    for n in 0..<10_000 {
      let coin = generator.nextCoin()
      #expect(coin >= 0 && coin < 1)
      #expect(coin == SeededGenerator(seed: 42, sequence: 3).coin(at: n))
    }
    #expect(SeededGenerator(seed: 42, sequence: 4).coin(at: 0) != SeededGenerator(seed: 42, sequence: 3).coin(at: 0))
  }

  @Test func coinsAreUniform() {
    // Chi-square over 64 cells, 63 degrees of freedom: the 0.1 % critical value is 103.4.
    var cells = [Double](repeating: 0, count: 64)
    let generator = SeededGenerator(seed: 2024)
    let draws = 64_000
    for n in 0..<draws { cells[Int(generator.coin(at: n) * 64)] += 1 }
    let expected = Double(draws) / 64
    let chiSquare = cells.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    #expect(chiSquare < 103.4)
  }
}
