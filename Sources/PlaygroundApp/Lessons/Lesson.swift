import EngineAPI
import TerminalUI

/// A guided walk through one tab: what it opens with, and its steps. `Lesson.all` has them as data.
struct Lesson: Sendable {
  /// One sentence, and the condition for the next step.
  struct Step: Sendable {
    /// One sentence of at most 70 columns. `<prompt.send>` stands for the key of an action, `<model>` for the model's
    /// name.
    var sentence: String
    /// The condition that completes the step; `nil` if a key advances after reading.
    var condition: LessonCondition?

    /// A step to read.
    init(_ sentence: String) { self.sentence = sentence }

    /// A step to do.
    init(_ sentence: String, until condition: LessonCondition) {
      self.sentence = sentence
      self.condition = condition
    }
  }

  /// Its title.
  var title: String
  /// The tab that it opens.
  var tab: TabID
  /// The text of the prompt; `[MASK]` is replaced by the model's mask token.
  var prompt: String
  /// The pane with the focus.
  var focus = Focus.prompt
  /// Settings of the sampler that differ from the model's own.
  var settings: @Sendable (inout SamplerValues) -> Void = { _ in }
  /// Its steps, in order.
  var steps: [Step]

  /// How many lessons there are; the first has the number 1.
  static var count: Int { all.count }
}

/// The condition that completes a step. It compares the state at the start of the step with the current state.
struct LessonCondition: Sendable {
  /// Whether it is met.
  var isMet: @Sendable (_ start: LessonFacts, _ now: LessonFacts) -> Bool

  /// A comparison.
  init(_ isMet: @escaping @Sendable (_ start: LessonFacts, _ now: LessonFacts) -> Bool) { self.isMet = isMet }

  /// A condition on the current state alone.
  static func now(_ isMet: @escaping @Sendable (LessonFacts) -> Bool) -> LessonCondition { .init { isMet($1) } }

  /// A pane with this trait has the focus.
  static func pane(_ trait: KeyContext.Traits) -> LessonCondition {
    .now { $0.focus.context.traits.contains(trait) }
  }
  /// The pane of a context has the focus.
  static func pane(_ context: KeyContext) -> LessonCondition { .now { $0.focus.context == context } }
  /// An overlay is open.
  static func overlay(_ context: KeyContext) -> LessonCondition { .now { $0.overlay == context } }
  /// No overlay is open.
  static let panesAgain = LessonCondition.now { $0.overlay == nil }
  /// The prompt's text has changed.
  static let prompt = LessonCondition { $0.prompt != $1.prompt }
  /// The prompt contains a text.
  static func prompt(containing text: String) -> LessonCondition { .now { $0.prompt.contains(text) } }
  /// The prompt has more gaps.
  static let moreGaps = LessonCondition { $0.gaps < $1.gaps }
  /// A generation has finished.
  static let text = LessonCondition {
    $1.hasText && !$1.isBusy && (!$0.hasText || $0.begun != $1.begun)
  }
  /// Another text is shown.
  static let otherText = LessonCondition {
    $0.begun != $1.begun || $0.focus == $1.focus && $0.trace != $1.trace
  }
  /// The cursor is on another token.
  static let token = LessonCondition { $0.cursor != $1.cursor && $1.cursor != nil }
  /// Another row of the list is chosen.
  static let candidate = LessonCondition { ($0.candidate ?? 0) != ($1.candidate ?? 0) }
  /// The list shows the chances after the settings.
  static let chain = LessonCondition.now { $0.showsChain }
  /// The measure of the colors has changed.
  static let colors = LessonCondition { $0.heat != $1.heat }
  /// Another model, or the same in another format.
  static let model = LessonCondition { $0.model != $1.model }
  /// A setting has a value in a range.
  static func setting<Range: RangeExpression & Sendable>(
    _ value: @escaping @Sendable (SamplerValues) -> Range.Bound, in range: Range
  ) -> LessonCondition {
    .now { $0.sampler.map { range.contains(value($0)) } ?? false }
  }
}

/// The facts that conditions compare, read from the open tab through the protocol ``Tab``.
struct LessonFacts: Sendable, Equatable {
  /// The pane with the focus.
  var focus: Focus
  /// The context of the open overlay.
  var overlay: KeyContext?
  /// The text of the prompt.
  var prompt: String
  /// The model.
  var model: ModelReference
  /// The settings.
  var sampler: SamplerValues?
  /// The number of masks in the prompt.
  var gaps: Int
  /// The chosen row of the list.
  var candidate: Int?
  /// Whether the list shows the chances after the settings.
  var showsChain: Bool
  /// The text that the cursor moves through.
  var trace: Trace?
  /// The token that the cursor is on.
  var cursor: Int?
  /// ``Tab/begun`` of the open tab.
  var begun: [Int?]
  /// Whether the tab shows a generated text.
  var hasText: Bool
  /// Whether the engine works.
  var isBusy: Bool
  /// The measure that the colors show.
  var heat: HeatMeasure
}

/// The open lesson, and the user's own state to restore when it is left.
struct LessonRun: Sendable, Equatable {
  /// Its index in `Lesson.all`.
  var index: Int
  /// The step that is shown.
  var step = 0
  /// The state when the step began; nil until the lesson's first state has settled.
  var start: LessonFacts?
  /// The user's own tabs.
  var ownTabs: TabSet
  /// The shell of the user's own tabs.
  var ownShell: Shell

  /// The lesson.
  var lesson: Lesson { Lesson.all[index] }
  /// The step that is shown.
  var shown: Lesson.Step { lesson.steps[step] }
}
