import EngineAPI
import ScriptedSupport
import TestSupport
import Testing

/// `triptych classify` and `triptych tag`.
struct LabelTests {
  private static let models = [
    ScriptedModel("mood", family: .classifier), ScriptedModel("names", family: .tagger),
    ScriptedModel("story", family: .causal),
  ]

  private static let classifying = FakeEngine(
    base: ScriptedEngine(catalogue: models),
    classifying: { request in
      ClassifyResult(
        labels: [
          LabelScore(label: request.pair ?? "good", probability: 0.75, logit: 1.5),
          LabelScore(label: "bad\n", probability: 0.25, logit: -0.125),
        ], tokenCount: 7)
    })

  private static let tagging = FakeEngine(
    base: ScriptedEngine(catalogue: models),
    tagging: { request in
      let token = TokenValue(id: 9, bytes: Array("##öl".utf8))
      return TagResult(
        tokens: [
          TaggedToken(span: TokenSpan(token: token, range: 4..<7, isSpecial: false), label: "I-LOC", score: 0.5)
        ],
        entities: request.strategy == .max
          ? [] : [Entity(label: "LOC", score: 0.5, word: "koln", range: 3..<8)])
    })

  @Test func labelsOfATextAreATable() async {
    let outcome = await CommandWorld(engine: Self.classifying).run("classify", "-m", "mood", "Hello")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            label                     prob.  logit
            good   ███████████████  75.00 %   1.50
            bad\\n  █████            25.00 %  -0.13

            """, errors: ""))
  }

  @Test func labelsOfAPairAreOneObject() async {
    let outcome = await CommandWorld(engine: Self.classifying).run(
      "classify", "-m", "mood", "Hello", "--pair", "second", "--json", "--top-k", "1")
    #expect(
      outcome.output == """
        {"schema":1,"labels":[{"label":"second","probability":0.75,"logit":1.5}],"token_count":7,"model":"mood"}

        """)
    #expect(
      Self.classifying.asked.entries.contains(
        .classify(ClassifyRequest(model: ModelReference("mood"), text: "Hello", pair: "second"))))
  }

  /// A labeler that is less sure of `good` without the first word.
  private let shrinking = FakeEngine(
    base: ScriptedEngine(catalogue: models),
    classifying: { request in
      let good = request.text == "a new film" ? 0.75 : request.text == "[MASK] new film" ? 0.5 : 0.875
      return ClassifyResult(
        labels: [
          LabelScore(label: "good", probability: good, logit: 4 * good),
          LabelScore(label: "bad", probability: 1 - good, logit: -4 * good),
        ], tokenCount: 5)
    })

  @Test func whatEachWordAddsIsASecondTable() async {
    let outcome = await CommandWorld(engine: shrinking).run(
      "classify", "-m", "mood", "a new film", "--occlusion", "--top-k", "1")
    #expect(
      outcome.output == """
        label                     prob.  logit
        good   ███████████████  75.00 %   3.00

        word  points for good  bytes
        a              +25.00    0-1
        new            -12.50    2-5
        film           -12.50   6-10

        """)
    let asked = shrinking.asked.entries.compactMap {
      if case .classify(let request) = $0 { request.text } else { nil }
    }
    #expect(asked.suffix(4) == ["a new film", "[MASK] new film", "a [MASK] film", "a new [MASK]"])
  }

  @Test func whatEachWordAddsIsAPartOfTheObject() async {
    let world = CommandWorld(engine: shrinking)
    let object = await world.run("classify", "-m", "mood", "a new film", "--occlusion", "--json", "--top-k", "1")
    #expect(
      object.output == """
        {"schema":1,"labels":[{"label":"good","probability":0.75,"logit":3.0}],"token_count":5,\
        "words":[{"text":"a","start":0,"end":1,"change":0.25},{"text":"new","start":2,"end":5,"change":-0.125},\
        {"text":"film","start":6,"end":10,"change":-0.125}],"model":"mood"}

        """)
    let empty = await world.run("classify", "-m", "mood", "...", "--occlusion")
    #expect(empty.exitCode == 0 && empty.errors.contains("the text has no words"))
  }

  @Test func aQuantityHasNoProbability() async {
    let engine = FakeEngine(
      base: ScriptedEngine(catalogue: Self.models),
      classifying: { _ in
        ClassifyResult(labels: [LabelScore(label: "stars", probability: nil, logit: 3.25)], tokenCount: 2)
      })
    let text = await CommandWorld(engine: engine).run("classify", "-m", "mood", "Hello")
    #expect(text.output.split(separator: "\n").last.map { $0.split(separator: " ") } == ["stars", "-", "3.25"])
    let object = await CommandWorld(engine: engine).run("classify", "-m", "mood", "Hello", "--json")
    #expect(object.output.contains(#"{"label":"stars","probability":null,"logit":3.25}"#))
  }

  @Test func entitiesAreATableWithTheTextAsItStands() async {
    let outcome = await CommandWorld(engine: Self.tagging).run("tag", "-m", "names", "in Köln")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            label    score  bytes  text
            LOC    50.00 %    3-8  Köln

            """, errors: ""))
  }

  @Test func entitiesAndTokensAreOneObject() async {
    let outcome = await CommandWorld(engine: Self.tagging).run(
      "tag", "-m", "names", "in Köln", "--json", "--strategy", "average")
    #expect(
      outcome.output == """
        {"schema":1,"entities":[{"label":"LOC","score":0.5,"text":"Köln","word":"koln","start":3,"end":8}],\
        "tokens":[{"id":9,"text":"##öl","bytes":[35,35,195,182,108],"start":4,"end":7,"special":false,\
        "label":"I-LOC","score":0.5}],"model":"names"}

        """)
    #expect(
      Self.tagging.asked.entries.contains(
        .tag(TagRequest(model: ModelReference("names"), text: "in Köln", strategy: .average))))
  }

  @Test func aTextWithoutEntitiesIsANotice() async {
    let outcome = await CommandWorld(engine: Self.tagging).run("tag", "-m", "names", "in Köln", "--strategy", "max")
    #expect(outcome.exitCode == 0 && outcome.output == "")
    #expect(outcome.errors.contains("no token has a label other than O"))
  }

  @Test(arguments: [
    (["classify", "Hello"], 2, "triptych classify: expected -m with a text-classification model, found none"),
    (["tag", "Hello"], 2, "triptych tag: expected -m with a token-classification model, found none"),
    (["classify", "-m", "names", "Hello"], 1, "hint: 'triptych tag' shows the labels of tokens"),
    (["tag", "-m", "mood", "Hello"], 1, "hint: 'triptych classify' shows the labels of texts"),
    (["classify", "-m", "story", "Hello"], 1, "expected a text-classification model, found a causal model"),
    (["generate", "-m", "mood", "Hello"], 1, "found a text-classification model"),
    (["tag", "-m", "names", "Hello", "--strategy", "last"], 2, "none, simple, first, average or max"),
    (["classify", "-m", "mood", "Hello", "--top-k", "0"], 2, "--top-k"),
  ])
  func mistakesAreNamed(command: [String], exitCode: Int32, part: String) async {
    let outcome = await CommandWorld(engine: FakeEngine(base: ScriptedEngine(catalogue: Self.models))).run(command)
    #expect(outcome.exitCode == exitCode)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: exitCode) == nil)
  }
}
