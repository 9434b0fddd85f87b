@testable import CommandLineTool
import EngineAPI
import Foundation
import JSONText
import ScriptedSupport
import Sessions
import TestSupport
import Testing

@Suite("The command inspect, and changes of a model on other commands")
struct InspectTests {
  private func run(_ arguments: String...) async -> CommandWorld.Outcome {
    await CommandWorld(engine: TinyModels.engine()).run(arguments)
  }

  private func json(_ outcome: CommandWorld.Outcome) throws -> JSONValue {
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  @Test("the JSON has the fields of the contract, and the last layer of the lens is the distribution of next")
  func contract() async throws {
    let object = try json(
      await run("inspect", "The sea", "--lens", "--attention", "--attribution", "--norms", "--json"))
    let tokens = try #require(object["tokens"]?.array)
    let next = try json(await run("next", "The sea", "--json"))
    #expect(object["schema"]?.int == 1 && tokens == next["tokens"]?.array)
    let lens = try #require(object["lens"]?.array)
    let last = try #require(lens.last)
    #expect(lens.enumerated().allSatisfy { $1["layer"]?.int == $0 && $1["position"]?.int == tokens.count - 1 })
    #expect(last["entropy"]?.double == next["entropy"]?.double)
    for (found, expected) in zip(last["top"]?.array ?? [], next["top"]?.array ?? []) {
      #expect(found["id"]?.int == expected["id"]?.int)
      #expect(found["logprob"]?.double?.bitPattern == expected["logprob"]?.double?.bitPattern)
    }
    #expect(last["final_rank"]?.int == 1)
    let attention = try #require(object["attention"]?.array)
    for head in attention {
      #expect(head["kind"]?.string == "self" && head["layer"]?.int != nil && head["head"]?.int != nil)
      for row in head["weights"]?.array ?? [] {
        #expect(row.array?.count == tokens.count)
        #expect(abs((row.array ?? []).reduce(0) { $0 + ($1.double ?? .nan) } - 1) < 1e-5)
      }
    }
    let parts = try #require(object["attribution"]?.array)
    #expect(Set(parts.compactMap { $0["part"]?.string }) == ["embedding", "head", "feed_forward", "bias"])
    let sum = parts.reduce(0) { $0 + ($1["logit"]?.double ?? .nan) }
    #expect(abs(sum - (object["logit"]?.double ?? .nan)) < 1e-3)
    #expect(object["norms"]?.array?.count == lens.count)
    #expect(object["norms"]?.array?.allSatisfy { $0.array?.count == tokens.count } == true)
  }

  @Test("encoder-decoder models show the encoder, the decoder and the cross-attention")
  func encoderDecoder() async throws {
    let object = try json(
      await run(
        "inspect", "-m", "interpreter", "How are you?", "--target", "Bien.", "--attention", "--norms", "--json"))
    #expect(object["lens"] == nil)
    let kinds = Set(object["attention"]?.array?.compactMap { $0["kind"]?.string } ?? [])
    #expect(kinds == ["self", "encoder", "cross"])
    let (rows, keys) = (object["tokens"]?.array?.count, object["source_tokens"]?.array?.count)
    for head in object["attention"]?.array ?? [] {
      let isOwn = head["kind"]?.string == "self"
      let isEncoder = head["kind"]?.string == "encoder"
      #expect(head["weights"]?.array?.count == (isEncoder ? keys : rows))
      #expect(head["weights"]?.array?.first?.array?.count == (isOwn ? rows : keys))
    }
    #expect(object["encoder_norms"]?.array?.first?.array?.count == keys)
    let alone = try json(await run("inspect", "-m", "interpreter", "How are you?", "--json"))
    #expect(alone["tokens"]?.array?.count == 1 && alone["lens"]?.array?.isEmpty == false)
  }

  @Test("a layer and a head choose whose attention is shown")
  func oneHead() async throws {
    let all = try json(await run("inspect", "The sea", "--attention", "--json"))
    let one = try json(await run("inspect", "The sea", "--attention", "--layer", "1", "--head", "0", "--json"))
    let expected = all["attention"]?.array?.filter { $0["layer"]?.int == 1 && $0["head"]?.int == 0 }
    #expect(expected?.count == 1 && one["attention"]?.array == expected)
    let none = await run("inspect", "The sea", "--attention", "--layer", "99")
    #expect(none.exitCode == 2 && none.errors.contains("no such head, model 'storyteller': expected layers 0 to"))
  }

  @Test("masked models have a lens but no attribution")
  func masked() async throws {
    let object = try json(await run("inspect", "-m", "cloze", "The [MASK] sea.", "--position", "2", "--json"))
    #expect(object["position"]?.int == 2 && object["lens"]?.array?.isEmpty == false)
    let refused = await run("inspect", "-m", "cloze", "The sea", "--attribution")
    #expect(refused.exitCode == 2)
    #expect(refused.errors.contains("error: no attribution for this model, model 'cloze': expected"))
  }

  @Test("the text form has a table for each part")
  func text() async throws {
    let outcome = await CommandWorld(engine: FakeEngine()).run(
      "inspect", "Once upon", "--lens", "--attention", "--attribution", "--against", "3", "--norms", "--ablate", "0.1")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    for line in [
      "changed: --ablate 0.1", "lens: the prediction after each layer", "attention from position 1, one column a token",
      "what the parts add to the logit difference to", "norms of the residual stream, one bar a token",
      "feed-forward of layer 0", "the followed token is first from layer 2 on",
    ] { #expect(outcome.output.contains(line), "\(line)") }
    #expect(outcome.output.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test("a sweep restores everything in the last layer's last row")
  func sweep() async throws {
    let object = try json(
      await run("inspect", "The sea", "--sweep", "A sea", "--token", "5", "--against", "9", "--json"))
    let sweep = try #require(object["sweep"])
    #expect(object["lens"] == nil)
    #expect(sweep["token"]?["id"]?.int == 5 && sweep["against"]?["id"]?.int == 9)
    #expect(sweep["restored"]?.array?.last?.array?.last?.double == 1)
    #expect(sweep["differences"]?.array?.last?.array?.last?.double == sweep["clean"]?.double)
    let text = await run("inspect", "The sea", "--sweep", "A sea", "--token", "5", "--against", "9")
    #expect(text.exitCode == 0 && text.output.contains("restored share of the logit difference"))
    let uneven = await run("inspect", "The sea", "--sweep", "The boats were far away")
    #expect(uneven.exitCode == 2 && uneven.errors.contains("texts of different lengths"))
  }

  @Test("changes reach the engine with every command that runs a model")
  func everyCommand() async {
    let changes = ["--scale", "0.ffn=0.5", "--ablate", "1.0", "--patch", "0:1=a=b"]
    let expected: [ModelChange] = [
      .scale(ModelPart(layer: 1, .head(0)), by: 0), .scale(ModelPart(layer: 0, .feedForward), by: 0.5),
      .patch(ActivationPatch(layer: 0, position: 1, text: "a=b")),
    ]
    for command in [
      ["generate", "Once", "-n", "2"], ["next", "Once"], ["score", "Once"], ["inspect", "Once"],
      ["fill-mask", "the [MASK]"], ["translate", "Hello"], ["summarize", "-m", "interpreter", "Hello"],
      ["bench", "--runs", "1"], ["chat", "-m", "storyteller", "--messages", "messages.json"],
    ] {
      let engine = FakeEngine()
      let messages = Array(#"[{"role": "user", "content": "The sea"}]"#.utf8)
      let world = CommandWorld(engine: engine, files: ["messages.json": messages])
      let outcome = await world.run(command + changes)
      #expect(outcome.exitCode == 0, "\(command): \(outcome.errors)")
      let loaded = engine.asked.entries.compactMap { if case .load(let model) = $0 { model } else { nil } }
      #expect(loaded.contains { $0.changes == expected }, "\(command)")
    }
  }

  @Test("changed answers differ, and a session replays them")
  func sessions() async throws {
    let arguments = ["generate", "The sea", "-n", "6", "--seed", "7", "--json", "-q"]
    let plain = try json(await CommandWorld(engine: TinyModels.engine()).run(arguments))
    let neutral = try json(await CommandWorld(engine: TinyModels.engine()).run(arguments + ["--scale", "0.0=1"]))
    let changed = try json(await CommandWorld(engine: TinyModels.engine()).run(arguments + ["--ablate", "0"]))
    #expect(plain["completions"] == neutral["completions"])
    #expect(plain["completions"] != changed["completions"])
    #expect(changed["options"]?["changes"]?.array?.map(\.string) == ["--ablate 0"])
    try await Fixtures.withScratchFolder { folder in
      let path = folder + "/changed.session"
      let patch = ["--patch", "0:1=A boat", "--scale", "1.ffn=0.5"]
      for more in [[], patch, ["--ablate", "0.0"]] {
        let made = await CommandWorld(engine: TinyModels.engine()).run(arguments + more + ["--session", path])
        #expect(made.exitCode == 0, "\(made.errors)")
      }
      let replayed = await run("replay", path, "--verify", "--json")
      #expect(replayed.exitCode == 0, "\(replayed)")
      let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
      #expect(text.contains(#""changes":[{"scale":"1.ffn","factor":0.5},{"patch":"0:1=A boat"}]"#))
    }
  }

  @Test(
    "bad changes and bad questions are one-line errors",
    arguments: [
      (["--ablate", "9.0"], 2, "no such part, model 'storyteller': expected layers 0 to"),
      (["--ablate", "0.99"], 2, "no such part"), (["--ablate", "cross.0.0"], 2, "no such part"),
      (["--ablate", "x"], 2, "--ablate"), (["--scale", "0.0"], 2, "--scale"), (["--scale", "0.0=nan"], 2, "--scale"),
      (["--scale", "0.0=1e39"], 2, "--scale"), (["--patch", "0=a"], 2, "--patch"),
      (["--patch", "0:50=a"], 2, "the patch is beyond its text"),
      (["--position", "2000"], 2, "no such position in the text"), (["--token", "99999999"], 1, "no such token"),
      (["--against", "3"], 2, "--against 3"), (["--layer", "0"], 2, "--layer 0"), (["--head", "0"], 2, "--head 0"),
      (["--control-vector", "/no/such.gguf"], 1, "cannot read the file"),
      (["--control-vector-layer-range", "0-1"], 2, "--control-vector-layer-range"),
      (["--control-vector-scaled", "a"], 2, "--control-vector-scaled"), (["--target", "x"], 2, "--target"),
    ])
  func errors(_ arguments: [String], _ code: Int32, _ words: String) async {
    let outcome = await CommandWorld(engine: TinyModels.engine()).run(["inspect", "The sea"] + arguments)
    #expect(outcome.exitCode == code, "\(arguments): \(outcome.errors)")
    #expect(outcome.errors.contains(words) && outcome.output.isEmpty, "\(arguments): \(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count <= 2, "\(arguments): \(outcome.errors)")
  }

  @Test("an engine that cannot look inside refuses changes")
  func lacking() async {
    let world = CommandWorld(schemes: ["top20": TopTwentyEngine()])
    let outcome = await world.run("generate", "-m", "top20:storyteller", "Once", "--ablate", "0")
    #expect(outcome.exitCode == 1 && outcome.errors.hasPrefix("error: no looking inside"))
  }
}
