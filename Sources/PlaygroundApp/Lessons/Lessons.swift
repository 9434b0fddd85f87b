import Sampling

extension Lesson {
  /// The lessons, in their order. What they claim is true of every model of the family; the prompts suit the bundled
  /// ones.
  static let all: [Lesson] = [
    Lesson(
      title: "What a token is", tab: .generate, prompt: "The old king ate",
      steps: [
        Step("A model reads and writes text in pieces: tokens."),
        Step("A token is a word, a part of a word, or punctuation."),
        Step("The border of the prompt counts its tokens."),
        Step("Type a space and marmalade.", until: .prompt(containing: "marmalade")),
        Step("A rare word falls into several tokens, a common one is one."),
        Step("The list of candidates says which token may come next."),
        Step("Tokens mostly begin with the space before a word."),
      ]),
    Lesson(
      title: "Reading probabilities", tab: .generate, prompt: "The king had three",
      settings: { $0.chain = SamplingSettings() },
      steps: [
        Step("Every token in the vocabulary gets a chance to come next."),
        Step("Press <focus.next> to go to the list of candidates.", until: .pane(.list)),
        Step("The likeliest come first; all together make 100 %."),
        Step("Press <move.down> to walk down the list.", until: .candidate),
        Step("Thousands follow, most of them with next to no chance."),
        Step("Press <candidates.take>: the token goes into the prompt.", until: .prompt),
        Step("The list now says what may follow the longer text."),
        Step("Entropy, in bits, says how open the choice is; 0 is certain."),
      ]),
    Lesson(
      title: "Why temperature", tab: .generate, prompt: "Once upon a", focus: .candidates,
      settings: { $0.chain = SamplingSettings() },
      steps: [
        Step("A token is drawn by chance; settings change the chances first."),
        Step("Press <candidates.chain> to see the chances after the settings.", until: .chain),
        Step("Press <sampler.open>: the settings open on temperature.", until: .overlay(.sampler)),
        Step(
          "Type 0.5 and press <overlay.accept>.", until: .setting({ $0.chain.temperature }, in: ...0.5)),
        Step("Close the settings with <overlay.close>.", until: .panesAgain),
        Step("Below 1 the likeliest tokens gain, and the others lose."),
        Step("Now 2: <sampler.open>, 2, <overlay.accept>.", until: .setting({ $0.chain.temperature }, in: 2...)),
        Step("Close the settings with <overlay.close>.", until: .panesAgain),
        Step("Above 1 the chances draw closer together: texts grow wild."),
        Step("At 0 the first token always wins; at 1 nothing is changed."),
      ]),
    Lesson(
      title: "What top-p removes", tab: .generate, prompt: "The old man opened the", focus: .candidates,
      settings: { $0.chain = SamplingSettings() },
      steps: [
        Step("Thousands of unlikely tokens share a part of the chances."),
        Step("Each is rare, but one of them is drawn again and again."),
        Step("top-p keeps the likeliest ones whose chances add up to p."),
        Step("Press <app.palette>.", until: .overlay(.picker)),
        Step("Type top-p 0.6 and press <overlay.accept>.", until: .setting({ $0.chain.topP }, in: ..<1)),
        Step("A cross marks what is removed: it can't be drawn now."),
        Step("Press <candidates.chain>: those that stay share all the chances.", until: .chain),
        Step("A lower p keeps texts plain, a higher one lets them vary."),
        Step("top-k keeps a fixed number of tokens instead."),
      ]),
    Lesson(
      title: "Seeds", tab: .generate, prompt: "Once upon a time there was a",
      settings: { $0.chain = Lesson.calm },
      steps: [
        Step("The computer's chance is made from a number: the seed."),
        Step("Press <prompt.send> to write a text.", until: .text),
        Step("Press <focus.next> until the focus is on the text.", until: .pane(.text)),
        Step("Press <stream.again>: the next seed writes another text.", until: .text),
        Step("Press <edit.undo>: the first text is back.", until: .otherText),
        Step("<sampler.open> opens the settings: a seed can be typed there."),
        Step("The same seed always gives the same text."),
      ]),
    Lesson(
      title: "Forks", tab: .generate, prompt: "The king had three daughters, and the youngest",
      settings: { $0.chain = Lesson.calm },
      steps: [
        Step("A text is a path: at every token it could have turned."),
        Step("Press <prompt.send> to write one.", until: .text),
        Step("Press <focus.next> until the focus is on the text.", until: .pane(.text)),
        Step("Press <move.left> to go back along its tokens.", until: .token),
        Step("The list shows the other tokens that could have come there."),
        Step("Press <focus.previous> to go to the list.", until: .pane(.list)),
        Step("Press <move.down> to choose another token.", until: .candidate),
        Step("Press <candidates.take>: the text continues from it.", until: .text),
        Step("Press <edit.undo>: the earlier branch comes back.", until: .otherText),
        Step("No branch is lost: <edit.redo> brings the newer one back."),
      ]),
    Lesson(
      title: "Surprise and colors", tab: .generate, prompt: "It was a dark night, and the wolf",
      settings: { $0.chain = SamplingSettings() },
      steps: [
        Step("Press <prompt.send> to write a text.", until: .text),
        Step("A token's color says how much chance the model gave it."),
        Step("Plain: it was likely. Warm: it was not."),
        Step("Press <focus.next> until the focus is on the text.", until: .pane(.text)),
        Step("Press <move.left>: the list shows the token's chance.", until: .token),
        Step("Surprise is counted in bits: half the chance is one bit more."),
        Step("<move.previous-hit> jumps back to the previous peak of surprise."),
        Step("Press <view.heat>: colors show the rank, then the surprise.", until: .colors),
        Step("Rank 1 is the token that was likeliest at its position."),
      ]),
    Lesson(
      title: "Masks", tab: .fillMask, prompt: "The [MASK] sat on the chair.",
      steps: [
        Step("This model reads both sides of a gap and guesses the word."),
        Step("Press <prompt.send> to go to the gap's candidates.", until: .pane(.list)),
        Step("Press <move.down> to choose another word.", until: .candidate),
        Step("Press <candidates.take>: it goes into the gap.", until: .prompt),
        Step("Press <edit.undo>: the gap is back.", until: .moreGaps),
        Step("Press End, <move.left>, <prompt.mask-word>: one more gap.", until: .moreGaps),
        Step("Each gap's list is made with the other gap still open."),
        Step("Together, both are filled so that the words suit each other."),
      ]),
    Lesson(
      title: "Beams in translation", tab: .translate, prompt: "Where is the station?",
      settings: { ($0.beams, $0.lengthPenalty) = (4, 1) },
      steps: [
        Step("Beam search writes several translations side by side."),
        Step("At each token it keeps the best of them and drops the rest."),
        Step("Press <prompt.send> to translate.", until: .text),
        Step("Press <focus.next> until the focus is on the beams.", until: .pane(.beams)),
        Step("Press <move.down>: the second best translation.", until: .otherText),
        Step("A score adds up the log chances and divides by the length."),
        Step("Press <app.palette>.", until: .overlay(.picker)),
        Step("Type beams 1 and press <overlay.accept>.", until: .setting({ $0.beams ?? 0 }, in: 1...1)),
        Step("One beam takes the likeliest token each time: it is quick."),
        Step("From the prompt, translate again: is it the first of the four?"),
        Step("More beams look further ahead, and cost more work."),
      ]),
    Lesson(
      title: "Number formats", tab: .generate, prompt: "The king had three",
      settings: { $0.chain = SamplingSettings() },
      steps: [
        Step("A model is millions of numbers: its weights."),
        Step("f32 keeps each in 32 bits, bf16 in 16, q8 in 8.5, q4 in 4.5."),
        Step("Note the first chances in the list. Then press <model.choose>.", until: .overlay(.models)),
        Step("Type <model>@q4 and press <overlay.accept>.", until: .model),
        Step("The chances moved: q4 rounds the weights coarsely."),
        Step("It takes about a sixth of the memory of f32, and is quicker."),
        Step("q8 moves them much less, in about a quarter of the memory."),
        Step("That was the last lesson. Your own texts come back after it."),
      ]),
  ]

  /// The default settings of the bundled storyteller models.
  private static let calm: SamplingSettings = {
    var chain = SamplingSettings()
    (chain.temperature, chain.topP) = (0.8, 0.95)
    return chain
  }()
}
