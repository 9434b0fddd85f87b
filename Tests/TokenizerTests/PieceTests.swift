import JSONText
import TestSupport
import Testing

@testable import Tokenizers

@Suite("Pieces of the vocabulary")
struct PieceTests {
  @Test("pieces are joined as convert_tokens_to_string joins them")
  func join() throws {
    let words = try Tokenizer(folder: Fixtures.path("labels/untyped"))
    #expect(words.join(pieces: ["litt", "##le", "boat", "."]) == "little boat .")
    #expect(words.marksContinuations)
    let bytes = try Tokenizer(folder: Fixtures.path("labels/bytes-texts"))
    #expect(bytes.join(pieces: ["The", "Ġsea"]) == "The sea")
    #expect(!bytes.marksContinuations && bytes.join(pieces: []) == "")
  }

  @Test("segments are used if the configuration or BERT's class says so")
  func types() throws {
    let json = try JSONValue(parsing: Fixtures.bytes("labels/untyped/tokenizer.json"))
    for (settings, gives) in [
      ("{}", false), (#"{"tokenizer_class": "BertTokenizer"}"#, true),
      (#"{"model_input_names": ["input_ids", "token_type_ids"]}"#, true),
      (#"{"tokenizer_class": "BertTokenizer", "model_input_names": ["input_ids"]}"#, false),
    ] {
      let tokenizer = try Tokenizer(json: json, configuration: JSONValue(parsing: Array(settings.utf8)))
      #expect(tokenizer.givesTypes == gives, "\(settings)")
    }
  }
}
