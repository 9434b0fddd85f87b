import Checkpoints
import Foundation
import Models
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Masks and gradients with dropout equal those of PyTorch with the same masks (see `make_dropout_fixtures.py`).
@Suite("Dropout")
struct DropoutTests {
  /// The key of step 3 of a run with seed 7, as a run makes it.
  private static let key = RandomKey(seed: 7).with(6).with(3)

  @Test(
    "gradients are within 1e-4 of those of transformers' class with the same masks",
    arguments: FamilyGradientTests.names)
  func gradients(_ name: String) throws {
    let file = try SafetensorsFile(path: Fixtures.path("dropout/\(name).safetensors"))
    let found = try GradientReference(name).gradients(cut: false, dropout: (Self.key, Self.probabilities(file)))
    var expected: [String: [Float]] = [:]
    for name in file.names where name.hasPrefix("gradient.") {
      expected[String(name.dropFirst("gradient.".count))] = try #require(file[name]).tensor().scalars
    }
    #expect(Set(found.keys) == Set(expected.keys))
    let largest = expected.values.joined().map(abs).max() ?? 0
    for (name, gradient) in found {
      let wanted = try #require(expected[name])
      let every = stride(from: 0, to: gradient.count, by: 7).map { gradient.scalars[$0] }
      #expect(every.count == wanted.count)
      let size = max(gradient.scalars.map(abs).max() ?? 0, largest / 100)
      let difference = zip(every, wanted).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-4 * size, "\(name) differs by \(difference) of \(size)")
    }
  }

  private static func probabilities(_ file: SafetensorsFile) throws -> [String: Double] {
    var found: [String: Double] = [:]
    for name in file.names where name.hasPrefix("probability.") {
      found[String(name.dropFirst("probability.".count))] = Double(try #require(file[name]).tensor().scalars[0])
    }
    return found
  }

  @Test(
    "gradients of a batch have the same bits as those of its texts one after the other",
    arguments: ["gpt2", "bert", "t5", "bart", "modernbert", "llama"])
  func cutting(_ name: String) throws {
    let file = try SafetensorsFile(path: Fixtures.path("dropout/\(name).safetensors"))
    let dropout = (Self.key, try Self.probabilities(file))
    let reference = try GradientReference(name)
    let whole = try reference.gradients(cut: false, dropout: dropout)
    #expect(try whole == reference.gradients(cut: true, dropout: dropout))
    // Other steps have other masks, and none without dropout.
    #expect(try whole != reference.gradients(cut: false, dropout: (RandomKey(seed: 7).with(6).with(4), dropout.1)))
    #expect(try whole != reference.gradients(cut: false))
  }

  @Test("a probability of 0 leaves every bit")
  func zero() throws {
    let reference = try GradientReference("gpt2")
    let zeros = Dictionary(uniqueKeysWithValues: ["embd_pdrop", "attn_pdrop", "resid_pdrop"].map { ($0, 0.0) })
    #expect(try reference.gradients(cut: false, dropout: (Self.key, zeros)) == reference.gradients(cut: false))
  }

  @Test(
    "the share of dropped elements is the probability, and those kept are divided by the rest", arguments: [0.1, 0.5])
  func share(_ probability: Double) {
    let (rows, width) = (64, 1000)
    let mask = DropoutMask(keys: (0..<rows).map { Self.key.with(UInt64($0)) }, probability: probability)
    let factors = (0..<rows).map { mask.factors(key: $0, count: width) }
    #expect(Set(factors.joined()) == [0, Float(1 / (1 - probability))])
    let dropped = factors.joined().count { $0 == 0 }
    // Five standard deviations of the binomial distribution.
    let spread = 5 * (Double(rows * width) * probability * (1 - probability)).squareRoot()
    #expect(abs(Double(dropped) - Double(rows * width) * probability) < spread)
    // Neither rows nor columns repeat each other.
    #expect(Set(factors).count == rows)
    #expect(Set((0..<100).map { column in factors.map { $0[column] } }).count == 100)
  }

  @Test("a probability that is not one is an error with its key")
  func badProbability() throws {
    for value in [1.0, -0.1] {
      let error = #expect(throws: ModelError.self) {
        try GradientReference("gpt2").gradients(cut: false, dropout: (Self.key, ["attn_pdrop": value]))
      }
      guard case .invalidConfiguration(_, let key, _, _) = error else {
        Issue.record("another error")
        continue
      }
      #expect(key == "attn_pdrop")
    }
  }
}
