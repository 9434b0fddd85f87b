import ScriptedSupport

@testable import PlaygroundApp

/// Model cards for the tests.
enum Cards {
  /// A card in Markdown: headings, a table, prose, wide characters.
  static let story = """
    # storyteller

    A GPT-2 of 10.2 million weights (6 layers of 320, 5 heads, context 512), trained from nothing on story books. A \
    first version: it keeps the tone of its books and makes up words.

    | | |
    | --- | --- |
    | data | 13 novels and story books, 9 books from Project Gutenberg |
    | quality, held-out | 1.94 bits per byte |
    | limits | English of the 19th century; no facts, no instructions |

    ## First words

    Once upon a time (むかしむかし), in a village by the sea, there lived an old man who had three sons.


    Opens in transformers as well.
    """

  /// Models of which the first has this card and the others have none.
  static func models(_ card: String?) -> [ScriptedModel] {
    [
      ScriptedModel("storyteller", family: .causal, words: ["Once", " upon"], script: " a time.", card: card),
      ScriptedModel("cloze", family: .masked, words: ["The", " "], fillings: [["a", "b"]], seed: 3),
      ScriptedModel("interpreter", family: .seq2seq, words: ["How"], script: " Vous", contextLength: nil, seed: 4),
    ]
  }
}
