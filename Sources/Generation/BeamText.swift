/// The text of one hypothesis, as far as a search must know it: whether a stop string stands in it.
struct BeamText {
  private var decoder: any TokenTextDecoder
  private var scanner: StopStringScanner
  private var pieces: StopPieces

  /// The text after a context, which the decoder hears first.
  init(decoder: any TokenTextDecoder, stopStrings: [String], context: [Int]) {
    self.decoder = decoder
    scanner = StopStringScanner(stopStrings)
    pieces = StopPieces(stopStrings)
    var before = ""
    for id in context {
      before += self.decoder.append(id)
      _ = pieces.append(decoder.piece(of: id))
    }
    scanner.begin(after: before)
  }

  /// Adds an id.
  /// - Returns: whether a stop string stands in the text now.
  mutating func append(_ id: Int) -> Bool {
    guard !scanner.isEmpty else { return false }
    _ = scanner.append(decoder.append(id))
    return pieces.append(decoder.piece(of: id)) || scanner.isStopped
  }

  /// The text of these ids up to a stop string.
  func whole(_ ids: ArraySlice<Int>) -> String {
    var copy = self
    var text = ""
    for id in ids { text += copy.scanner.append(copy.decoder.append(id)) }
    text += copy.scanner.append(copy.decoder.finish())
    return text + copy.scanner.finish()
  }
}
