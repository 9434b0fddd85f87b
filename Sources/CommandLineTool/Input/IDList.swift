/// A list of token ids as people write one: between commas, spaces or newlines, with or without brackets around all.
enum IDList {
  /// The ids of a text.
  static func parse(_ text: String) throws(CommandError) -> [Int] {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    if text.first == "[", text.last == "]", text.count >= 2 { text = text.dropFirst().dropLast() }
    var ids: [Int] = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let id = Int(part), id >= 0 else { throw .notAnID(String(part)) }
      ids.append(id)
    }
    return ids
  }
}
