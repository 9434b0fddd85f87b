import TerminalUI

/// The words in the upper edge of a stream's pane: what its text was made with, and how far it is. Where there is little
/// room, what tells it from the other streams stays.
struct StreamTitle: Equatable {
  /// What a stream was made with.
  struct Facts: Equatable {
    /// The model and its format.
    var name: String
    /// `old prompt`, where the text is not what would be made now.
    var mark: String?
    /// The stages of the chain that act.
    var settings: [String]
    /// `seed 7`; nil where the note says it.
    var seed: String?

    fileprivate var details: [String] { settings + (seed.map { [$0] } ?? []) }
  }

  /// The title, without the stream's letter.
  var text: String
  /// The note at the right.
  var note: String
  /// The mark, where it is a part of the title.
  var mark: String?

  /// A word of the title, and what it is worth: 0 stays.
  private struct Word {
    var text: String
    var rank: Int
    var isName = false
  }

  /// The title of stream `index` in so many columns for title and note; of the notes, the first that leaves room.
  init(_ facts: [Facts], index: Int, notes: [String], columns: Int, separator: String, ellipsis: String) {
    let own = facts[index]
    let others = facts.indices.filter { $0 != index }.map { facts[$0] }
    let names = facts.map(\.name)
    let twins = others.filter { $0.name == own.name }
    let isNameTelling = others.isEmpty || twins.count < others.count
    // The first detail that no stream of the same name shares.
    let telling = twins.isEmpty ? nil : own.details.first { detail in !twins.contains { $0.details.contains(detail) } }
    var words = [Word(text: own.name, rank: isNameTelling ? 0 : 2, isName: true)]
    if let mark = own.mark { words.append(Word(text: mark, rank: 1)) }
    for detail in own.details {
      let isCommon = others.contains { $0.details.contains(detail) }
      words.append(Word(text: detail, rank: detail == telling ? 0 : isCommon ? 4 : 3))
    }
    let width = { (words: [Word]) in
      words.reduce(0) { $0 + $1.text.columnWidth } + max(0, words.count - 1) * separator.columnWidth
    }
    let least = words.filter { $0.rank == 0 }.map { word in
      var word = word
      if word.isName { word.text = DistinctName.fitted(word.text, among: names, to: 8, mark: ellipsis) }
      return word
    }
    note = notes.first { $0.columnWidth + width(least) <= columns } ?? notes.last ?? ""
    let room = max(4, columns - note.columnWidth)
    while width(words) > room, words.count > 1, let worst = words.map(\.rank).max(), worst > 0 {
      let last = words.lastIndex { $0.rank == worst } ?? 0
      // A name is shortened before it goes.
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
    mark = own.mark.flatMap { mark in words.contains { $0.rank == 1 } ? mark : nil }
  }
}
