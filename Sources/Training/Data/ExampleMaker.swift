import Corpora
import EngineAPI
import JSONText
import Models
import Templates
import Terms
import Tokenizers

/// Makes examples of the rows of a file, for one objective.
struct ExampleMaker {
  let objective: TrainingObjective
  let options: TrainingOptions
  let tokenizer: Tokenizer
  /// The longest sequence of the model; `nil` if there is no limit.
  let limit: Int?
  /// The labels of a model that gives labels.
  let labels: [String]
  /// `decoder_start_token_id` of an encoder-decoder model.
  let decoderStart: Int?
  /// The model's chat template; `nil` if it has none.
  var conversations: ConversationReader?
  /// The model from which a run on preferences starts.
  var start: AnyLanguageModel?

  /// The longest sequence of tokens without an option.
  private static let usualLength = 512

  /// The length of blocks of running text and the limit of other examples.
  var length: Int { options.blockSize ?? min(limit ?? Self.usualLength, Self.usualLength) }

  /// The labels of a file in the order of their names, each with the line where it is first used.
  static func labels(
    _ objective: TrainingObjective, _ file: ExampleFile, _ options: TrainingOptions
  ) throws(TrainingError) -> [(name: String, line: Int)] {
    let column = try objective == .tag ? tagColumns(file, options).tags : labelColumn(file, options)
    let isList = objective == .tag || options.problemType == "multi_label_classification"
    var lines: [String: Int] = [:]
    for row in file.rows {
      // A row without labels is named when its example is made.
      let names = isList ? row.words(column) ?? [] : row.plainText(column).map { [$0] } ?? []
      for name in names where lines[name] == nil {
        guard !name.isEmpty else { throw ExampleFile.failure(file.place(row), expected: "a label", found: "none") }
        lines[name] = row.line
      }
    }
    return lines.map { (name: $0.key, line: $0.value) }.sorted { a, b in
      // Numbers come first, in their order.
      switch (Int(a.name), Int(b.name)) {
      case (let x?, let y?) where x != y: return x < y
      case (_?, nil): return true
      case (nil, _?): return false
      default: return a.name < b.name
      }
    }
  }

  /// Makes the examples.
  func examples(_ file: ExampleFile) throws(TrainingError) -> any ExampleSet {
    if let limit, length > limit {
      throw TrainingError(
        .usage, "blocks are longer than the model's context", at: "block_size", expected: "at most \(limit)",
        found: "\(length)")
    }
    switch objective {
    case .causal: return try FixedExamples(examples: causal(file))
    case .masked: return try masked(file)
    case .seq2seq: return options.spanCorruption ? try spans(file) : FixedExamples(examples: try pairs(file))
    case .classify: return FixedExamples(examples: try labeled(file))
    case .tag: return FixedExamples(examples: try tagged(file))
    case .preference: return FixedExamples(examples: try preferences(file))
    }
  }

  // MARK: - Running text

  /// The texts of a file: a text file as a whole or its lines, or the rows of a table one by one.
  private func texts(_ file: ExampleFile) throws(TrainingError) -> [String] {
    try file.checkColumn(options.textColumn)
    return try file.texts(options.textColumn ?? (file.columns.contains("text") ? "text" : file.columns[0]))
  }

  /// All texts as one run of ids, separated by the end of text.
  private func running(_ file: ExampleFile) throws(TrainingError) -> [Int] {
    var ids: [Int] = []
    for text in try texts(file) {
      ids += tokenizer.encode(text, addSpecialTokens: false).ids
      if let end = tokenizer.specialTokens.eos ?? tokenizer.specialTokens.sep { ids.append(end.id) }
    }
    return ids
  }

  private func blocks(_ ids: [Int], _ size: Int) -> [[Int]] {
    stride(from: 0, to: ids.count, by: size).map { Array(ids[$0..<min($0 + size, ids.count)]) }
  }

