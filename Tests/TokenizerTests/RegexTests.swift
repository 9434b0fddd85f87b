import Testing

@testable import Tokenizers

@Suite("The regular expression engine")
struct RegexTests {
  func matches(_ pattern: String, _ text: String) throws -> [String] {
    let cutter = try RegexCutter(pattern)
    let bytes = Array(text.utf8)
    var found: [String] = []
    bytes.withUnsafeBufferPointer { buffer in
      cutter.matches(buffer, 0..<buffer.count) { found.append(String(decoding: bytes[$0], as: UTF8.self)) }
    }
    return found
  }

  @Test(
    "every supported construct finds its matches",
    arguments: [
      ("a|ab", "abab", ["a", "a"]), ("ab|a", "aba", ["ab", "a"]), ("a*b", "aab b", ["aab", "b"]),
      ("a+?", "aaa", ["a", "a", "a"]), ("a++a", "aaa", []), ("(?>a+)b", "aab", ["aab"]), ("(?>a|ab)c", "abc", []),
      ("[^a-c]+", "abxyc z", ["xy", " z"]), (#"\p{Lu}\p{Ll}*"#, "Über Äh", ["Über", "Äh"]),
      (#"\d{2,3}"#, "1 22 4444", ["22", "444"]),
      (#"\d{2,3}?"#, "4444", ["44", "44"]), ("(?i:straße)", "STRAßE", ["STRAßE"]),
      ("(?i)k", "kK\u{212A}", ["k", "K", "\u{212A}"]),
      ("a(?=b)", "abac", ["a"]), ("a(?!b)", "abac", ["a"]), ("(?<=b)a", "baa", ["a"]), ("(?<!b)a", "baa", ["a"]),
      (#"\bfoo\b"#, "foo food", ["foo"]), ("^b", "a\nb", ["b"]), ("a$", "a\na", ["a", "a"]), (#"\Aa"#, "aa", ["a"]),
      (#"[\[\]\-x]"#, "-[x]", ["-", "[", "x", "]"]), ("[]a]", "]a", ["]", "a"]),
      ("[a&&[^b]]|[[:digit:]]", "ab1", ["a", "1"]),
      (#"\x41\u0042\x{1F600}"#, "AB😀", ["AB😀"]), ("x{,2}y", "xxxy", ["xxy"]), ("a{,}", "a{,}", ["a{,}"]),
      ("(a*)*b", "aab", ["aab"]),
      ("(?:)", "ab", ["", "", ""]), ("", "a", ["", ""]), (".", "a\nb", ["a", "b"]),
      (#"\R"#, "a\r\nb\n", ["\r\n", "\n"]),
      (#"\h+"#, "xfFg0", ["fF", "0"]), ("(?<name>a)b", "ab", ["ab"]), ("(?i-i:a)A", "aA", ["aA"]),
      (#"[^\s\p{L}\p{N}]+"#, "a…! b", ["…!"]),
    ])
  func syntax(pattern: String, text: String, expected: [String]) throws {
    #expect(try matches(pattern, text) == expected)
  }

  @Test(
    "malformed and unsupported patterns throw",
    arguments: [
      "(", ")", "a)", "[", "[a", "*", "+a", "?", "(?", "(?<", "(?<n", "(?z)", "(?i", #"\"#, #"\p"#, #"\p{"#,
      #"\p{Nonsense}"#,
      #"\1"#, #"(a)\1"#, #"\k<a>"#, #"\x{110000}"#, #"\x{D800}"#, #"\x{"#, #"\u12"#, "[b-a]", "[[:nope:]]", "a{3,2}",
      "a{2000}",
      "(?<=a*)b", "((((a{1000}){1000}){1000}){1000})", String(repeating: "(", count: 100_000),
      String(repeating: "[", count: 100_000), "a" + String(repeating: "?", count: 10_000),
      String(repeating: "(?=", count: 5000) + String(repeating: ")", count: 5000),
    ])
  func malformed(pattern: String) {
    #expect(throws: RegexParser.Failure.self) { try RegexCutter(pattern) }
  }

  @Test(
    "patterns with exponential backtracking terminate",
    arguments: [
      "(a*)*b", "(a+)+b", "(a|a)*b", "(a|aa)+$b", "(.*)*x", "((a?){30}){30}a{30}b", "(?=(a+)+b)a", "(?:a*?){50}b",
      "(a*)+$b",
      #"(\w+\s?)+!"#, "(?:(?:){1000}){1000}a",
    ])
  func bombs(pattern: String) throws {
    let text = String(repeating: "a", count: 5000)
    #expect(try matches(pattern, text).joined().utf8.count <= text.utf8.count)
  }

  @Test("the hand-written matcher of GPT-2's pattern equals the regex engine")
  func handWritten() throws {
    let texts = [
      "I'm you're it's we've they'll he'd 'S", "  two  spaces \n\n tab\t x", "a1 b22 ½ ² Ⅷ", "é e\u{301} ñ",
      "!!! ...a 'x ' s",
      " \u{A0}\u{3000}x ", "中文abc123", "👍🏽👨‍👩‍👧 ", "\r\n\r\nx\r\n ", "'", "''s", " ", "   ", "x   ", "\u{0}\u{1}a\u{7F}",
    ]
    for text in texts {
      let bytes = Array(text.utf8)
      var found: [String] = []
      bytes.withUnsafeBufferPointer { buffer in
        GPT2Cutter().matches(buffer, 0..<buffer.count) { found.append(String(decoding: bytes[$0], as: UTF8.self)) }
      }
      #expect(try found == matches(GPT2Cutter.pattern, text))
    }
  }
}
