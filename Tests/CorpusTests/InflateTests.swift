import Foundation
import JSONText
import TestSupport
import Testing

@testable import Corpora

/// gzip against zlib.
@Suite struct InflateTests {
  private static func data(_ value: JSONValue?) -> [UInt8] {
    Array(Data(base64Encoded: value?.string ?? "") ?? Data())
  }

  private static let cases: [(name: String, data: [UInt8], length: Int, crc: UInt32, start: [UInt8])] = {
    let list = (try? JSONValue(parsing: Fixtures.bytes("corpora/gzip.json")))?.array ?? []
    return list.map {
      (
        $0["name"]?.string ?? "", data($0["data"]), $0["length"]?.int ?? -1, UInt32($0["crc"]?.int ?? 0),
        data($0["start"])
      )
    }
  }()

  @Test func everyKindOfBlockIsDecompressed() throws {
    #expect(Self.cases.count == 14)
    for (name, data, length, crc, start) in Self.cases {
      let output = try Inflate.gzip(data, limit: 1 << 20)
      #expect(output.count == length && output.starts(with: start), "\(name)")
      #expect(CRC32.of(output[...]) == crc, "\(name)")
    }
  }

  @Test func outputIsLimited() throws {
    for (name, data, length, _, _) in Self.cases where length > 0 {
      #expect(throws: Inflate.Failure.tooLarge(limit: length - 1), "\(name)") {
        try Inflate.gzip(data, limit: length - 1)
      }
      #expect(try Inflate.gzip(data, limit: length).count == length, "\(name)")
    }
  }

  @Test func cutDataIsAnError() {
    for (name, data, length, _, _) in Self.cases where length > 0 && name != "zeros behind" && name != "members" {
      for end in stride(from: 0, to: data.count, by: max(1, data.count / 50)) {
        #expect(throws: Inflate.Failure.self, "\(name) \(end)") {
          try Inflate.gzip(Array(data[..<end]), limit: 1 << 20)
        }
      }
    }
  }

  @Test func changedContentIsAnError() {
    for (name, data, _, _, _) in Self.cases where name == "stored" || name == "one byte" {
      var changed = data
      changed[data.count - 6] ^= 1
      #expect(throws: Inflate.Failure.wrongChecksum) { try Inflate.gzip(changed, limit: 1 << 20) }
    }
  }

  @Test func malformedBlocksAreNamed() {
    let failures: [([UInt8], String)] = [
      ([0x07], "unknown block type"), ([0x01, 1, 0, 0, 0], "wrong length of a block"),
      // A fixed block that begins with a copy.
      ([0x03, 0x02], "a distance before the start"),
      ([0xFD, 0xFF, 0xFF], "too many codes"),
    ]
    for (data, expected) in failures {
      do {
        _ = try Inflate.deflate(data + [0, 0, 0, 0], limit: 100)
        Issue.record("\(expected) is accepted")
      } catch {
        guard case .malformed(let what, _) = error else {
          Issue.record("\(error) instead of \(expected)")
          continue
        }
        #expect(what == expected)
      }
    }
  }

  @Test func aDamagedFileIsNamed() throws {
    let data = try #require(Self.cases.first { $0.name == "dynamic" }).data
    #expect(
      message { _ = try CorpusFile(path: "a.txt.gz", contents: Array(data.dropLast(9))) }
        == "damaged gzip file, a.txt.gz: expected more data, found its end")
    #expect(
      message { _ = try CorpusFile(path: "a.gz", contents: data, limit: 10) }
        == "the text is too large, a.gz: expected at most 10 bytes, found more")
    #expect(try CorpusFile(path: "a.txt.gz", contents: data).read().records.count == 1)
  }
}

/// The description of the error that a closure throws.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
