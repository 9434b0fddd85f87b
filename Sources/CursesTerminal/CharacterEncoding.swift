import CNCurses

/// The encoding of characters that ncurses uses.
enum CharacterEncoding {
  /// Takes the person's locale, and where that is not UTF-8 one that is; false when the machine has none.
  static func useUTF8() -> Bool {
    for name in ["", "C.UTF-8", "en_US.UTF-8", "UTF-8"] where cn_use_locale(name) { return true }
    return false
  }
}
