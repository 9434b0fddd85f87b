import EngineAPI
import Sampling
import Testing

/// `next` and `score`.
struct InspectionTests {
  private static let sea = TokenValue(id: 300, bytes: Array(" sea".utf8))
  private static let wide = TokenValue(id: 9, bytes: Array("海\n".utf8))
  private static let half = TokenValue(id: 7, bytes: [0xC3])

  private static let answer = DistributionAnswer(
    vocabularySize: 8192, entropy: 1.25, matches: 8192, offset: 0,
    candidates: [
      Candidate(ranked: RankedToken(token: sea, logprob: -0.5, rank: 1), cumulative: 0.6, chainProbability: 0.75),
      Candidate(ranked: RankedToken(token: wide, logprob: -2, rank: 2), cumulative: 0.7, chainProbability: 0.25),
      Candidate(
        ranked: RankedToken(token: half, logprob: -16, rank: 1003), cumulative: 0.7, chainProbability: 0,
        removedBy: .topK),
    ],
    stages: [
      StageSummary(
        stage: .temperature, kept: 8192, removed: 0, entropy: 1.25,
        top: [
          Probable<TokenValue>(token: sea, probability: 0.625), Probable<TokenValue>(token: wide, probability: 0.25),
          Probable<TokenValue>(token: half, probability: 0.125), Probable<TokenValue>(token: half, probability: 0.0625),
        ]),
      StageSummary(
        stage: .topK, kept: 2, removed: 8190, entropy: 0.5, top: [Probable<TokenValue>(token: sea, probability: 0.75)]),
    ])

  private static var nextEngine: FakeEngine {
    FakeEngine(distributing: { _ in answer })
  }

