/// The four Unicode normalization forms (UAX #15), with alignment.
///
/// The reference's tables are those of Unicode 9: characters that are younger neither decompose nor combine.
struct UnicodeNormalizer: Normalizer {
  enum Form: String {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
  }

  let form: Form

  func normalize(_ text: inout AlignedText) {
    guard !isUnchanged(text.bytes) else { return }
    var tables = DecompositionTables(compatible: form == .nfkc || form == .nfkd)
    var changes = decompose(text.bytes, &tables)
    if form == .nfc || form == .nfkc { changes = compose(changes, tables) }
    text.transform(changes)
  }

  /// Whether no character can change: ASCII always, and for NFC everything below the first combining mark.
  private func isUnchanged(_ bytes: [UInt8]) -> Bool {
    let limit: UInt8 = form == .nfc ? 0xCC : 0x80
    return bytes.allSatisfy { $0 < limit }
  }

  private func decompose(_ bytes: [UInt8], _ tables: inout DecompositionTables) -> [CharacterChange] {
    var changes: [CharacterChange] = []
    changes.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { text in
      var index = 0
      // The marks since here await their order.
      var pending = 0
      while index < text.count {
        let (code, length) = text.scalar(at: index)
        index += length
        if code < 0x80 {
          tables.order(&changes[pending...])
          changes.append(CharacterChange(code: code, change: 0))
          pending = changes.count
          continue
        }
        for (number, part) in tables.decomposition(code).enumerated() {
          if tables.combiningClass(part) == 0 {
            tables.order(&changes[pending...])
            changes.append(CharacterChange(code: part, change: number == 0 ? 0 : 1))
            pending = changes.count
          } else {
            changes.append(CharacterChange(code: part, change: number == 0 ? 0 : 1))
          }
        }
      }
      tables.order(&changes[pending...])
    }
    return changes
  }

  /// Joins each starter with the marks and starters after it that are not blocked.
  private func compose(_ parts: [CharacterChange], _ tables: DecompositionTables) -> [CharacterChange] {
    var result: [CharacterChange] = []
    result.reserveCapacity(parts.count)
    // The index in `result` of the starter that takes marks, and the class of the last mark left after it.
    var starter: Int?
    var lastClass: UInt8 = 0
    for part in parts {
      let combiningClass = tables.combiningClass(part.code)
      if let index = starter, lastClass == 0 || lastClass < combiningClass,
        let joined = CompositionTable.composition(result[index].code, part.code)
      {
        result[index] = CharacterChange(code: joined, change: result[index].change + part.change - 1)
        continue
      }
      if combiningClass == 0 {
        starter = result.count
        lastClass = 0
      } else if starter != nil {
        lastClass = combiningClass
      }
      result.append(part)
    }
    return result
  }
}
