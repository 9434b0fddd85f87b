import JSONText
import TestSupport
import Testing

@testable import Corpora

/// The readers of the formats.
@Suite struct ReadingTests {
  private func read(_ text: String, _ path: String, _ reading: CorpusReading = CorpusReading()) throws
    -> [CorpusRecord]
  {
    try CorpusFile(path: path, contents: Array(text.utf8)).read(reading).records
  }

  private func texts(_ records: [CorpusRecord], _ column: String = "text") -> [String] {
    records.map { $0[column]?.text ?? "MISSING" }
  }

  @Test func csvEqualsTheReference() throws {
    let cases = try JSONValue(parsing: Fixtures.bytes("corpora/csv.json")).array ?? []
    #expect(cases.count == 24)
    for expected in cases {
      let rows = expected["rows"]?.array?.map { $0.array?.compactMap(\.string) ?? [] } ?? []
      var reading = CorpusReading()
      reading.columnNames = ConllReader.defaultNames(rows.first?.count ?? 0)
      let records = try read(expected["text"]?.string ?? "", "t.csv", reading)
      #expect(records.map { $0.fields.map { Array($0.value.text.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
    }
  }

  @Test func theFirstLineOfATableNamesItsColumns() throws {
    let records = try read("label,text\r\npos,\"good, \"\"very\"\"\"\r\n\r\nneg,bad", "t.csv")
    #expect(records.map { $0["label"] } == [.text("pos"), .text("neg")])
    #expect(texts(records) == ["good, \"very\"", "bad"])
    #expect(records.map(\.line) == [2, 4])
    #expect(try read("a\tb\n\"x\t\"y\n", "t.tsv")[0].fields.map(\.value) == [.text("\"x"), .text("\"y")])
  }

