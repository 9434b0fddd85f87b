import EngineAPI
import JSONText
import TerminalUI

extension BenchResult {
  /// The object of the command-line contract.
  func json(kernels isWanted: Bool) -> JSONObject {
    var object: JSONObject = [
      "schema": 1, "model": .text(model.reference.description), "family": .text(model.family.rawValue),
      "dtype": .text(model.format?.rawValue), "threads": .integer(threads), "isa": .text(instructionSet),
      "load_s": .double(model.loadSeconds), "weight_bytes": .whole(model.weightBytes),
      "peak_rss_bytes": .integer(peakResidentBytes), "prompt_tokens_per_s": json(promptTokensPerSecond),
      "decode_tokens_per_s": json(decodeTokensPerSecond), "end_to_end_tokens_per_s": json(endToEndTokensPerSecond),
    ]
    if let promptTokens { object["prompt_tokens"] = .integer(promptTokens) }
    if let cacheBytes {
      object["cache_type"] = .text(cacheFormat.rawValue)
      object["cache_bytes"] = .integer(cacheBytes)
    }
    if isWanted {
      object["kernels"] = .objects(
        kernels.map {
          ["name": .text($0.name), "value": .double($0.value), "unit": .text($0.unit), "limit": .double($0.limit)]
        })
    }
    return object
  }

  /// For people: what was measured, then the figures.
  func lines(_ ink: Ink) -> [String] {
    var facts = [
      model.reference.description.onOneLine, model.family.rawValue, model.format?.rawValue ?? "format not known",
      "\(threads) thread\(threads == 1 ? "" : "s")", instructionSet,
      "loaded in \(NumberText.fixed(model.loadSeconds, decimals: 2)) s",
      "weights \(model.weightBytes.map(NumberText.bytes) ?? "not known")",
    ]
    if let cacheBytes { facts.append("cache \(NumberText.bytes(cacheBytes)) \(cacheFormat.rawValue)") }
    facts.append("peak memory \(NumberText.bytes(peakResidentBytes))")
    let first = facts.joined(separator: " · ")
    var speeds = Table([.left("tokens a second"), .right("median"), .right("lowest"), .right("highest")])
    for (name, spread) in [
      (promptTokens.map { "prompt of \($0)" } ?? "prompt", promptTokensPerSecond), ("decode", decodeTokensPerSecond),
      ("end to end", endToEndTokensPerSecond),
    ] {
      guard let spread else { continue }
      speeds.add([.init(name), figure(spread.median, .accent), figure(spread.min), figure(spread.max)])
    }
    guard !kernels.isEmpty else { return [first] + speeds.lines(ink) }
    var table = Table([.left("kernel"), .right("reached"), .right("limit"), .left("unit"), .right("share")])
    for kernel in kernels {
      table.add([
        .init(kernel.name), figure(kernel.value, .accent), figure(kernel.limit), .init(kernel.unit, .dim),
        .init("\(NumberText.fixed(100 * kernel.value / kernel.limit, decimals: 0)) %"),
      ])
    }
    return [first] + speeds.lines(ink) + [""] + table.lines(ink)
  }

  private func json(_ spread: Spread?) -> JSONValue {
    guard let spread else { return nil }
    return ["min": .double(spread.min), "median": .double(spread.median), "max": .double(spread.max)]
  }

  private func figure(_ value: Double, _ role: Role? = nil) -> Table.Cell {
    Table.Cell(NumberText.fixed(value, decimals: value < 100 ? 2 : 0), role)
  }
}
