import Models
import Tensors

extension TokenStream {
  /// Takes each stream one step further: one forward pass reads what each of them has to read, and those that have
  /// read everything draw a token.
  ///
  /// - Parameter streams: streams of one model, each at most once; finished ones are passed over.
  /// - Returns: what each stream has to tell, in the order of the streams.
  /// - Throws: ``GenerationError/model(_:)``; nothing has changed then.
  public static func step(_ streams: [TokenStream]) throws(GenerationError) -> [[StreamEvent]] {
    var events = streams.map { stream in
      stream.end.map { stream.isFinished ? [] : [stream.finish($0)] } ?? []
    }
    guard let model = streams.first?.sequence.model else { return events }
    let reading = streams.indices.filter { !streams[$0].unread.isEmpty }
    if !reading.isEmpty {
      var news: [[Int]] = []
      for index in reading { news.append(try streams[index].nextReading()) }
      let rows = try model.read(zip(reading, news).map { streams[$0].sequence.segment(reading: $1) })
      for (place, index) in reading.enumerated() {
        let stream = streams[index]
        stream.sequence.note(news[place], rows: rows.rows(ofSegment: place))
        if stream.tokens.isEmpty {
          let done = min(stream.sequence.ids.count, stream.startCount)
          events[index].append(.prompt(done: done, total: stream.startCount))
        }
      }
    }
    let ready = streams.indices.filter { streams[$0].isReady }
    guard !ready.isEmpty else { return events }
    let places = ready.map { streams[$0].drawingPositions }
    let rows = zip(ready, places).flatMap { index, places in places.map { streams[index].sequence.hiddenRow(at: $0) } }
    let logits = model.logits(Tensor.stackingRows(rows))
    var first = 0
    for (index, places) in zip(ready, places) {
      events[index] += streams[index].take { logits.row(first + $0) }
      first += places.count
    }
    return events
  }

  /// Runs streams of one model to their ends, or until it is cancelled.
  /// - Returns: all that each stream told.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public static func run(
    _ streams: [TokenStream], _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [[StreamEvent]] {
    var events = streams.map { _ in [StreamEvent]() }
    while streams.contains(where: { !$0.isFinished }) {
      try cancellation.check()
      for (index, new) in try step(streams).enumerated() { events[index] += new }
    }
    return events
  }
}
