/// A change of a text: at an offset, one text took the place of another. It can be undone and redone.
public struct TextEdit: Hashable, Sendable {
  /// The offset of the change in UTF-8 bytes.
  public var offset: Int
  /// The replaced text.
  public var removed: String
  /// The text that replaces it.
  public var inserted: String
  /// The cursor before the change, in UTF-8 bytes.
  public var cursorBefore: Int
  /// The cursor after the change.
  public var cursorAfter: Int

  /// A change of these values.
  public init(offset: Int, removed: String, inserted: String, cursorBefore: Int, cursorAfter: Int) {
    self.offset = offset
    self.removed = removed
    self.inserted = inserted
    self.cursorBefore = cursorBefore
    self.cursorAfter = cursorAfter
  }

  /// The total bytes of both texts.
  public var byteCount: Int { removed.utf8.count + inserted.utf8.count }

  /// The change that undoes this one.
  public var inverse: TextEdit {
    TextEdit(
      offset: offset, removed: inserted, inserted: removed, cursorBefore: cursorAfter, cursorAfter: cursorBefore)
  }

  /// The text after the change; `nil` if the replaced text is not at the offset.
  public func applied(to text: String) -> String? {
    var (old, removed) = (text, removed)
    let fits = old.withUTF8 { old in
      removed.withUTF8 { removed in
        offset >= 0 && offset <= old.count - removed.count
          && old[offset..<(offset + removed.count)].elementsEqual(removed)
      }
    }
    guard fits else { return nil }
    let changed = old.replacing(bytes: offset..<(offset + removed.utf8.count), with: inserted)
    // An edit from a damaged file may insert half a character, which would change the bytes next to it.
    return changed.utf8.count == old.utf8.count - removed.utf8.count + inserted.utf8.count ? changed : nil
  }

  /// The same change without the bytes that both texts begin and end with, as far as these are whole Unicode scalars.
  var trimmed: TextEdit {
    guard !removed.isEmpty, !inserted.isEmpty else { return self }
    var (old, new) = (removed, inserted)
    let (start, end) = old.withUTF8 { old in
      new.withUTF8 { new in
        let most = min(old.count, new.count)
        var start = 0
        while start < most, old[start] == new[start] { start += 1 }
        // Go back to the start of a scalar in both texts.
        while start > 0, old.isContinuation(start) || new.isContinuation(start) { start -= 1 }
        var end = 0
        while end < most - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        while end > 0, old.isContinuation(old.count - end) { end -= 1 }
        return (start, end)
      }
    }
    var edit = self
    edit.offset += start
    edit.removed = String(decoding: removed.utf8.dropFirst(start).dropLast(end), as: UTF8.self)
    edit.inserted = String(decoding: inserted.utf8.dropFirst(start).dropLast(end), as: UTF8.self)
    return edit
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the byte at an index continues a Unicode scalar.
  fileprivate func isContinuation(_ index: Int) -> Bool { index < count && self[index] & 0xC0 == 0x80 }
}

/// A change that an editor reports to the keeper of its text's history.
public struct TextChange: Hashable, Sendable {
  /// The change.
  public var edit: TextEdit
  /// Whether it includes the change before it, which it replaces: consecutive typing is one step of undoing.
  public var includesLast: Bool

  /// Creates a change: a separate one, or one that replaces the last.
  public init(edit: TextEdit, includesLast: Bool = false) {
    self.edit = edit
    self.includesLast = includesLast
  }
}

extension String {
  /// The text with a byte range replaced, in new storage of exactly its size.
  ///
  /// When the storage is shared, `replaceSubrange` reserves the old capacity and gets slightly more. The capacity of a
  /// text that is repeatedly edited and kept would grow with each edit.
  func replacing(bytes range: Range<Int>, with inserted: String) -> String {
    var (text, inserted) = (self, inserted)
    return text.withUTF8 { old in
      inserted.withUTF8 { new in
        let parts = [old[..<range.lowerBound], new[...], old[range.upperBound...]]
        return String(unsafeUninitializedCapacity: old.count - range.count + new.count) { buffer in
          parts.reduce(0) { buffer[$0...].update(fromContentsOf: $1) }
        }
      }
    }
  }
}
