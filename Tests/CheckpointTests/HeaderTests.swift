import TestSupport
import Testing

@testable import Checkpoints

@Suite("Safetensors headers are untrusted")
struct HeaderTests {
  /// An invalid header, and text that the error must contain.
  struct InvalidHeader: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let header: String
    var data = 8
    var length: UInt64?
    let expected: String

    init(_ name: String, _ header: String, data: Int = 8, length: UInt64? = nil, expected: String) {
      testDescription = name
      self.header = header
      self.data = data
      self.length = length
      self.expected = expected
    }
  }

  static func entry(
    dtype: String = #""F32""#, shape: String = "[2]", offsets: String = "[0,8]"
  ) -> String {
    #"{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  static func header(_ entry: String) -> String { #"{"x":\#(entry)}"# }

  static let invalidHeaders: [InvalidHeader] = [
    InvalidHeader("length beyond the file", header(entry()), length: 1000, expected: "that follow"),
    InvalidHeader("length beyond the limit", header(entry()), length: 100_000_001, expected: "at most 100000000"),
    InvalidHeader("length beyond 63 bits", header(entry()), length: .max, expected: "at most 100000000"),
    InvalidHeader("length 0", header(entry()), length: 0, expected: "at least 2"),
    InvalidHeader("length too short", header(entry()), length: 20, expected: "JSON"),
    InvalidHeader("not JSON", "hello, world", expected: "JSON"),
    InvalidHeader("an array", "[]", data: 0, expected: "object"),
    InvalidHeader("nests too deep", #"{"x":\#(String(repeating: "[", count: 5000))"#, expected: "JSON"),
    InvalidHeader("entry is a number", header("1"), expected: "an object"),
    InvalidHeader("no dtype", #"{"x":{"shape":[2],"data_offsets":[0,8]}}"#, expected: "dtype"),
    InvalidHeader("dtype is a number", header(entry(dtype: "1")), expected: "dtype"),
    InvalidHeader("unknown dtype", header(entry(dtype: #""F31""#)), expected: "known dtype"),
    InvalidHeader("no shape", #"{"x":{"dtype":"F32","data_offsets":[0,8]}}"#, expected: "shape"),
    InvalidHeader("shape is a number", header(entry(shape: "2")), expected: "shape"),
    InvalidHeader("negative size", header(entry(shape: "[-2]")), expected: "0 or more"),
    InvalidHeader("fractional size", header(entry(shape: "[2.5]")), expected: "0 or more"),
    InvalidHeader("size beyond integers", header(entry(shape: "[1e300]")), expected: "0 or more"),
    InvalidHeader("shape overflows", header(entry(shape: "[4611686018427387904,4]")), expected: "counted"),
    InvalidHeader("shape overflows by bits", header(entry(shape: "[1152921504606846976]")), expected: "counted"),
    InvalidHeader("shape too large", header(entry(shape: "[3]")), expected: "12 bytes"),
    InvalidHeader("shape too small", header(entry(shape: "[1]")), expected: "4 bytes"),
    InvalidHeader(
      "half a byte", header(entry(dtype: #""F4""#, shape: "[3]", offsets: "[0,1]")), expected: "whole bytes"),
    InvalidHeader("no offsets", #"{"x":{"dtype":"F32","shape":[2]}}"#, expected: "data_offsets"),
    InvalidHeader("one offset", header(entry(offsets: "[0]")), expected: "two numbers"),
    InvalidHeader("three offsets", header(entry(offsets: "[0,8,8]")), expected: "two numbers"),
    InvalidHeader("negative offset", header(entry(offsets: "[-8,0]")), expected: "in order"),
    InvalidHeader("offsets backwards", header(entry(offsets: "[8,0]")), expected: "in order"),
    InvalidHeader("offsets beyond the file", header(entry(offsets: "[4,12]")), expected: "in order"),
    InvalidHeader("offsets beyond integers", header(entry(offsets: "[0,1e40]")), expected: "two numbers"),
    InvalidHeader("hole at the start", header(entry(offsets: "[8,16]")), data: 16, expected: "hole"),
    InvalidHeader("bytes left over", header(entry()), data: 9, expected: "fill the file"),
    InvalidHeader("no tensors but bytes", "{}", expected: "fill the file"),
    InvalidHeader("overlap", #"{"x":\#(entry()),"y":\#(entry(offsets: "[4,12]"))}"#, data: 12, expected: "overlap"),
    InvalidHeader("same bytes twice", #"{"x":\#(entry()),"y":\#(entry())}"#, expected: "overlap"),
    InvalidHeader("hole between", #"{"x":\#(entry()),"y":\#(entry(offsets: "[12,20]"))}"#, data: 20, expected: "hole"),
    InvalidHeader("name twice", #"{"x":\#(entry()),"x":\#(entry())}"#, expected: "each name once"),
    InvalidHeader("metadata is a string", #"{"__metadata__":"pt","x":\#(entry())}"#, expected: "object of strings"),
    InvalidHeader(
      "metadata holds a number", #"{"__metadata__":{"a":1},"x":\#(entry())}"#, expected: "object of strings"),
  ]

  @Test("fields that are too large, too small or of the wrong type are rejected", arguments: invalidHeaders)
  func invalidHeader(_ invalidHeader: InvalidHeader) throws {
    let data = [UInt8](repeating: 0, count: invalidHeader.data)
    let bytes = SafetensorsWriter(header: invalidHeader.header, data: data, length: invalidHeader.length).bytes
    let error = #expect(throws: CheckpointError.self) {
      _ = try bytes.withUnsafeBytes { try SafetensorsHeader($0, path: "file") }
    }
    #expect(error?.description.contains(invalidHeader.expected) == true, "\(String(describing: error))")
    #expect(error?.description.utf8.count ?? 0 < 400)
  }

  @Test("a valid header is read with any member order and white space")
  func right() throws {
    let text =
      #"{ "b" : {"data_offsets":[8,10],"shape":[1],"dtype":"BF16","more":[1]},"__metadata__":{"format":"pt"},"#
      + #""a":\#(Self.entry()), "empty":{"dtype":"F32","shape":[0,7],"data_offsets":[8,8]}}   "#
    let bytes = SafetensorsWriter(header: text, data: [UInt8](repeating: 0, count: 10)).bytes
    let header = try bytes.withUnsafeBytes { try SafetensorsHeader($0, path: "file") }
    #expect(Set(header.entries.keys) == ["a", "b", "empty"])
    #expect(header.entries["a"]?.shape == [2])
    #expect(header.entries["b"]?.range.count == 2)
    #expect(header.entries["empty"]?.range.isEmpty == true)
  }

  @Test("a file truncated at any byte of its header or within its data is rejected")
  func cut() throws {
    let whole = try Fixtures.bytes("models/gpt2/model.safetensors")
    let header = 8 + whole.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self).littleEndian) }
    let cuts = Array(0...header) + Array(stride(from: header + 1, to: whole.count, by: 997)) + [whole.count - 1]
    for cut in cuts {
      let bytes = Array(whole[..<cut])
      #expect(throws: CheckpointError.self, "cut at \(cut)") {
        _ = try bytes.withUnsafeBytes { try SafetensorsHeader($0, path: "file") }
      }
    }
  }

  @Test("random changes of bytes give an error or entries within the file")
  func fuzz() throws {
    let whole = try Fixtures.bytes("models/gpt2/model.safetensors")
    let header = 8 + whole.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self).littleEndian) }
    var random = SplitMix64(seed: 3)
    var refused = 0
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let known = Array(#"0123456789[]{},:"-eE\"#.utf8)
        let value =
          Bool.random(using: &random) ? known.randomElement(using: &random) : UInt8.random(in: 0...255, using: &random)
        bytes[Int.random(in: 0..<header, using: &random)] = value ?? 0
      }
      do {
        let header = try bytes.withUnsafeBytes { try SafetensorsHeader($0, path: "file") }
        for entry in header.entries.values {
          #expect(entry.range.lowerBound >= 0 && entry.range.upperBound <= bytes.count)
          #expect(entry.shape.reduce(entry.layout.bytes, *) == entry.range.count * entry.layout.elements)
        }
      } catch {
        #expect(error is CheckpointError)
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}
