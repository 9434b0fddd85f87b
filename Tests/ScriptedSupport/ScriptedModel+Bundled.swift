import EngineAPI

extension ScriptedModel {
  private static let storyWords = [
    "Once", " upon", " a", " time", ",", " in", " village", " by", " the", " sea", " there", " lived", " little",
    " young", " poor", " man", " woman", " very", " boy", " fisher", " great", " king", " good", " certain", " old",
    " rich",
  ]

  /// Scripted versions of the playground's four models, and a model that cannot be opened.
  public static let bundled: [ScriptedModel] = [
    ScriptedModel(
      "storyteller", family: .causal, words: storyWords,
      script:
        " little girl, who had no father and no mother, and who lived with her grandmother in a cottage at the end of "
        + "the last street. Every morning she went down to the sea.",
      card: "# storyteller\n\nFairy tales, 8,192 tokens, 21 million weights.\n\n## Data\n\nTales out of copyright."),
    ScriptedModel(
      "storyteller-mini", family: .causal, parameters: 5_200_000, words: storyWords,
      script:
        " young fisherman called Peter, and he was the poorest man on all that coast; but he sang at his nets as if he "
        + "owned the whole of the sea and every ship upon it.", seed: 2),
    ScriptedModel(
      "cloze", family: .masked, parameters: 11_000_000, words: ["The", " capital", " of", " is", " ", "."],
      fillings: [
        ["france", "italy", "china", "spain", "india", "japan"],
        ["paris", "london", "rome", "madrid", "berlin", "tokyo"],
        ["red", "green"], ["one", "two"], ["here", "there"],
      ], contextLength: 256, seed: 3),
    ScriptedModel(
      "interpreter", family: .seq2seq, parameters: 31_000_000,
      words: ["translate", " English", " to", " French", ":", " How", " are", " you", "?", " Vous", " vous", " va"],
      script: " Comment allez-vous aujourd'hui ?", contextLength: nil, seed: 4),
    ScriptedModel(
      "broken", family: .causal,
      failure: EngineError(
        .model, "can't open the weights", at: "/models/broken/model.safetensors", expected: "a header of 812 bytes",
        found: "a file of 17 bytes", hint: "fetch the file again")),
  ]
}
