/// The visual lines of an edited text, for one width.
///
/// Lines are stored in blocks with relative offsets. An edit rewraps only the lines that it can affect; later blocks
/// only change their offset.
public struct EditorLines: Sendable {
  /// Maximum columns per line.
  public let width: Int
  /// The number of lines, at least one.
  public private(set) var count = 0
  /// Total bytes wrapped so far, over all edits; tests use it to bound the work.
  public private(set) var brokenBytes = 0

  /// Consecutive lines; their ranges are relative to the block's first byte.
  private struct Block: Sendable {
    var lines: [WrappedText.Line]
    /// The length in bytes up to the next block, including the last line's newline.
    var byteCount: Int
  }

  private var blocks: [Block] = []
  private static let blockSize = 256
  /// How many lines before an edit can change: a shortened word can move up by one line; one character can affect two
  /// lines if long words are cut; a combining character can move to the previous line.
  private static let reach = 4

  /// Wraps `text`. A width below 1 counts as 1.
  init(_ text: String, width: Int) {
    self.width = max(1, width)
    var gathered = Gathering(start: 0)
    brokenBytes = EditorLines.breakLines(text, self.width, from: 0, into: &gathered) { _ in true }
    blocks = gathered.finish()
    count = blocks.reduce(0) { $0 + $1.lines.count }
  }

  /// The line at an index; its range is in bytes of the text.
  public subscript(index: Int) -> WrappedText.Line {
    let place = place(ofLine: index)
    return blocks[place.block].lines[place.line].moved(by: place.start)
  }

  /// The line that holds a byte offset; at a break, the later line.
  public func line(at offset: Int) -> Int {
    var start = 0
    var before = 0
    for block in blocks {
      if offset < start + block.byteCount || before + block.lines.count == count {
        return before + WrappedText.line(at: offset - start, in: block.lines)
      }
      start += block.byteCount
      before += block.lines.count
    }
    return 0
  }

  /// Rewraps after the range `old` of the previous text was replaced by `inserted` bytes. `text` is the new text.
  mutating func replace(_ old: Range<Int>, inserted: Int, text: String) {
    let delta = inserted - old.count
    let first = place(ofLine: max(0, line(at: old.lowerBound) - EditorLines.reach))
    let kept = blocks[first.block].lines[..<first.line]
    var gathered = Gathering(start: first.start, lines: Array(kept))
    // Once a new line after the edit starts at the same byte as an old line, all later lines are unchanged.
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

  /// Wraps lines from `start` on while `goesOn` returns true for the start of the next line. Returns the number of
  /// bytes wrapped.
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

  /// The position of a line: its block, the block's first byte, and its index in the block.
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

  /// The first byte of a line; `nil` past the last line.
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

  /// Collects lines into blocks.
  private struct Gathering {
    private var blocks: [Block] = []
    private var lines: [WrappedText.Line]
    private var start: Int
    private var end: Int

    /// Continues after `lines`, whose ranges are relative to `start`.
    init(start: Int, lines: [WrappedText.Line] = []) {
      self.start = start
      self.lines = lines
      end = start
    }

    /// Adds a line of the text; `next` is the start of the line after it.
    mutating func append(_ line: WrappedText.Line, next: Int) {
      if lines.count >= EditorLines.blockSize { close(at: line.range.lowerBound) }
      lines.append(line.moved(by: -start))
      end = next
    }

    /// Adds lines whose ranges are relative to `offset`.
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
  /// The line shifted by a number of bytes.
  fileprivate func moved(by offset: Int) -> WrappedText.Line {
    WrappedText.Line(
      range: (range.lowerBound + offset)..<(range.upperBound + offset), columns: columns, endsParagraph: endsParagraph)
  }
}

extension EditorLines: BrokenLines {}