  private func causal(_ file: ExampleFile) throws(TrainingError) -> [TrainingExample] {
    if options.textColumn == nil, !file.columns.contains("text"), let first = file.rows.first,
      ConversationReader.messages(first) != nil
    {
      return try chats(file)
    }
    let sequences: [[Int]]
    if options.lineByLine {
      let end = tokenizer.specialTokens.eos.map { [$0.id] } ?? []
      sequences = try texts(file).map { Array((tokenizer.encode($0).ids + end).prefix(length)) }
    } else {
      sequences = blocks(try running(file), length)
    }
    return sequences.filter { $0.count > 1 }.map { ids in
      TrainingExample(ids: ids, positions: Array(0..<ids.count - 1), targets: .classes(Array(ids.dropFirst())))
    }
  }

  /// Conversations: only the assistant's tokens count.
  private func chats(_ file: ExampleFile) throws(TrainingError) -> [TrainingExample] {
    guard let conversations else { throw Self.noTemplate(file) }
    var examples: [TrainingExample] = []
    for row in file.rows {
      guard let messages = ConversationReader.messages(row) else {
        throw file.missing("messages", in: row, expected: "messages")
      }
      var tools: JSONValue?
      if case .json(let value)? = row["tools"] { tools = value }
      let (ids, counted) = try conversations.read(messages, tools: tools, at: file.place(row))
      let kept = Array(ids.prefix(length))
      // The row before a token predicts it.
      let targets = counted.filter { $0 > 0 && $0 < kept.count }
      guard kept.count > 1 else { continue }
      examples.append(
        TrainingExample(ids: kept, positions: targets.map { $0 - 1 }, targets: .classes(targets.map { kept[$0] })))
    }
    return examples
  }

  private static func noTemplate(_ file: ExampleFile) -> TrainingError {
    TrainingError(
      .model, "the model has no chat template", at: file.path, expected: "a template for the conversations",
      found: "none", hint: "put a \(ChatTemplate.fileName) into the model's folder, or write the conversations as texts"
    )
  }

  /// Pairs of answers: columns `prompt`, `chosen` and `rejected`, texts or lists of messages.
  private func preferences(_ file: ExampleFile) throws(TrainingError) -> [TrainingExample] {
    var pairs: [PreferencePair] = []
    for row in file.rows {
      let (chosen, rejected) = (try side("chosen", row, file), try side("rejected", row, file))
      guard !chosen.targets.isEmpty || !rejected.targets.isEmpty else { continue }
      pairs.append(PreferencePair(chosen: chosen, rejected: rejected))
    }
    guard pairs.isEmpty || pairs.contains(where: { $0.chosen != $0.rejected }) else {
      throw ExampleFile.failure(
        file.path, expected: "pairs whose answers differ", found: "the same answers as chosen and rejected")
    }
    guard let start else { return [] }
    let pass = LossPass(model: start, smoothing: 0)
    var examples: [TrainingExample] = []
    do throws(ModelError) {
      for pair in pairs {
        var example = TrainingExample(ids: [], positions: [], targets: .preference(pair))
        let difference = PreferenceLoss.differences(try pass.forward([example], recorder: nil).logits, [pair])[0]
        var compared = pair
        compared.start = difference
        example.targets = .preference(compared)
        examples.append(example)
      }
    } catch {
      throw TrainingError(.model, error)
    }
    return examples
  }

  /// A prompt with one of its answers.
  private func side(
    _ column: String, _ row: CorpusRecord, _ file: ExampleFile
  ) throws(TrainingError) -> PreferencePair.Side {
    let (prompt, answer): ([Int], [Int])
    if let text = row.plainText("prompt") {
      guard let given = row.plainText(column) else { throw file.missing(column, in: row) }
      let end = tokenizer.specialTokens.eos.map { [$0.id] } ?? []
      prompt = tokenizer.encode(text).ids
      answer = tokenizer.encode(given, addSpecialTokens: false).ids + end
    } else {
      guard case .json(.array(let messages))? = row["prompt"] else { throw file.missing("prompt", in: row) }
      guard case .json(.array(let given))? = row[column] else {
        throw file.missing(column, in: row, expected: "messages")
      }
      guard let conversations else { throw Self.noTemplate(file) }
      (prompt, answer) = try conversations.answer(
        messages.map(ConversationReader.normalized), given.map(ConversationReader.normalized), at: file.place(row))
    }
    guard !prompt.isEmpty, prompt.count < length else {
      throw ExampleFile.failure(
        file.place(row), expected: "a prompt of 1 to \(length - 1) tokens", found: "\(prompt.count)")
    }
    return PreferencePair.Side(prompt: prompt, answer: answer, length: length)
  }

