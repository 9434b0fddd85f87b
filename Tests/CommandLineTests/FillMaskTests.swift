import EngineAPI
import Testing

/// `triptych fill-mask`.
struct FillMaskTests {
  private static let france = TokenValue(id: 264, bytes: Array("france".utf8))
  private static let rome = TokenValue(id: 272, bytes: Array("##rome".utf8))

  private static var engine: FakeEngine {
    FakeEngine(filling: { _ in
      FillMaskResult(
        masks: [
          MaskAnswer(
            position: 1, entropy: 2.5,
            candidates: [
              MaskCandidate(
                ranked: RankedToken(token: france, logprob: -0.5, rank: 1), sequence: "france is [MASK]."),
              MaskCandidate(ranked: RankedToken(token: rome, logprob: -2, rank: 2), sequence: "rome is [MASK]."),
            ]),
          MaskAnswer(
            position: 3, entropy: 0.125,
            candidates: [
              MaskCandidate(ranked: RankedToken(token: rome, logprob: 0, rank: 1), sequence: "[MASK] is rome.")
            ]),
        ],
        joint: [
          JointFilling(tokens: [france, rome], logprob: -0.75, sequence: "france is rome."),
          JointFilling(tokens: [rome, rome], logprob: -12.5, sequence: "rome is\nrome."),
        ])
    })
  }

  @Test func textShowsATablePerGap() async {
    let outcome = await CommandWorld(engine: Self.engine).run("fill-mask", "[MASK] is [MASK].")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            mask 1: entropy 2.50 bits
            #  token                    prob.  log p  text
            1  france  ████████████▏  60.65 %  -0.50  france is [MASK].
            2  ##rome  ██▊            13.53 %  -2.00  rome is [MASK].

            mask 2: entropy 0.13 bits
            #  token                            prob.  log p  text
            1  ##rome  ████████████████████  100.00 %   0.00  [MASK] is rome.

            together
             log p  text
             -0.75  france is rome.
            -12.50  rome is\\nrome.

            """, errors: ""))
  }

  @Test func jsonIsOneObject() async {
    let outcome = await CommandWorld(engine: Self.engine).run("fill-mask", "[MASK] is [MASK].", "--json")
    #expect(
      outcome.output.contains(
        """
        "masks":[{"position":1,"entropy":2.5,"candidates":[\
        {"id":264,"text":"france","probability":0.6065306597126334,"logprob":-0.5,"rank":1,\
        "sequence":"france is [MASK]."},\
        {"id":272,"text":"##rome","probability":0.1353352832366127,"logprob":-2.0,"rank":2,\
        "sequence":"rome is [MASK]."}]},\
        {"position":3,"entropy":0.125,"candidates":[\
        {"id":272,"text":"##rome","probability":1.0,"logprob":0.0,"rank":1,"sequence":"[MASK] is rome."}]}],\
        "joint":[{"texts":["france","##rome"],"ids":[264,272],"logprob":-0.75,"sequence":"france is rome."},\
        {"texts":["##rome","##rome"],"ids":[272,272],"logprob":-12.5,"sequence":"rome is\\nrome."}],"model":"cloze"}

        """))
    #expect(
      outcome.output.hasPrefix(
        #"{"schema":1,"tokens":[{"id":0,"text":"<|end|>","bytes":[60,124,101,110,100,124,62]},{"id":1,"#))
    #expect(outcome.exitCode == 0)
  }

  @Test func optionsReachTheEngine() async {
    let engine = Self.engine
    let model = ModelReference("cloze")
    _ = await CommandWorld(engine: engine).run("fill-mask", "The[MASK]")
    #expect(
      engine.asked.entries.last
        == .fillMask(FillMaskRequest(context: ModelContext(model: model, ids: [0, 258, 1, 0]), topK: 5)))
    _ = await CommandWorld(engine: engine).run("fill-mask", "--ids", "258, 1 7", "--top-k", "3")
    #expect(
      engine.asked.entries.last
        == .fillMask(FillMaskRequest(context: ModelContext(model: model, ids: [258, 1, 7]), topK: 3)))
    _ = await CommandWorld(engine: engine).run(
      "fill-mask", "[MASK]", "--targets", "france,italy,china,france", "--targets", "spain,india,japan")
    #expect(
      engine.asked.entries.last
        == .fillMask(
          FillMaskRequest(
            context: ModelContext(model: model, ids: [0, 1, 0]), topK: 6, targets: [262, 263, 264, 265, 266, 267])))
    _ = await CommandWorld(engine: engine).run("fill-mask", "[MASK][MASK]", "--no-joint")
    #expect(
      engine.asked.entries.last
        == .fillMask(
          FillMaskRequest(context: ModelContext(model: model, ids: [0, 1, 1, 0]), topK: 5, joint: false)))
  }

  @Test(arguments: [
    (["[MASK]", "--targets", "france,xy"], 2, "target is not one token, 'xy': expected one token, found 2: 'x' 'y'"),
    (["[MASK]", "--targets", "france,"], 2, "target is not one token, '': expected one token, found none"),
    (["no gap"], 1, "no mask, the text: expected [MASK], the mask token of model 'cloze', found none"),
    (
      ["x", "-m", "storyteller"], 1,
      "fill-mask does not work with this model, storyteller: expected a masked model, found a causal model"
    ),
    (["--ids", "1 400000"], 2, "no such token, the vocabulary of 'cloze': expected an id from 0 to 279, found 400000"),
  ])
  func targetsMustBeSingleTokens(arguments: [String], code: Int32, error: String) async {
    let outcome = await CommandWorld().run(["fill-mask"] + arguments)
    #expect(outcome.exitCode == code)
    #expect(outcome.output == "")
    #expect(outcome.errors.split(separator: "\n").first == "error: \(error)")
  }

  @Test func unknownWordsAreNoTargets() async {
    let unknown = TokenSpan(token: TokenValue(id: 0, bytes: Array("[UNK]".utf8)), range: 0..<4, isSpecial: true)
    let engine = FakeEngine(tokenizing: { _ in [unknown] })
    let outcome = await CommandWorld(engine: engine).run("fill-mask", "x", "--targets", "qzxw")
    #expect(
      outcome
        == .init(
          exitCode: 2, output: "",
          errors: """
            error: target is not in the vocabulary, 'qzxw': expected a token of cloze, found none
            hint: 'triptych tokenize --no-special' shows the tokens of a word

            """))
  }
}
