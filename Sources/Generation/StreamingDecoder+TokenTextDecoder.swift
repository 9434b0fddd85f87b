import Tokenizers

extension StreamingDecoder: TokenTextDecoder {}
