import JSONText

/// Lets a model continue the last message: a mark is appended to its text before rendering, and the rendered text is
/// cut at the mark.
struct Continuation {
  /// The text to continue.
  private let text: String
  /// Ends with a space, which shows whether the template trims the text.
  private static let mark = "CONTINUE_FINAL_MESSAGE_TAG "

  /// Adds the mark to the last message; `nil` if the request does not continue a message.
  init?(_ request: ChatRequest, _ messages: inout [JSONObject], source: String) throws(TemplateError) {
    guard let field = request.continuedField else { return nil }
    guard !request.addsGenerationPrompt else {
      throw TemplateError(
        .request, "a message to continue, and an answer to begin", expected: "one of them", found: "both")
    }
    var last = messages[messages.count - 1]
    guard let content = last[field] else {
      throw TemplateError(
        .request, "nothing to continue", expected: "'\(field)' in the last message", found: "none")
    }
    // Reasoning has several names; the template reads one of them.
    let fields =
      ChatRequest.reasoningFields.contains(field)
      ? ChatRequest.reasoningFields.filter { last[$0] == content } : [field]
    guard fields.contains(where: source.contains) else {
      throw TemplateError(
        .request, "the template cannot continue '\(field)'", expected: "a member that it reads", found: "'\(field)'")
    }
    if case .array(var parts) = content {
      guard let index = parts.lastIndex(where: { $0["text"]?.string != nil }), let text = parts[index]["text"]?.string,
        var part = parts[index].object
      else {
        throw TemplateError(.request, "nothing to continue", expected: "text in the last message", found: "none")
      }
      self.text = text
      part["text"] = JSONValue(text + Self.mark)
      parts[index] = .object(part)
      last[field] = .array(parts)
    } else if let text = content.string {
      self.text = text
      for field in fields { last[field] = JSONValue(text + Self.mark) }
    } else {
      throw TemplateError(.request, "nothing to continue", expected: "text", found: content.kind)
    }
    messages[messages.count - 1] = last
  }

  /// Cuts the rendered text at the mark.
  /// - Throws: if the template did not output the text with the mark.
  func cut(_ rendered: inout RenderedTemplate) throws(TemplateError) {
    let output = Text(rendered.text)
    let mark = Text(Self.mark)
    let trimmedMark = Text(mark.bytes.dropLast())
    guard output.contains(Self.trimmed(Text(text))), let offset = output.lastOffset(of: trimmedMark) else {
      throw TemplateError(
        .request, "the template has not written the message to continue", expected: "its text", found: "another one",
        hint: "the template may shorten the last message; ask for an answer instead")
    }
    var kept = Text(output.bytes[..<offset])
    if !output.bytes[offset...].starts(with: mark.bytes) {
      kept = Text(kept.bytes[..<Characters.end(strippingSpace: kept.bytes[...])])
    }
    rendered.text = kept.string
    let count = kept.count
    rendered.generated = rendered.generated.compactMap { (range) in
      range.lowerBound < count ? range.lowerBound..<min(range.upperBound, count) : nil
    }
  }

  private static func trimmed(_ text: Text) -> Text {
    let start = Characters.start(strippingSpace: text.bytes[...])
    return Text(text.bytes[start..<Characters.end(strippingSpace: text.bytes[start...])])
  }
}
