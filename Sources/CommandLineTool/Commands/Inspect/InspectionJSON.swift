import EngineAPI
import JSONText

extension InspectionAnswer {
  /// The object of `inspect --json`: only the parts that were requested.
  func json(_ request: InspectionRequest, model: ModelReference) -> JSONObject {
    var object: JSONObject = ["schema": 1, "tokens": .objects(tokens.map(\.json))]
    if let source { object["source_tokens"] = .objects(source.map(\.json)) }
    object["position"] = .integer(position)
    object["token"] = .object(token.rankedJSON)
    object["against"] = against.map { .object($0.rankedJSON) }
    if request.parts.contains(.lens) {
      object["lens"] = .objects(lens.map { $0.json(position: position) })
      object["settled"] = .whole(settled)
    }
    if request.parts.contains(.attention) { object["attention"] = .objects(attention.map(\.json)) }
    if request.parts.contains(.attribution) {
      object["attribution"] = .objects(attribution.map(\.json))
      object["logit"] = .number(logit)
    }
    if request.parts.contains(.norms) {
      object["norms"] = Self.rows(norms)
      if source != nil { object["encoder_norms"] = Self.rows(encoderNorms) }
    }
    if !watched.isEmpty {
      object["watched"] = .objects(
        watched.map { one in
          [
            "text": .text(one.text), "tokenizations": .integer(one.tokenizations), "logprob": .double(one.logprob),
            "layers": .array(one.layers.map { .double($0) }),
          ]
        })
    }
    if let bend { object["formats"] = .object(bend.json) }
    if let sweep { object["sweep"] = .object(sweep.json) }
    if request.golden != nil {
      object["golden"] = .objects(golden.map(\.json))
      object["first_difference"] = .text(golden.first { !$0.isEqual }?.name)
    }
    object["model"] = .text(model.description)
    return object.followed(by: model.changesJSON)
  }

  fileprivate static func rows(_ rows: [[Double]]) -> JSONValue {
    .array(rows.map { .array($0.map { .number($0) }) })
  }
}

extension FormatBendAnswer {
  /// `{"wide", "narrow", "kl_ab", …, "mean_kl", "layers", "parts", "matrices", "first", "gain"}`.
  fileprivate var json: JSONObject {
    let head: JSONObject = ["wide": .text(wide.rawValue), "narrow": .text(narrow.rawValue)]
    return head.followed(by: divergence.json).followed(by: [
      "mean_kl": .double(meanDivergence),
      "layers": .objects(
        layers.map { layer in
          [
            "stack": .text(layer.stack), "layer": .integer(layer.layer), "difference": .double(layer.difference),
            "lens_kl": .number(layer.lens?.forward), "top_agrees": layer.topAgrees.map { .bool($0) } ?? .null,
          ]
        }),
      "parts": .objects(
        parts.map { part in
          [
            "stack": .text(part.stack), "layer": .integer(part.layer), "part": .text(part.kind.rawValue),
            "difference": .double(part.difference),
          ]
        }),
      "matrices": .objects(
        matrices.map { ["name": .text($0.name), "alone_kl": .double($0.alone), "kept_kl": .number($0.kept)] }),
      "first": .text(first?.name), "gain": .number(first.flatMap { gain(of: $0) }),
    ])
  }
}

extension SweepAnswer {
  /// `{"token", "against", "clean", "corrupted", "differences", "restored"}`, the last two layers × positions.
  fileprivate var json: JSONObject {
    [
      "token": .object(token.json), "against": .object(against.json), "clean": .number(clean),
      "corrupted": .number(corrupted), "differences": InspectionAnswer.rows(differences),
      "restored": InspectionAnswer.rows(restored),
    ]
  }
}

extension GoldenActivation {
  /// `{"name", "difference", "units", "equal"}`.
  fileprivate var json: JSONObject {
    ["name": .text(name), "difference": .number(difference), "units": .number(units), "equal": .bool(isEqual)]
  }
}

extension LensLayer {
  /// `{"layer", "position", "entropy", "top", "final_rank", "final_logprob", "after_attention"}`.
  fileprivate func json(position: Int) -> JSONObject {
    let head: JSONObject = ["layer": .integer(layer), "position": .integer(position)]
    let after = afterAttention.map { JSONValue.object($0.json) } ?? .null
    return head.followed(by: prediction.json).followed(by: ["after_attention": after])
  }
}

extension LensLayer.Prediction {
  fileprivate var json: JSONObject {
    [
      "entropy": .number(entropy), "top": .objects(top.map(\.json)), "final_rank": .whole(finalRank),
      "final_logprob": .number(finalLogprob),
    ]
  }
}

extension AttentionHead {
  /// `{"layer", "head", "kind", "key_head", "weights"}`.
  fileprivate var json: JSONObject {
    [
      "layer": .integer(layer), "head": .integer(head), "kind": .text(kind.rawValue), "key_head": .integer(keyHead),
      "weights": .array(weights.map { .array($0.map { .number(Double($0)) }) }),
    ]
  }
}

extension AttributedPart {
  /// `{"layer", "part", "head", "kind", "logit"}`: a head has its number and the kind of attention.
  fileprivate var json: JSONObject {
    var object: JSONObject = ["layer": .whole(layer), "part": .text(kind.rawValue)]
    if let head {
      object["head"] = .integer(head)
      object["kind"] = .text(isCross ? "cross" : "self")
    }
    object["logit"] = .number(logit)
    return object
  }
}
