/// The tokens that have a part to play, as the configuration names them.
public struct SpecialTokens: Sendable, Equatable {
  /// A special token.
  public struct Token: Sendable, Equatable {
    /// Its id.
    public var id: Int
    /// Its text.
    public var content: String

    /// A token of this id and text.
    public init(id: Int, content: String) {
      self.id = id
      self.content = content
    }
  }

  /// Begins a text (`bos_token`).
  public var bos: Token?
  /// Ends a text (`eos_token`).
  public var eos: Token?
  /// Stands for what the vocabulary lacks (`unk_token`).
  public var unk: Token?
  /// Fills up a batch (`pad_token`).
  public var pad: Token?
  /// Stands for a whole text (`cls_token`).
  public var cls: Token?
  /// Parts two texts (`sep_token`).
  public var sep: Token?
  /// Marks a gap (`mask_token`).
  public var mask: Token?

  /// No special tokens.
  public init() {}

  init(_ find: (String) -> Token?) {
    bos = find("bos_token")
    eos = find("eos_token")
    unk = find("unk_token")
    pad = find("pad_token")
    cls = find("cls_token")
    sep = find("sep_token")
    mask = find("mask_token")
  }
}
