import EngineAPI
import JSONText

/// The lines of a run's files.
enum RunLog {
  /// The name of the log: steps, evaluations and changes of the learning rate, one JSON object a line.
  static let file = "log.jsonl"
  /// The name of the file with what the model made of the prompts, one JSON object for each prompt and step.
  static let samples = "samples.jsonl"

  /// Lines as bytes.
  static func bytes(_ lines: [JSONObject]) -> [UInt8] {
    Array(lines.map { JSONValue.object($0).serialized() + "\n" }.joined().utf8)
  }

  /// The log line for a new peak learning rate, set after `step` steps.
  static func rateChange(step: Int, epoch: Double, peak: Double) -> JSONObject {
    ["step": .integer(step), "epoch": .double(epoch), "peak_learning_rate": .double(peak)]
  }

  /// The change of the learning rate of a line; `nil` for other lines.
  static func rateChange(_ line: JSONObject) -> (step: Int, peak: Double)? {
    guard let step = line["step"]?.int, let peak = line["peak_learning_rate"]?.double, peak.isFinite, peak >= 0 else {
      return nil
    }
    return (step, peak)
  }

  /// The line of a step's samples.
  static func line(_ samples: TrainingSamples) -> JSONObject {
    [
      "step": .integer(samples.step),
      "samples": .array(
        samples.samples.map { sample in
          .object([
            "prompt": JSONValue(sample.prompt), "text": JSONValue(sample.text),
            "candidates": .array(
              sample.candidates.map {
                .object(["text": JSONValue($0.text), "probability": .double($0.probability)])
              }),
          ])
        }),
    ]
  }

  /// The samples of a line; `nil` if it has none.
  static func samples(_ line: JSONObject) -> TrainingSamples? {
    guard let step = line["step"]?.int, let list = line["samples"]?.array else { return nil }
    let samples = list.compactMap { value -> TrainingSample? in
      guard let prompt = value["prompt"]?.string, let text = value["text"]?.string else { return nil }
      let candidates = (value["candidates"]?.array ?? []).compactMap { value -> TrainingSample.Candidate? in
        guard let text = value["text"]?.string, let probability = value["probability"]?.double else { return nil }
        return TrainingSample.Candidate(text: text, probability: probability)
      }
      return TrainingSample(prompt: prompt, text: text, candidates: candidates)
    }
    return TrainingSamples(step: step, samples: samples)
  }
}
