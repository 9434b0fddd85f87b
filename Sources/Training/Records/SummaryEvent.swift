/// An event of TensorBoard (`event.proto`, `summary.proto` and `tensor.proto` of TensorFlow): figures of one step.
struct SummaryEvent {
  /// A figure.
  struct Scalar: Equatable {
    var tag: String
    var value: Double
  }

  /// Seconds since 1970.
  var wallTime: Double
  var step: Int
  var scalars: [Scalar]

  /// The bytes of the event; values are written as 32-bit numbers (`simple_value`).
  var message: [UInt8] {
    var summary = ProtobufWriter()
    for scalar in scalars {
      var value = ProtobufWriter()
      value.add(1, Array(scalar.tag.utf8))
      value.add(2, Float(scalar.value))
      summary.add(1, value.bytes)
    }
    var event = ProtobufWriter()
    event.add(1, wallTime)
    event.add(2, step)
    event.add(5, summary.bytes)
    return event.bytes
  }

  /// The bytes of the first event of a file: the version of the format.
  static func version(wallTime: Double) -> [UInt8] {
    var event = ProtobufWriter()
    event.add(1, wallTime)
    event.add(3, Array("brain.Event:2".utf8))
    return event.bytes
  }
}

/// Reads the events of one file. Values that are not single numbers (histograms, images, texts) are left out.
struct SummaryReader {
  /// The kinds of the tags, which only the first value of each tag names.
  private var plugins: [String: String] = [:]

  /// The event of a record.
  mutating func event(_ record: ArraySlice<UInt8>) throws(ProtobufFields.Fault) -> SummaryEvent {
    var event = SummaryEvent(wallTime: 0, step: 0, scalars: [])
    var fields = ProtobufFields(record)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .fixed64(let bits)): event.wallTime = Double(bitPattern: bits)
      case (2, .integer(let step)): event.step = Int(truncatingIfNeeded: step)
      case (5, .bytes(let summary)):
        var values = ProtobufFields(summary)
        while let value = try values.next() {
          guard case (1, .bytes(let bytes)) = (value.number, value.value) else { continue }
          if let scalar = try scalar(bytes) { event.scalars.append(scalar) }
        }
      default: break
      }
    }
    return event
  }

  /// A figure: a `simple_value`, or a tensor of one number as `tf.summary.scalar` writes it.
  private mutating func scalar(_ bytes: ArraySlice<UInt8>) throws(ProtobufFields.Fault) -> SummaryEvent.Scalar? {
    var (tag, simple, tensor, plugin) = ("", Float?.none, ArraySlice<UInt8>?.none, String?.none)
    var fields = ProtobufFields(bytes)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): tag = String(decoding: text, as: UTF8.self)
      case (2, .fixed32(let bits)): simple = Float(bitPattern: bits)
      case (8, .bytes(let content)): tensor = content
      case (9, .bytes(let metadata)): plugin = try Self.plugin(metadata)
      default: break
      }
    }
    if let plugin { plugins[tag] = plugin }
    if let simple { return SummaryEvent.Scalar(tag: tag, value: Double(simple)) }
    guard let tensor, ["scalars", ""].contains(plugins[tag] ?? "") else { return nil }
    return try TensorNumber.read(tensor).map { SummaryEvent.Scalar(tag: tag, value: $0) }
  }

  /// The name of the plugin of a value's metadata.
  private static func plugin(_ metadata: ArraySlice<UInt8>) throws(ProtobufFields.Fault) -> String? {
    var fields = ProtobufFields(metadata)
    while let field = try fields.next() {
      guard case (1, .bytes(let data)) = (field.number, field.value) else { continue }
      var inner = ProtobufFields(data)
      while let field = try inner.next() {
        if case (1, .bytes(let name)) = (field.number, field.value) { return String(decoding: name, as: UTF8.self) }
      }
    }
    return nil
  }
}

/// The number of a tensor that has only one (`TensorProto`).
enum TensorNumber {
  /// The number; `nil` for tensors of several elements and of other types.
  static func read(_ bytes: ArraySlice<UInt8>) throws(ProtobufFields.Fault) -> Double? {
    var type = 0
    var (count, elements) = (1, [Double]())
    var content: ArraySlice<UInt8>?
    var fields = ProtobufFields(bytes)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .integer(let code)): type = Int(truncatingIfNeeded: code)
      case (2, .bytes(let shape)): count = try Self.count(shape)
      case (4, .bytes(let given)) where !given.isEmpty: content = given
      case (5, .bytes(let packed)): elements += chunks(packed, 4).map { Double(Float(bitPattern: UInt32($0))) }
      case (5, .fixed32(let bits)): elements.append(Double(Float(bitPattern: bits)))
      case (6, .bytes(let packed)): elements += chunks(packed, 8).map { Double(bitPattern: $0) }
      case (6, .fixed64(let bits)): elements.append(Double(bitPattern: bits))
      case (13, .bytes(let packed)): elements += try ProtobufFields.integers(packed).map { half($0, type) }
      case (13, .integer(let bits)): elements.append(half(bits, type))
      case (7, .bytes(let packed)), (10, .bytes(let packed)):
        elements += try ProtobufFields.integers(packed).map { Double(Int64(bitPattern: $0)) }
      case (7, .integer(let number)), (10, .integer(let number)): elements.append(Double(Int64(bitPattern: number)))
      default: break
      }
    }
    guard count == 1 else { return nil }
    if let content { return number(content, type) }
    return elements.count == 1 ? elements[0] : nil
  }

  /// The number of elements of a shape: 1 without axes, and for axes of length 1.
  private static func count(_ shape: ArraySlice<UInt8>) throws(ProtobufFields.Fault) -> Int {
    var count = 1
    var fields = ProtobufFields(shape)
    while let field = try fields.next() {
      guard case (2, .bytes(let axis)) = (field.number, field.value) else { continue }
      var (length, inner) = (0, ProtobufFields(axis))
      while let field = try inner.next() {
        if case (1, .integer(let size)) = (field.number, field.value) { length = size == 1 ? 1 : 2 }
      }
      count = max(count, length == 0 ? 2 : length)
    }
    return count
  }

  private static func chunks(_ bytes: ArraySlice<UInt8>, _ size: Int) -> [UInt64] {
    stride(from: bytes.startIndex, through: bytes.endIndex - size, by: size).map {
      RecordFraming.number(bytes[$0..<$0 + size])
    }
  }

  /// A number of two bytes: of type 19 `DT_HALF`, of type 14 `DT_BFLOAT16`.
  private static func half(_ bits: UInt64, _ type: Int) -> Double {
    let bits = UInt16(truncatingIfNeeded: bits)
    guard type == 19 else { return Double(Float(bitPattern: UInt32(bits) << 16)) }
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
    let size =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? Double.infinity : .nan
      default: (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits >> 15 == 1 ? -size : size
  }

  /// The element of `tensor_content`, by the type's code in `types.proto`.
  private static func number(_ content: ArraySlice<UInt8>, _ type: Int) -> Double? {
    let bits = RecordFraming.number(content.prefix(8))
    switch (type, content.count) {
    case (1, 4): return Double(Float(bitPattern: UInt32(bits)))
    case (2, 8): return Double(bitPattern: bits)
    case (3, 4): return Double(Int32(truncatingIfNeeded: bits))
    case (9, 8): return Double(Int64(bitPattern: bits))
    case (14, 2), (19, 2): return half(bits, type)
    default: return nil
    }
  }
}
