import EngineAPI
import JSONText

extension ChatMessage {
  /// `{"role", "content", "reasoning"}`; the reasoning only if there is some.
  public var json: JSONObject {
    var object: JSONObject = ["role": JSONValue(role), "content": JSONValue(content)]
    if let reasoning { object["reasoning"] = JSONValue(reasoning) }
    return object
  }
}

extension [ChatMessage] {
  /// The messages as a file that `chat --messages` reads: `{"messages": […]}`.
  public var file: String {
    let object: JSONObject = ["messages": .array(map { .object($0.json) })]
    return JSONValue.object(object).serialized() + "\n"
  }
}
