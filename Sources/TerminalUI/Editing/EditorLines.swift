/// The lines of a text that is being edited, for one width.
///
/// They lie in blocks with offsets of their own, so that an edit breaks again only the lines that it can change, and
/// moves the blocks after them without touching them.
public struct EditorLines: Sendable {
  /// The columns that a line may have.
  public let width: Int
  /// The number of lines, at least one.
  public private(set) var count = 0
  /// How many bytes were broken into lines so far, over all edits: a measure of the work.
  public private(set) var brokenBytes = 0

  /// Some lines one after the other; their ranges count from the block's first byte.
  private struct Block: Sendable {
    var lines: [WrappedText.Line]
    /// The bytes up to the next block's first line, the newline of the last line included.
    var byteCount: Int
  }

  private var blocks: [Block] = []
  private static let blockSize = 256
  /// How many lines before an edit can change. A word that becomes shorter moves up by one; where the width cuts words,
  /// one character can break two lines; a character that is joined by others may stand on the line before.
  private static let reach = 4

  /// The lines of `text`; a width below 1 counts as 1.
  init(_ text: String, width: Int) {
    self.width = max(1, width)
    var gathered = Gathering(start: 0)
    brokenBytes = EditorLines.breakLines(text, self.width, from: 0, into: &gathered) { _ in true }
    blocks = gathered.finish()
    count = blocks.reduce(0) { $0 + $1.lines.count }
  }

  /// The line of an index, with its bytes in the text.
  public subscript(index: Int) -> WrappedText.Line {
    let place = place(ofLine: index)
    return blocks[place.block].lines[place.line].moved(by: place.start)
  }

  /// The line that holds a byte offset: at a break the later line.
  public func line(at offset: Int) -> Int {
    var start = 0
    var before = 0
    for block in blocks {
      if offset < start + block.byteCount || before + block.lines.count == count {
        return before + EditorLines.line(at: offset - start, in: block.lines)
      }
      start += block.byteCount
      before += block.lines.count
    }
    return 0
  }

  /// Breaks lines again after `old`, a range of the text before, was replaced by `inserted` bytes; `text` is the text
  /// now.
  mutating func replace(_ old: Range<Int>, inserted: Int, text: String) {
    let delta = inserted - old.count
    let first = place(ofLine: max(0, line(at: old.lowerBound) - EditorLines.reach))
    let kept = blocks[first.block].lines[..<first.line]
    var gathered = Gathering(start: first.start, lines: Array(kept))
    // Where a new line begins behind the edit at the same byte as an old one, all that follows is as it was.
    var walker = first
    var isJoined = false
    let start = first.start + blocks[first.block].lines[first.line].range.lowerBound
    brokenBytes += EditorLines.breakLines(text, width, from: start, into: &gathered) { next in
      guard next >= old.lowerBound + inserted else { return true }
      while let at = offset(walker), at < next - delta { advance(&walker) }
      guard offset(walker) == next - delta, next - delta >= old.upperBound else { return true }
      isJoined = true
      return false
    }
    var replaced = first.block..<blocks.count
    if isJoined {
      let rest = blocks[walker.block].lines[walker.line...]
      gathered.append(rest, movedBy: walker.start + delta, next: walker.start + blocks[walker.block].byteCount + delta)
      replaced = first.block..<(walker.block + 1)
    }
    let fresh = gathered.finish()
    count += fresh.reduce(0) { $0 + $1.lines.count } - blocks[replaced].reduce(0) { $0 + $1.lines.count }
    blocks.replaceSubrange(replaced, with: fresh)
  }

  /// Breaks lines from a line's start on as long as `goesOn` says so of the next line's start; how many bytes that were.
  private static func breakLines(
    _ text: String, _ width: Int, from start: Int, into gathered: inout Gathering, goesOn: (Int) -> Bool
  ) -> Int {
    var last = start
    LineBreaker(width: width).forEachLine(of: text, from: start) { line, next in
      gathered.append(line, next: next)
      last = next
      return next > text.utf8.count || goesOn(next)
    }
    return min(last, text.utf8.count) - start
  }

  // MARK: Places

  /// A line: its block, the block's first byte, and its index there.
  private struct Place {
    var block: Int
    var start: Int
    var line: Int
  }

  private func place(ofLine index: Int) -> Place {
    var place = Place(block: 0, start: 0, line: min(max(index, 0), count - 1))
    while place.line >= blocks[place.block].lines.count {
      place.line -= blocks[place.block].lines.count
      place.start += blocks[place.block].byteCount
      place.block += 1
    }
    return place
  }

  /// The byte where a line begins; `nil` behind the last one.
  private func offset(_ place: Place) -> Int? {
    guard place.block < blocks.count else { return nil }
    return place.start + blocks[place.block].lines[place.line].range.lowerBound
  }

  private func advance(_ place: inout Place) {
    place.line += 1
    guard place.line == blocks[place.block].lines.count else { return }
    place.start += blocks[place.block].byteCount
    place.block += 1
    place.line = 0
  }

  private static func line(at offset: Int, in lines: [WrappedText.Line]) -> Int {
    var low = 0
    var high = lines.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lines[middle].range.lowerBound <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Lines on their way into blocks.
  private struct Gathering {
    private var blocks: [Block] = []
    private var lines: [WrappedText.Line]
    private var start: Int
    private var end: Int

    /// Goes on behind `lines`, which count from `start`.
    init(start: Int, lines: [WrappedText.Line] = []) {
      self.start = start
      self.lines = lines
      end = start
    }

    /// Adds a line of the text, and says where the next one begins.
    mutating func append(_ line: WrappedText.Line, next: Int) {
      if lines.count >= EditorLines.blockSize { close(at: line.range.lowerBound) }
      lines.append(line.moved(by: -start))
      end = next
    }

    /// Adds lines that count from `offset`.
    mutating func append(_ rest: ArraySlice<WrappedText.Line>, movedBy offset: Int, next: Int) {
      for line in rest { append(line.moved(by: offset), next: next) }
    }

    mutating func finish() -> [Block] {
      if !lines.isEmpty { close(at: end) }
      return blocks
    }

    private mutating func close(at next: Int) {
      blocks.append(Block(lines: lines, byteCount: next - start))
      lines = []
      start = next
    }
  }
}

extension WrappedText.Line {
  /// The same line that many bytes further on.
  fileprivate func moved(by offset: Int) -> WrappedText.Line {
    WrappedText.Line(
      range: (range.lowerBound + offset)..<(range.upperBound + offset), columns: columns, endsParagraph: endsParagraph)
  }
}