  private func masked(_ file: ExampleFile) throws(TrainingError) -> any ExampleSet {
    guard let mask = tokenizer.specialTokens.mask else {
      throw TrainingError(.model, "the tokenizer has no mask token", expected: "a masked model", found: "none")
    }
    var sequences: [MaskedExamples.Sequence] = []
    for text in try texts(file) {
      let empty = tokenizer.encode("")
      let room = max(1, length - empty.count)
      let encoding = tokenizer.encode(text, addSpecialTokens: false)
      let words = Self.words(encoding, Array(text.utf8), whole: options.wholeWordMasking)
      // The special tokens of an empty text go around each block.
      let before = empty.ids.prefix((empty.count + 1) / 2)
      let after = empty.ids.dropFirst(before.count)
      let size = options.lineByLine ? encoding.count : room
      for start in stride(from: 0, to: encoding.count, by: max(1, size)) {
        let range = start..<min(start + room, encoding.count)
        sequences.append(
          MaskedExamples.Sequence(
            ids: Array(before) + Array(encoding.ids[range]) + Array(after),
            words: before.map { _ in nil } + Array(words[range]) + after.map { _ in nil }))
      }
    }
    return MaskedExamples(
      sequences: sequences, mask: mask.id, vocabulary: tokenizer.vocabularySize,
      probability: options.mlmProbability, seed: options.seed)
  }

  /// The word of each token; `nil` for special tokens. Words are separated by white space.
  private static func words(_ encoding: Encoding, _ text: [UInt8], whole: Bool) -> [Int?] {
    var word = -1
    return encoding.ids.indices.map { index in
      guard !encoding.special[index] else { return nil }
      let start = encoding.ranges[index].lowerBound
      func isSpace(_ place: Int) -> Bool { text.indices.contains(place) && text[place] <= 32 }
      if !whole || word < 0 || isSpace(start) || start == 0 || isSpace(start - 1) { word += 1 }
      return word
    }
  }

  private func spans(_ file: ExampleFile) throws(TrainingError) -> any ExampleSet {
    let sentinels = (0..<100).compactMap { tokenizer.id(of: "<extra_id_\($0)>") }
    guard !sentinels.isEmpty, let end = tokenizer.specialTokens.eos, let start = decoderStart else {
      throw TrainingError(
        .model, "spans can't be corrupted", at: "the tokenizer", expected: "tokens <extra_id_0> and so on, as T5 has",
        found: "none")
    }
    return CorruptedSpans(
      sequences: blocks(try running(file), max(2, length - 1)).filter { $0.count > 1 }, sentinels: sentinels,
      start: start, end: end.id, probability: options.mlmProbability, seed: options.seed)
  }

  // MARK: - Pairs

