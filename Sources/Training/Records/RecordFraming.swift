import Terms

/// The framing of TensorFlow's record files (TFRecord): each record is its length (8 bytes, the lowest first), a masked
/// checksum of the length (4 bytes), the bytes, and a masked checksum of the bytes (4 bytes).
enum RecordFraming {
  /// A record with its place in the file.
  typealias Record = (offset: Int, bytes: ArraySlice<UInt8>)

  private static let headerLength = 12
  private static let footerLength = 4

  /// A record as it stands in a file.
  static func framed(_ bytes: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(bytes.count), count: 8)
    return length + littleEndian(UInt64(Checksum.masked(length[...])), count: 4) + bytes
      + littleEndian(UInt64(Checksum.masked(bytes[...])), count: 4)
  }

  /// The records of a file.
  /// - Throws: an error that names the byte at which a record is cut off or damaged.
  static func records(_ file: [UInt8], path: String) throws(TrainingError) -> [Record] {
    var records: [Record] = []
    var next = 0
    while next < file.count {
      guard let record = try record(file, at: next, path: path) else {
        throw failure(path, next, expected: "a whole record", found: "the end of the file")
      }
      records.append(record)
      next = record.bytes.endIndex + footerLength
    }
    return records
  }

  /// The whole records at the beginning of a file that an interrupted run was writing.
  static func wholeRecords(_ file: [UInt8], path: String) -> [Record] {
    var records: [Record] = []
    var next = 0
    while next < file.count, let record = try? record(file, at: next, path: path) {
      records.append(record)
      next = record.bytes.endIndex + footerLength
    }
    return records
  }

  /// The record that begins at a byte; `nil` if the file ends in it.
  private static func record(_ file: [UInt8], at offset: Int, path: String) throws(TrainingError) -> Record? {
    guard file.count - offset >= headerLength else { return nil }
    let lengthBytes = file[offset..<offset + 8]
    guard Checksum.masked(lengthBytes) == UInt32(truncatingIfNeeded: number(file[offset + 8..<offset + 12])) else {
      throw failure(
        path, offset, expected: "a record's length with its checksum", found: "another checksum",
        hint: "TensorBoard's files have 'tfevents' in their names")
    }
    guard let length = Int(exactly: number(lengthBytes)), length <= file.count - offset - headerLength - footerLength
    else { return nil }
    let start = offset + headerLength
    let bytes = file[start..<start + length]
    let stored = UInt32(truncatingIfNeeded: number(file[bytes.endIndex..<bytes.endIndex + footerLength]))
    guard Checksum.masked(bytes) == stored else {
      throw failure(path, offset, expected: "a record with its checksum", found: "another checksum")
    }
    return (offset, bytes)
  }

  private static func failure(
    _ path: String, _ offset: Int, expected: String, found: String, hint: String? = nil
  ) -> TrainingError {
    TrainingError(
      .data, "can't read the event file", at: "\(path) byte \(offset)", expected: expected, found: found, hint: hint)
  }

  /// The lowest bytes of a number, the lowest first.
  static func littleEndian(_ number: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }

  /// A number of at most eight bytes, the lowest first.
  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), and its masked form in record files.
enum Checksum {
  /// Slicing-by-8 tables: the CRC of each byte value at each position of a block of eight bytes.
  private static let tables: [UInt32] = {
    var tables: [UInt32] = []
    for byte in 0..<UInt32(256) {
      var value = byte
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
      tables.append(value)
    }
    for index in 256..<2048 {
      let before = tables[index - 256]
      tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
    }
    return tables
  }()

  /// The checksum of bytes.
  static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      let sum = bytes.withContiguousStorageIfAvailable { bytes in
        let whole = bytes.count & ~7
        let sum = blocks(UnsafeBufferPointer(rebasing: bytes[..<whole]), tables)
        return rest(bytes[whole...], after: sum, tables)
      }
      return ~(sum ?? rest(bytes, after: ~0, tables))
    }
  }

  /// The sum of whole blocks of eight bytes.
  private static func blocks(_ bytes: UnsafeBufferPointer<UInt8>, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
    var sum = ~UInt32(0)
    for start in stride(from: 0, to: bytes.count, by: 8) {
      var next: UInt32 = 0
      for index in 0..<8 {
        var byte = bytes[start + index]
        if index < 4 { byte ^= UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
        next ^= tables[(7 - index) * 256 + Int(byte)]
      }
      sum = next
    }
    return sum
  }

  private static func rest(
    _ bytes: some Sequence<UInt8>, after start: UInt32, _ tables: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    var sum = start
    for byte in bytes { sum = sum >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
    return sum
  }

  /// The CRC, rotated and offset by a constant, as TFRecord stores it: a CRC over data that contains CRCs is weak.
  static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let crc = crc(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
