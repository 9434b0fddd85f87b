import Foundation

@testable import PlaygroundApp

extension Probability {
  /// The natural logarithm of a probability.
  static func logarithm(_ probability: Double) -> Double { log(probability) }
}
