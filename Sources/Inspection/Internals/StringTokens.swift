/// A string as tokens: every sequence of tokens whose text begins with it, up to the token that completes it.
///
/// The probability that a text goes on with the string is the sum over all these sequences. They exclude one another,
/// so the sum lacks only sequences with a prefix below ``least``, and those after the maximum number of passes.
public struct StringTokens: Sendable {
  /// A sequence that is less probable is left out.
  public static let least = 1e-9
  /// The largest number of passes for one string.
  private static let mostPasses = 512

  /// A spelling of the string. Both arrays are indexed by the number of bytes matched so far: the ids that complete the
  /// string, and the ids that match more of it, each with its number of bytes.
  fileprivate struct Form: Sendable {
    var whole: [[Int]]
    var partial: [[(id: Int, count: Int)]]
  }

  private let forms: [Form]

  /// The tokens of a string. One that begins with a letter or a digit counts with a space before it too.
  /// - Parameter vocabulary: the bytes of each token; empty for special tokens, which write no text.
  public init(_ string: String, vocabulary: [[UInt8]]) {
    let isWord = string.first.map { $0.isLetter || $0.isNumber } ?? false
    forms = ([string] + (isWord ? [" " + string] : [])).map { Form(Array($0.utf8), vocabulary) }
  }

  /// Adds up the sequences.
  ///
  /// - Parameters:
  ///   - isSingle: whether only single tokens count, because the model does not go on with a text.
  ///   - rows: the distributions after some more ids of the string, one for each layer.
  /// - Returns: the probability by layer, and the number of sequences.
  public func probabilities<Failure: Error>(
    isSingle: Bool = false, rows: (_ more: [Int]) throws(Failure) -> [ProbabilityRow]
  ) throws(Failure) -> (sums: [Double], count: Int) {
    let start = try rows([])
    var sums = [Double](repeating: 0, count: start.count)
    var (count, passes) = (0, 0)
    for form in forms {
      // The sequences to follow: their ids, the bytes that they write, and their probability by layer.
      var open: [(ids: [Int], done: Int, weights: [Double])] = [([], 0, start.map { _ in 1 })]
      while let path = open.popLast() {
        guard passes < Self.mostPasses else { break }
        let found = path.ids.isEmpty ? start : try rows(path.ids)
        passes += path.ids.isEmpty ? 0 : 1
        for id in form.whole[path.done] {
          count += 1
          for layer in sums.indices { sums[layer] += path.weights[layer] * found[layer].probability(of: id) }
        }
        guard !isSingle else { continue }
        for part in form.partial[path.done] {
          let weights = path.weights.indices.map { path.weights[$0] * found[$0].probability(of: part.id) }
          guard weights.contains(where: { $0 >= Self.least }) else { continue }
          open.append((path.ids + [part.id], path.done + part.count, weights))
        }
      }
    }
    return (sums, count)
  }
}

extension StringTokens.Form {
  init(_ bytes: [UInt8], _ vocabulary: [[UInt8]]) {
    whole = bytes.map { _ in [] }
    partial = bytes.map { _ in [] }
    for (id, token) in vocabulary.enumerated() where !token.isEmpty {
      for done in bytes.indices where token[0] == bytes[done] {
        let rest = bytes[done...]
        if token.starts(with: rest) {
          whole[done].append(id)
        } else if rest.starts(with: token) {
          partial[done].append((id, token.count))
        }
      }
    }
  }
}