  @Test func malformedTablesAreNamedByLine() {
    #expect(
      message { _ = try read("a,b\n1,2\n1,2,3\n", "t.csv") }?.contains("t.csv line 3: expected 2, found 3") == true)
    #expect(message { _ = try read("a,b\n\"x\ny,2\n", "t.csv") }?.contains("t.csv line 2: expected a closing") == true)
    #expect(message { _ = try read("a,b\n\"x\"y,2\n", "t.csv") }?.contains("after a quote") == true)
    #expect(message { _ = try read("a,a\n", "t.csv") }?.contains("\"a\" twice") == true)
  }

  @Test func documentsEndAtTheirBoundary() throws {
    let text = "\n one\r\ntwo  \n \t\n\n\nthree\n"
    var reading = CorpusReading()
    #expect(texts(try read(text, "a.txt")) == [" one\ntwo  ", "three"])
    #expect(try read(text, "a.txt").map(\.line) == [2, 7])
    reading.boundary = .line
    #expect(texts(try read(text, "a.txt", reading)) == [" one", "two  ", "three"])
    reading.boundary = .file
    #expect(texts(try read(text, "a.txt", reading)) == [" one\ntwo  \n \t\n\n\nthree"])
    for boundary in DocumentBoundary.allCases {
      reading.boundary = boundary
      #expect(try read("", "a.txt", reading).isEmpty && (try read("\n \n", "a.txt", reading).isEmpty))
    }
  }

  @Test func jsonLinesKeepTheirColumns() throws {
    let records = try read(
      #"{"text": "a\nb", "n": 3, "ok": true, "words": ["x", "y"], "o": {"k": 1}}"# + "\n\n", "a.jsonl.gz")
    #expect(records.count == 1)
    #expect(records[0].fields.map(\.name) == ["text", "n", "ok", "words", "o"])
    #expect(records[0]["n"] == .text("3") && records[0]["ok"] == .text("true"))
    #expect(records[0]["words"] == .list(["x", "y"]) && records[0]["o"] == .json(["k": 1]))
    #expect(
      message { _ = try read("{}\n[1]\n", "a.jsonl") }?.contains("a.jsonl line 2: expected a JSON object") == true)
    #expect(message { _ = try read("{}\n{\"a\":]}\n", "a.jsonl") }?.contains("a.jsonl line 2 column 6") == true)
  }

  @Test func conllSentencesEndAtEmptyLines() throws {
    let records = try read("-DOCSTART- O\n\nEU B-ORG\nrejects O\n\n\nPeter B-PER", "a.conll")
    #expect(records.map { $0["tokens"] } == [.list(["EU", "rejects"]), .list(["Peter"])])
    #expect(records.map { $0["tags"] } == [.list(["B-ORG", "O"]), .list(["B-PER"])])
    #expect(records.map(\.line) == [3, 7])
    let tabs = try read("New York\tNNP\tB-LOC\r\n", "a.conll")
    #expect(tabs[0].fields.map(\.name) == ["tokens", "column2", "tags"] && tabs[0]["tokens"] == .list(["New York"]))
    #expect(message { _ = try read("a O\nb\n", "a.conll") }?.contains("a.conll line 2: expected 2, found 1") == true)
  }

  @Test func conversationsComeInSeveralForms() throws {
    let messages: CorpusRecord.Value = .json([
      ["role": "user", "content": "Hi"], ["role": "assistant", "content": "Hello"],
    ])
    let list = #"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]"#
    let shared = #"{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}"#
    var reading = CorpusReading()
    reading.format = .chat
    for text in [list, "{\"messages\": \(list)}\n", "[\(list)]", "[{\"messages\": \(list)}\n]"] {
      #expect(try read(text, "a.json").map { $0["messages"] } == [messages], "\(text)")
    }
    let converted = try read(shared, "a.jsonl", reading)
    #expect(converted[0]["messages"]?.text == "Hi\nHello")
    #expect(message { _ = try read("{\"messages\": []}", "a.json") }?.contains("at least one message") == true)
    #expect(message { _ = try read("{\"messages\": [{\"role\": \"user\"}]}", "a.json") }?.contains("message 1") == true)
    #expect(message { _ = try read("\n\n{\"a\": 1}", "a.json") }?.contains("line 3") == true)
  }

  @Test func linesThatAreNotUTF8AreNamedAndSkippedOnlyIfAsked() throws {
    for (path, lines) in [("a.txt", 5), ("a.tsv", 4), ("a.conll", 4)] {
      let bytes = Array("x\ty\na\tb\n".utf8) + [0xFF, 0x09, 0x41, 0x0A] + Array("c\td\n".utf8)
      let file = try CorpusFile(path: path, contents: bytes)
      #expect(message { _ = try file.read() }?.contains("\(path) line 3: expected UTF-8") == true)
      var reading = CorpusReading()
      reading.skipsInvalidLines = true
      reading.boundary = .line
      let contents = try file.read(reading)
      #expect(contents.skippedLines == [3])
      #expect(contents.records.map(\.text).joined().contains("c"))
      #expect(contents.records.count == (path == "a.txt" ? 3 : path == "a.tsv" ? 2 : 1), "\(lines)")
    }
  }

  @Test func columnsAreSelectedByName() throws {
    var reading = CorpusReading()
    reading.columns = ["text", "label"]
    #expect(try read("label,text,x\n1,2,3\n", "a.csv", reading)[0].fields.map(\.name) == ["text", "label"])
    let problem = message { _ = try read("label,body\n1,2\n", "a.csv", reading) }
    #expect(problem?.contains("line 2: expected a column \"text\", found \"label\", \"body\"") == true)
  }

  @Test func formatsAreKnownByTheirEndings() {
    let known: [(String, CorpusFormat?)] = [
      ("a.txt", .text), ("b/a.TXT.gz", .text), ("a.jsonl.gz", .jsonl), ("a.csv", .csv), ("a.tsv", .tsv),
      ("a.json", .chat), ("a.conll", .conll), ("a.parquet", nil), ("a", nil),
    ]
    for (path, format) in known { #expect(CorpusFormat(path: path) == format, "\(path)") }
  }

  @Test func aByteOrderMarkIsNoText() throws {
    #expect(try read("\u{FEFF}label,text\n1,2\n", "a.csv")[0].fields.map(\.name) == ["label", "text"])
  }
}
