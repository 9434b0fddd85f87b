/// From a token's numbers to its place on a heat scale: 0 what the model was sure of, 1 what surprised it most.
///
/// The scale has four steps with round bounds, which a legend can name; within a step the place grows evenly. The first
/// steps are short, so that warmth is left for real surprises.
public enum HeatPlace {
  /// Where the steps begin and the last one ends, of 255.
  private static let ends: [UInt8] = [0, 40, 104, 176, 255]

  /// The place of a probability: 50 %, 10 % and 1 % end the steps. Not a number is the most surprising.
  public static func probability(_ value: Double) -> Double {
    value.isNaN ? 1 : place(-value, among: [-1, -0.5, -0.1, -0.01, 0])
  }

  /// The place of a rank, counted from 1: the first is expected; ranks 5 and 50 end the next two steps.
  public static func rank(_ rank: Int) -> Double {
    rank <= 1 ? 0 : place(Double(rank - 1), among: [0, 0.99, 4.99, 49.99, 1000])
  }

  /// The place of a surprise in bits: 1, 3 and 7 end the steps.
  public static func surprise(_ bits: Double) -> Double { bits.isNaN ? 1 : place(bits, among: [0, 1, 3, 7, 14]) }

  /// The step of a place on the scale of 256: 0 to 3.
  public static func step(_ place: UInt8) -> Int { ends[1...3].count { place >= $0 } }

  /// The step of a place, 0 to 1.
  public static func step(_ fraction: Double) -> Int {
    step(fraction > 0 ? UInt8((min(fraction, 1) * 255).rounded()) : 0)
  }

  /// The place within a step, from 0 (where it begins) to 1 (where it ends).
  public static func place(in step: Int, _ share: Double) -> Double {
    // The last place before the next step, so that rounding to 256 places never crosses a bound.
    let (low, high) = (Double(ends[step]), Double(ends[step + 1]) - (step < 3 ? 1 : 0))
    return (low + (high - low) * share) / 255
  }

  private static func place(_ value: Double, among bounds: [Double]) -> Double {
    for step in 0..<4 where value < bounds[step + 1] {
      let share = (value - bounds[step]) / (bounds[step + 1] - bounds[step])
      return place(in: step, min(max(share, 0), 1))
    }
    return 1
  }
}
