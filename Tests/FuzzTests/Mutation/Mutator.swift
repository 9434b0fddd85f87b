import TestSupport

/// Creates inputs by mutating a target's seeds. An input is determined by its number.
struct Mutator {
  private let seeds: [[UInt8]]
  private let words: [[UInt8]]
  private let partCount: Int
  /// The maximum size of an input in bytes.
  static let longest = 1 << 16

  init(_ target: FuzzTarget) throws {
    seeds = try target.seeds()
    words = target.words.map { Array($0.utf8) }
    partCount = target.partCount
    precondition(!seeds.isEmpty, "\(target.name) has no seeds")
  }

  /// The input with this number: a seed with a few mutations in its parts. Parts that are JSON are usually mutated as
  /// JSON, others as bytes.
  func input(_ number: Int) -> [UInt8] {
    var random = SplitMix64(seed: UInt64(number) &* 0x9E37_79B9 &+ 17)
    // The first inputs are the unchanged seeds.
    guard number >= seeds.count else { return seeds[number] }
    var parts = FuzzTarget.parts(seeds[random.below(seeds.count)], partCount)
    for _ in 0...random.below(2) {
      let part = random.below(parts.count)
      switch random.below(4) {
      case 0, 1:
        var mutation = JSONMutation(random: random)
        parts[part] = mutation.changed(parts[part]) ?? changed(parts[part], &random)
        random = mutation.random
      default: parts[part] = changed(parts[part], &random)
      }
    }
    return Array(FuzzTarget.joined(parts).prefix(Self.longest))
  }

  /// Applies a few mutations to bytes.
  private func changed(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(4) { change(&bytes, &random) }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let place = random.below(bytes.count + 1)
    let end = min(bytes.count, place + random.below(24))
    switch random.below(9) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where place < bytes.count: bytes[place] = UInt8(random.below(256))
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count + 1))
    case 4: bytes.insert(contentsOf: (0..<random.below(5)).map { _ in UInt8(random.below(256)) }, at: place)
    case 5: bytes.removeSubrange(place...)
    case 6:
      // Repeat a piece many times: deep nesting, long runs.
      let piece = words.isEmpty ? Array(bytes[place..<end]) : words[random.below(words.count)]
      let room = max(0, Self.longest - bytes.count) / max(1, piece.count)
      let count = min(room, 1 << random.below(13))
      bytes.insert(contentsOf: repeatElement(piece, count: count).joined(), at: place)
    case 7:
      let other = seeds[random.below(seeds.count)]
      let start = random.below(other.count + 1)
      bytes.insert(contentsOf: other[start..<min(other.count, start + random.below(64))], at: place)
    default:
      if !words.isEmpty { bytes.insert(contentsOf: words[random.below(words.count)], at: place) }
    }
  }
}

extension SplitMix64 {
  /// A random number in `0..<limit`.
  mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() % UInt64(limit)) }
}