  private func pairs(_ file: ExampleFile) throws(TrainingError) -> [TrainingExample] {
    guard let start = decoderStart else {
      throw TrainingError(
        .model, "the model has no start of the decoder's text", at: "config.json", expected: "decoder_start_token_id",
        found: "none")
    }
    try file.checkColumn(options.sourceColumn)
    try file.checkColumn(options.targetColumn)
    guard file.columns.count > 1 else {
      throw ExampleFile.failure(file.path, expected: "columns of sources and targets", found: "one column")
    }
    func column(_ asked: String?, _ usual: [String], _ index: Int) -> String {
      asked ?? usual.first(where: file.columns.contains) ?? file.columns[index]
    }
    let sources = try file.texts(column(options.sourceColumn, ["source", "input", "text"], 0))
    let targets = try file.texts(column(options.targetColumn, ["target", "output", "summary"], 1))
    let end = tokenizer.specialTokens.eos?.id
    return zip(sources, targets).map { source, target in
      let most = options.maxTargetLength ?? length
      var ids = Array(tokenizer.encode(target).ids.prefix(most))
      if let end, ids.last != end { ids = Array(ids.prefix(most - 1)) + [end] }
      return TrainingExample(
        source: Array(tokenizer.encode(options.sourcePrefix + source).ids.prefix(length)),
        ids: [start] + ids.dropLast(),
        positions: Array(ids.indices), targets: .classes(ids))
    }
  }

  // MARK: - Labels

  /// The column with the labels: the one asked for or named `label`; in a table of two columns, the one with fewer
  /// different values.
  static func labelColumn(_ file: ExampleFile, _ options: TrainingOptions) throws(TrainingError) -> String {
    try file.checkColumn(options.labelColumn)
    if let asked = options.labelColumn ?? ["label", "labels"].first(where: file.columns.contains) { return asked }
    guard file.columns.count == 2 else {
      throw ExampleFile.failure(
        file.path, expected: "a column 'label'", found: "columns \(file.columns.joined(separator: ", "))",
        hint: "name it with label_column")
    }
    func variety(_ column: String) -> Int { Set(file.rows.compactMap { $0.plainText(column) }).count }
    return variety(file.columns[0]) <= variety(file.columns[1]) ? file.columns[0] : file.columns[1]
  }

  private func labeled(_ file: ExampleFile) throws(TrainingError) -> [TrainingExample] {
    let labelColumn = try Self.labelColumn(file, options)
    try file.checkColumn(options.textColumn)
    try file.checkColumn(options.pairColumn)
    let textColumn =
      options.textColumn ?? ["text", "sentence"].first(where: file.columns.contains)
      ?? file.columns.first { $0 != labelColumn && $0 != options.pairColumn }
    guard let textColumn else {
      throw ExampleFile.failure(file.path, expected: "a column with texts", found: "only '\(labelColumn)'")
    }
    let numbers = Dictionary(labels.enumerated().map { ($1, $0) }) { first, _ in first }
    let texts = try file.texts(textColumn)
    let pairs = try options.pairColumn.map { column throws(TrainingError) in try file.texts(column) }
    var examples: [TrainingExample] = []
    for (index, row) in file.rows.enumerated() {
      var example: TrainingExample
      if let pair = pairs?[index] {
        let encoded = tokenizer.encode(texts[index], pair: pair)
        example = TrainingExample(ids: encoded.encoding.ids, types: encoded.types, positions: [], targets: .classes([]))
      } else {
        example = TrainingExample(ids: tokenizer.encode(texts[index]).ids, positions: [], targets: .classes([]))
      }
      if example.ids.count > length {
        // Keep the last token, which ends the sequence for models with special tokens.
        example.ids = Self.cut(example.ids, length)
        if !example.types.isEmpty { example.types = Self.cut(example.types, length) }
      }
      guard !example.ids.isEmpty else {
        throw ExampleFile.failure(file.place(row), expected: "a text", found: "an empty one")
      }
      example.targets = try targets(row, labelColumn, numbers, file)
      examples.append(example)
    }
    return examples
  }

  /// The first `length - 1` numbers and the last one.
  private static func cut(_ numbers: [Int], _ length: Int) -> [Int] {
    Array(numbers.prefix(length - 1)) + Array(numbers.suffix(1))
  }

