import Testing

@testable import TerminalUI

@Suite("Numbers on the screen")
struct NumberTextTests {
  @Test func whatIsNotFiniteIsInf() {
    #expect(
      [1.75, .infinity, -.infinity, .nan].map { NumberText.finite($0, decimals: 1) } == ["1.8", "inf", "inf", "inf"])
  }

  @Test func onlyOneThingIsSingular() {
    let counts = [0, 1, 2, 8192].map { NumberText.counted($0, "token") }
    #expect(counts == ["0 tokens", "1 token", "2 tokens", "8,192 tokens"])
  }

  @Test("Percentages align on the decimal point")
  func percent() {
    let cases: [(Double, String)] = [
      (0.21314, " 21.31 %"), (1, "100.00 %"), (0, "  0.00 %"), (0.0721, "  7.21 %"), (0.00004, " <0.01 %"),
      (0.00005, "  0.01 %"), (1e-300, " <0.01 %"), (0.99999, ">99.99 %"), (.nan, "       -"), (-1, "  0.00 %"),
      (7, "100.00 %"),
    ]
    for (value, text) in cases {
      #expect(NumberText.percent(value) == text)
      #expect(NumberText.percent(value).count == NumberText.percentWidth)
    }
    #expect(NumberText.wholePercent(0.455) == " 46 %")
    #expect(NumberText.wholePercent(1) == "100 %")
  }

  @Test("Log probabilities have two decimals and align")
  func logProbability() {
    let cases: [(Double, String)] = [
      (-1.5463, "  -1.55"), (0, "   0.00"), (-0.001, "   0.00"), (-123.456, "-123.46"), (-.infinity, "   -inf"),
      (.nan, "      -"),
    ]
    for (value, text) in cases { #expect(NumberText.logProbability(value) == text) }
  }

  @Test("Large numbers are grouped, or shortened with a unit")
  func large() {
    #expect(NumberText.grouped(0) == "0")
    #expect(NumberText.grouped(999) == "999")
    #expect(NumberText.grouped(8_192) == "8,192")
    #expect(NumberText.grouped(-1_234_567) == "-1,234,567")
    #expect(NumberText.grouped(.min) == "-9,223,372,036,854,775,808")
    #expect(NumberText.compact(812) == "812")
    #expect(NumberText.compact(8_192) == "8,192")
    #expect(NumberText.compact(12_345) == "12.3 k")
    #expect(NumberText.compact(999_999) == "1.0 M")
    #expect(NumberText.compact(21_300_000) == "21.3 M")
    #expect(NumberText.bytes(84_200_000) == "84.2 MB")
    #expect(NumberText.bytes(50_000) == "50.0 kB")
    #expect(NumberText.bytes(12) == "12 B")
  }

  @Test("Rates and decimals are rounded half away from zero")
  func plain() {
    #expect(NumberText.rate(812.3) == "812/s")
    #expect(NumberText.rate(1_604) == "1,604/s")
    #expect(NumberText.rate(3.14) == "3.1/s")
    #expect(NumberText.rate(.infinity) == "-/s")
    #expect(NumberText.fixed(5.306, decimals: 2) == "5.31")
    #expect(NumberText.fixed(-0.004, decimals: 2) == "0.00")
    #expect(NumberText.fixed(2.5, decimals: 0) == "3")
    #expect(NumberText.fixed(1e300, decimals: 9) == "900000000.000000000")
    #expect(NumberText.fixed(-.infinity, decimals: 2) == "-inf")
  }
}
