import TerminalUI

/// The title in the upper border of a stream's pane: the settings of its text and its progress. If there is little
/// room, it keeps what distinguishes the stream from the others.
struct StreamTitle: Equatable {
  /// What a stream was made with.
  struct Facts: Equatable {
    /// The model and its format.
    var name: String
    /// `old prompt` or a similar mark if prompt or settings have changed; otherwise `nil`.
    var mark: String?
    /// The stages of the chain that act.
    var settings: [String]
    /// The seed, as `seed 7`; nil if the note shows it.
    var seed: String?

    fileprivate var details: [String] { settings + (seed.map { [$0] } ?? []) }
  }

  /// The title, without the stream's letter.
  var text: String
  /// The note at the right.
  var note: String
  /// The mark, where it is a part of the title.
  var mark: String?

  /// A word of the title with its rank: words of higher rank are dropped first, those of rank 0 never.
  private struct Word {
    var text: String
    var rank: Int
    var isName = false
  }

  /// The title of stream `index`. Title and note share `columns`; uses the first note that leaves room for the title.
  init(_ facts: [Facts], index: Int, notes: [String], columns: Int, separator: String, ellipsis: String) {
    let own = facts[index]
    let others = facts.indices.filter { $0 != index }.map { facts[$0] }
    let names = facts.map(\.name)
    let twins = others.filter { $0.name == own.name }
    let isNameTelling = others.isEmpty || twins.count < others.count
    // Keep the seed if no stream of the same name has it too, otherwise the first detail that is unique.
    let isTelling = { (detail: String) in !twins.contains { $0.details.contains(detail) } }
    let telling =
      twins.isEmpty ? nil : own.seed.flatMap { isTelling($0) ? $0 : nil } ?? own.details.first(where: isTelling)
    var words = [Word(text: own.name, rank: isNameTelling ? 0 : 2, isName: true)]
    if let mark = own.mark { words.append(Word(text: mark, rank: 1)) }
    for detail in own.details {
      let isCommon = others.contains { $0.details.contains(detail) }
      // Keep the seed of an outdated text even if others have it too, because the header shows the next seed.
      let isSeed = detail == own.seed && (own.mark != nil || !isCommon)
      words.append(Word(text: detail, rank: detail == telling ? 0 : isSeed ? 1 : isCommon ? 4 : 3))
    }
    let width = { (words: [Word]) in
      words.reduce(0) { $0 + $1.text.columnWidth } + max(0, words.count - 1) * separator.columnWidth
    }
    let least = words.filter { $0.rank == 0 }.map { word in
      var word = word
      if word.isName { word.text = DistinctName.fitted(word.text, among: names, to: 8, mark: ellipsis) }
      return word
    }
    // An outdated text's mark and seed take precedence over the note. What distinguishes the stream takes precedence
    // over all of these.
    let fitting = [own.mark == nil ? least : words.filter { $0.rank <= 1 }, least].lazy.compactMap { words in
      notes.first { $0.columnWidth + width(words) <= columns }
    }
    note = fitting.first ?? notes.last ?? ""
    let room = max(4, columns - note.columnWidth)
    while width(words) > room, words.count > 1, let worst = words.map(\.rank).max(), worst > 0 {
      let last = words.lastIndex { $0.rank == worst } ?? 0
      // Shorten the name before dropping it.
      if words[last].isName {
        let rest = room - (width(words) - words[last].text.columnWidth)
        if rest >= 5 {
          words[last].text = words[last].text.fitted(to: rest, .tail, mark: ellipsis)
          break
        }
      }
      words.remove(at: last)
    }
    if width(words) > room, let name = words.firstIndex(where: \.isName) {
      let rest = room - (width(words) - words[name].text.columnWidth)
      words[name].text = DistinctName.fitted(words[name].text, among: names, to: max(1, rest), mark: ellipsis)
    }
    text = words.map(\.text).joined(separator: separator).fitted(to: room, .tail, mark: ellipsis)
    mark = own.mark.flatMap { mark in words.contains { $0.text == mark } ? mark : nil }
  }
}