  private func targets(
    _ row: CorpusRecord, _ column: String, _ numbers: [String: Int], _ file: ExampleFile
  ) throws(TrainingError) -> TrainingExample.Targets {
    switch options.problemType {
    case "regression"?:
      guard let text = row.plainText(column) else { throw file.missing(column, in: row, expected: "a number") }
      guard let value = Float(text), value.isFinite else {
        throw ExampleFile.failure(file.place(row), expected: "a number", found: text)
      }
      return .numbers([value])
    case "multi_label_classification"?:
      var values = [Float](repeating: 0, count: labels.count)
      guard let names = row.words(column) else { throw file.missing(column, in: row, expected: "labels") }
      for name in names { values[try number(name, numbers, row, file)] = 1 }
      return .labels(values)
    default:
      guard let name = row.plainText(column) else { throw file.missing(column, in: row, expected: "a label") }
      return .classes([try number(name, numbers, row, file)])
    }
  }

  private func number(
    _ name: String, _ numbers: [String: Int], _ row: CorpusRecord, _ file: ExampleFile
  ) throws(TrainingError) -> Int {
    guard let number = numbers[name] else {
      throw ExampleFile.failure(
        file.place(row), expected: "one of the labels \(labels.prefix(20).joined(separator: ", "))", found: name)
    }
    return number
  }

  /// The columns with the words and their tags: those asked for, or the usual ones.
  private static func tagColumns(
    _ file: ExampleFile, _ options: TrainingOptions
  ) throws(TrainingError) -> (words: String, tags: String) {
    func column(_ asked: String?, _ usual: [String]) throws(TrainingError) -> String {
      let name = asked ?? usual.first(where: file.columns.contains) ?? usual[0]
      try file.checkColumn(name)
      return name
    }
    return (
      words: try column(options.textColumn, ["tokens", "words"]),
      tags: try column(options.labelColumn, ["tags", "ner_tags", "labels"])
    )
  }

  /// The position of the first token of each word, with the number of the word, in the order of the tokens. A word
  /// without tokens has none.
  /// - Parameter encoding: that of the words with single spaces between.
  static func wordStarts(_ words: [String], _ encoding: Encoding) -> [(position: Int, word: Int)] {
    var starts: [Int: Int] = [:]
    var next = 0
    for (index, word) in words.enumerated() {
      starts[next] = index
      next += word.utf8.count + 1
    }
    var found: [(position: Int, word: Int)] = []
    var seen: Set<Int> = []
    for position in 0..<encoding.count {
      let range = encoding.ranges[position]
      // Tokens that are added around the text have empty ranges; an unknown word has that of the word.
      // A token that includes the space before a word begins one byte earlier.
      guard !range.isEmpty, let word = starts[range.lowerBound] ?? starts[range.lowerBound + 1],
        seen.insert(word).inserted
      else { continue }
      found.append((position, word))
    }
    return found
  }

  /// Words with tags: the first token of each word counts.
  private func tagged(_ file: ExampleFile) throws(TrainingError) -> [TrainingExample] {
    let numbers = Dictionary(labels.enumerated().map { ($1, $0) }) { first, _ in first }
    let columns = try Self.tagColumns(file, options)
    var examples: [TrainingExample] = []
    for row in file.rows {
      guard let words = row.words(columns.words) else {
        throw file.missing(columns.words, in: row, expected: "words")
      }
      guard let tags = row.words(columns.tags) else { throw file.missing(columns.tags, in: row, expected: "tags") }
      guard words.count == tags.count else {
        throw ExampleFile.failure(
          file.place(row), expected: "\(words.count) tags, one for each word", found: "\(tags.count)")
      }
      let encoding = tokenizer.encode(words.joined(separator: " "))
      var (positions, targets) = ([Int](), [Int]())
      for (position, word) in Self.wordStarts(words, encoding) where position < length {
        positions.append(position)
        targets.append(try number(tags[word], numbers, row, file))
      }
      let ids = encoding.count > length ? Self.cut(encoding.ids, length) : encoding.ids
      if positions.last == length - 1, encoding.count > length {
        positions.removeLast()
        targets.removeLast()
      }
      examples.append(TrainingExample(ids: ids, positions: positions, targets: .classes(targets)))
    }
    return examples
  }
}
