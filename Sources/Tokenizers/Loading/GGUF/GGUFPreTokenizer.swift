/// How the byte-level tokenizer of a GGUF file splits text, by the name in `tokenizer.ggml.pre`.
///
/// A GGUF file contains a name instead of the regular expressions of tokenizer.json; llama.cpp defines their meaning
/// (src/llama-vocab.cpp). If llama.cpp replaced a published expression because its own matcher does not support it,
/// this table has the published one.
struct GGUFPreTokenizer {
  /// The names.
  let names: [String]
  /// The text is split at the matches of the first expression, each part at the matches of the next one, and so on. The
  /// matches and the text between them are pieces.
  let patterns: [String]
  /// Whether a piece that is in the vocabulary becomes one token without applying merges.
  var ignoresMerges = false
  /// Whether the begin-of-text token is added if the file does not specify it.
  var addsBOS = false

  /// The row for a name.
  /// - Throws: ``TokenizerError/unsupported(part:name:path:)``.
  static func named(_ name: String, path: String) throws(TokenizerError) -> GGUFPreTokenizer {
    guard let row = all.first(where: { $0.names.contains(name) }) else {
      let shown = name.utf8.count > 80 ? String(name.prefix(80)) + "…" : name
      throw .unsupported(part: "pre-tokenizer", name: shown, path: path)
    }
    return row
  }

  static let all = [
    GGUFPreTokenizer(
      names: ["default"], patterns: [#"[\p{P}\$\+<=>\^~\|]+"#, GPT2Cutter.pattern, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
    GGUFPreTokenizer(
      names: [
        "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
        "roberta-bpe", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais", "trillion", "granite-docling",
        "exaone4",
      ], patterns: [GPT2Cutter.pattern]),
    GGUFPreTokenizer(
      names: [
        "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano",
      ], patterns: [llama3], ignoresMerges: true, addsBOS: true),
    GGUFPreTokenizer(names: ["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"], patterns: [llama3]),
    GGUFPreTokenizer(
      names: [
        "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2",
      ], patterns: [qwen2]),
    GGUFPreTokenizer(
      names: ["qwen35"],
      patterns: [
        contractions
          + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"# + spaces
      ]),
    GGUFPreTokenizer(
      names: [
        "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2",
      ], patterns: [#"\p{N}"#, GPT2Cutter.pattern]),
    GGUFPreTokenizer(
      names: ["falcon"], patterns: [#"[\p{P}\$\+<=>\^~\|`]+"#, GPT2Cutter.pattern, "[0-9][0-9][0-9]"]),
    GGUFPreTokenizer(
      names: ["deepseek-llm"],
      patterns: [
        #"[\r\n]"#, #"\s?["# + deepSeekLetters.joined() + "]+",
        #"\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+"#, #"\s+$"#,
        #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#, #"\p{N}+"#,
      ]),
    GGUFPreTokenizer(
      names: ["deepseek-coder"],
      patterns: [
        #"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#,
        #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#, #"\p{N}"#,
      ]),
    GGUFPreTokenizer(
      names: ["deepseek-v3", "hunyuan-dense", "joyai-llm"],
      patterns: [
        #"\p{N}{1,3}"#, #"[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+"#,
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"##
          + #" ?[\p{P}\p{S}]+[\r\n]*|"# + spaces,
      ]),
    GGUFPreTokenizer(names: ["bloom", "poro-chat", "gpt3-finnish"], patterns: [bloom]),
    GGUFPreTokenizer(names: ["viking"], patterns: [bloom, #"\p{N}"#]),
    GGUFPreTokenizer(
      names: ["tekken"],
      patterns: [
        capitals + "*" + smalls + "+|" + capitals + "+" + smalls
          + #"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
      ], ignoresMerges: true, addsBOS: true),
    GGUFPreTokenizer(
      names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
      patterns: [
        capitals + "*" + smalls + "+" + contractions + "?|" + capitals + "+" + smalls + "*" + contractions
          + #"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
      ]),
    GGUFPreTokenizer(
      names: ["chameleon"],
      patterns: [
        "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", #"([\t\n]|    |  )"#, #"\p{N}"#,
        #"[\p{P}!-/:-@\[-`{-~]"#, GPT2Cutter.pattern,
      ], addsBOS: true),
    GGUFPreTokenizer(
      names: ["bailingmoe", "bailingmoe2", "llada-moe"],
      patterns: [
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|"#
          + #"\s+(?!\S)|\s+"#
      ]),
    GGUFPreTokenizer(
      names: ["seed-coder"],
      patterns: [
        contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|"# + spaces
      ]),
    GGUFPreTokenizer(
      names: ["exaone-moe"],
      patterns: [
        contractions + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|"#
          + #" ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#
      ]),
  ]

  // MARK: - Parts of expressions

  /// English contractions, in lower and upper case.
  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  /// White space: runs up to the last line break; runs without the last character before a word; other runs.
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static let llama3 =
    contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + spaces
  static let qwen2 =
    contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + spaces
  private static let bloom = #" ?[^(\s|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+"#
  /// The characters that can start a capitalized word, and those that can continue it in lower case.
  private static let capitals = #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
  private static let smalls = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#

  /// Letters with upper and lower case, as listed in DeepSeek's expression.
  private static let deepSeekLetters = [
    #"A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293}\x{295}-\x{2AF}"#,
    #"\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}"#,
    #"\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F}\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}"#,
    #"\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA}\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}"#,
    #"\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}"#,
    #"\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}"#,
    #"\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4}"#,
    #"\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124}\x{2126}\x{2128}\x{212A}-"#,
    #"\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}"#,
    #"\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}"#,
    #"\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF}"#,
    #"\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}"#,
    #"\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}"#,
    #"\x{1E900}-\x{1E943}"#,
  ]
}