  @Test func nextTextShowsTheDistribution() async {
    let outcome = await CommandWorld(engine: Self.nextEngine).run("next", "Once")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            model: entropy 1.25 bits over 8,192 tokens
                #  token                   prob.   log p  after chain
                1  ·sea   ████████████▏  60.65 %   -0.50      75.00 %
                2  海⏎    ██▊            13.53 %   -2.00      25.00 %
            1,003  \\xc3                  <0.01 %  -16.00            -  removed by top-k

            chain
            stage         kept  removed  entropy  first    prob.
            temperature  8,192        0     1.25  ·sea   62.50 %
            top-k            2    8,190     0.50  ·sea   75.00 %

            """, errors: ""))
  }

  @Test func nextJSONIsOneObject() async {
    let engine = Self.nextEngine
    let outcome = await CommandWorld(engine: engine).run("next", "Once", "--json", "--top-logprobs", "3")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"tokens":[{"id":258,"text":"Once","bytes":[79,110,99,101]}],"entropy":1.25,\
            "vocabulary_size":8192,"top":[{"id":300,"text":" sea","logprob":-0.5,"rank":1},\
            {"id":9,"text":"海\\n","logprob":-2.0,"rank":2},{"id":7,"text":"\u{FFFD}","logprob":-16.0,"rank":1003}],\
            "stages":[{"name":"temperature","kept":8192,"removed":0,"entropy":1.25,"top":[\
            {"id":300,"text":" sea","probability":0.625},{"id":9,"text":"海\\n","probability":0.25},\
            {"id":7,"text":"\u{FFFD}","probability":0.125}]},\
            {"name":"top-k","kept":2,"removed":8190,"entropy":0.5,"top":[\
            {"id":300,"text":" sea","probability":0.75}]}],"model":"storyteller"}

            """, errors: ""))
  }

  @Test func nextAsksForThePlaceAfterThePrompt() async {
    let engine = Self.nextEngine
    _ = await CommandWorld(engine: engine).run("next", "Once upon", "--top-k", "5", "--temperature", "0")
    var expected = DistributionRequest(
      context: ModelContext(model: ModelReference("storyteller"), ids: [258, 259]), position: 2)
    expected.settings.topK = 5
    expected.settings.temperature = 0
    expected.window = 0..<10
    #expect(engine.asked.entries.last == .distribution(expected))
    _ = await CommandWorld(engine: engine).run("next", "-m", "interpreter", " How", "--top-logprobs", "1000000")
    var decoder = DistributionRequest(
      context: ModelContext(model: ModelReference("interpreter"), encoderIDs: [262, 0], ids: []), position: 0)
    decoder.window = 0..<(ScriptedModels.information("interpreter").vocabularySize ?? 0)
    #expect(engine.asked.entries.last == .distribution(decoder))
  }

  @Test func nextRefusesMaskedModels() async {
    let outcome = await CommandWorld().run("next", "-m", "cloze", "x")
    #expect(
      outcome
        == .init(
          exitCode: 1, output: "",
          errors: """
            error: next does not work with this model, cloze: expected a causal or an encoder-decoder model, found a \
            masked model
            hint: for masked models use 'triptych fill-mask'

            """))
  }

  // Scores: é is two tokens that share two bytes, so 4 + 2 bytes are scored; the first token is not.
  private static var scoreEngine: FakeEngine {
    FakeEngine(
      tokenizing: { _ in
        [
          TokenSpan(token: TokenValue(id: 258, bytes: Array("Once".utf8)), range: 0..<4, isSpecial: false),
          TokenSpan(token: sea, range: 4..<8, isSpecial: false),
          TokenSpan(token: half, range: 8..<10, isSpecial: false),
          TokenSpan(token: TokenValue(id: 8, bytes: [0xA9]), range: 8..<10, isSpecial: false),
          TokenSpan(token: TokenValue(id: 0, bytes: Array("</s>".utf8)), range: 0..<0, isSpecial: true),
        ]
      },
      scoring: { request in
        [
          ScoredToken(token: TokenValue(id: 258, bytes: Array("Once".utf8)), logprob: nil, rank: nil, entropy: nil),
          ScoredToken(
            token: sea, logprob: -1, rank: 1, entropy: 1.5,
            top: request.topCount > 0 ? [RankedToken(token: wide, logprob: -1, rank: 1)] : []),
          ScoredToken(token: half, logprob: -2, rank: 1234, entropy: 0.25),
          ScoredToken(token: TokenValue(id: 8, bytes: [0xA9]), logprob: 0, rank: 1, entropy: 0),
          ScoredToken(token: TokenValue(id: 0, bytes: Array("</s>".utf8)), logprob: -1, rank: 2, entropy: 3),
        ]
      })
  }

  @Test func scoreTextShowsEachToken() async {
    // exp(4 / 4) = 2.718; 4 / ln 2 / 6 = 0.9618.
    let outcome = await CommandWorld(engine: Self.scoreEngine).run("score", "Once seaé")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            #  token     prob.  log p   rank  entropy
            0  Once          -      -      -        -
            1  ·sea    36.79 %  -1.00      1     1.50
            2  \\xc3    13.53 %  -2.00  1,234     0.25
            3  \\xa9   100.00 %   0.00      1     0.00
            4  </s>    36.79 %  -1.00      2     3.00

            total log-probability  -4.0000
            scored tokens          4
            perplexity             2.718
            bits per byte          0.9618

            """, errors: ""))
    let alternatives = await CommandWorld(engine: Self.scoreEngine).run("score", "Once seaé", "--top-logprobs", "1")
    #expect(alternatives.output.contains("1  ·sea    36.79 %  -1.00      1     1.50  海⏎\n"))
  }

  @Test func scoreJSONIsOneObject() async {
    let outcome = await CommandWorld(engine: Self.scoreEngine).run("score", "Once seaé", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"tokens":[\
            {"id":258,"text":"Once","bytes":[79,110,99,101],"logprob":null,"rank":null,"entropy":null,"top":[]},\
            {"id":300,"text":" sea","bytes":[32,115,101,97],"logprob":-1.0,"rank":1,"entropy":1.5,"top":[]},\
            {"id":7,"text":"\u{FFFD}","bytes":[195],"logprob":-2.0,"rank":1234,"entropy":0.25,"top":[]},\
            {"id":8,"text":"\u{FFFD}","bytes":[169],"logprob":0.0,"rank":1,"entropy":0.0,"top":[]},\
            {"id":0,"text":"</s>","bytes":[60,47,115,62],"logprob":-1.0,"rank":2,"entropy":3.0,"top":[]}],\
            "total_logprob":-4.0,"scored_tokens":4,"perplexity":2.718281828459045,\
            "bits_per_byte":0.9617966939259756,"model":"storyteller"}

            """, errors: ""))
  }

  @Test func scoreWritesALinePerToken() async {
    let outcome = await CommandWorld(engine: Self.scoreEngine).run("score", "Once seaé", "--jsonl")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix(#"{"type":"token","id":258,"#))
    #expect(lines[5].hasPrefix(#"{"type":"finished","schema":1,"total_logprob":-4.0,"scored_tokens":4,"#))
  }

  @Test func nothingScoredIsNullAndNotInfinite() async {
    let engine = FakeEngine(scoring: { _ in [] })
    let empty = await CommandWorld(engine: engine).run("score", "", "--json")
    #expect(
      empty.output == """
        {"schema":1,"tokens":[],"total_logprob":0.0,"scored_tokens":0,"perplexity":null,"bits_per_byte":null,\
        "model":"storyteller"}

        """)
    let impossible = FakeEngine(scoring: { _ in
      [ScoredToken(token: Self.sea, logprob: -.infinity, rank: 9, entropy: .nan)]
    })
    let outcome = await CommandWorld(engine: impossible).run("score", "Once", "--json")
    #expect(outcome.output.contains(#""logprob":null,"rank":9,"entropy":null,"#))
    #expect(outcome.output.contains(#""total_logprob":null,"scored_tokens":1,"perplexity":null,"bits_per_byte":null,"#))
  }

  @Test func scoreReadsAllThreeFamilies() async {
    let engine = FakeEngine()
    _ = await CommandWorld(engine: engine).run("score", "-m", "cloze", "The", "--stride", "8", "--top-logprobs", "2")
    let masked = ModelContext(model: ModelReference("cloze"), ids: [0, 258, 0])
    #expect(engine.asked.entries.last == .score(ScoreRequest(context: masked, topCount: 2, stride: 8)))
    _ = await CommandWorld(engine: engine).run("score", "-m", "interpreter", " How", "--target", " vous")
    let pair = ModelContext(model: ModelReference("interpreter"), encoderIDs: [262, 0], ids: [266, 0])
    #expect(engine.asked.entries.last == .score(ScoreRequest(context: pair)))
  }

  @Test func targetsBelongToEncoderDecoderModels() async {
    let missing = await CommandWorld().run("score", "-m", "interpreter", "x")
    #expect(
      missing
        == .init(
          exitCode: 2, output: "",
          errors: "error: missing option, command line: expected --target for interpreter, an encoder-decoder model, "
            + "found none\n"))
    let useless = await CommandWorld().run("score", "x", "--target", "y")
    #expect(
      useless
        == .init(
          exitCode: 2, output: "",
          errors: "error: option without use, --target: expected an encoder-decoder model, found storyteller, "
            + "a causal model\n"))
  }
}
