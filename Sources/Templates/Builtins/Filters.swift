/// The table of filters by name. A filter's first argument is the value before the pipe.
enum Filters {
  static let table = Builtin.table(texts + numbers + sequences + selections + markup + layout)
}

extension Renderer {
  /// `value | name(arguments)`
  func filter(_ name: Text, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    guard let filter = Filters.table[name] else {
      throw .runtime("an unknown filter", expected: "a filter of Jinja", found: "'\(name.string)'")
    }
    try charge(1)
    var all = arguments
    all.positional.insert(value, at: 0)
    let result = try filter.body(self, try filter.signature.bind(all, self))
    try reserve(result.shallowBytes)
    return result
  }
}

// Filters for strings.
extension Filters {
  static let texts = [
    Builtin("upper", "s") { (renderer, values) throws(TemplateError) in
      .string(try renderer.raised(try renderer.printed(values[0])))
    },
    Builtin("lower", "s") { (renderer, values) throws(TemplateError) in
      .string(try renderer.lowered(try renderer.printed(values[0])))
    },
    Builtin("capitalize", "s") { (renderer, values) throws(TemplateError) in
      .string(try renderer.capitalized(try renderer.printed(values[0])))
    },
    Builtin("title", "s") { (renderer, values) throws(TemplateError) in
      .string(try titled(renderer, try renderer.printed(values[0])))
    },
    Builtin("trim", "value, chars=none") { (renderer, values) throws(TemplateError) in
      .string(try renderer.stripped(try renderer.printed(values[0]), values[1]))
    },
    Builtin("string", "object") { (renderer, values) throws(TemplateError) in .string(try renderer.printed(values[0]))
    },
    Builtin("replace", "s, old, new, count=none") { (renderer, values) throws(TemplateError) in
      let text = Text(try renderer.printed(values[0]).bytes)
      let (old, new) = (try renderer.printed(values[1]), try renderer.printed(values[2]))
      let count = values[3].isNone ? -1 : try values[3].int("count")
      return .string(try renderer.replaced(text, Text(old.bytes), Text(new.bytes), count: count))
    },
    Builtin("center", "value, width=80") { (renderer, values) throws(TemplateError) in
      .string(try renderer.centered(try renderer.printed(values[0]), try values[1].int("width"), fill: " "))
    },
    Builtin("indent", "s, width=4, first=false, blank=false") { (renderer, values) throws(TemplateError) in
      try indented(renderer, values)
    },
    Builtin("truncate", "s, length=255, killwords=false, end='...', leeway=none") {
      (renderer, values) throws(TemplateError) in
      try truncated(renderer, values)
    },
    Builtin("wordcount", "s") { (renderer, values) throws(TemplateError) in
      let text = try renderer.printed(values[0])
      try renderer.scan(text)
      var count = 0
      var isInWord = false
      for code in text.codePoints {
        let isWord = code == 0x5F || Characters.isAlphanumeric(code)
        if isWord, !isInWord { count += 1 }
        isInWord = isWord
      }
      return .int(count)
    },
    Builtin("format", "value, *args, **kwargs") { (renderer, values) throws(TemplateError) in
      guard case .tuple(let positional) = values[1], case .dictionary(let named) = values[2] else { return .none }
      guard positional.values.isEmpty || named.count == 0 else {
        throw .runtime("'format' takes one kind of arguments", expected: "positional or named ones", found: "both")
      }
      return .string(
        try renderer.percentFormat(
          try renderer.printed(values[0]), named.count > 0 ? .dictionary(named) : .tuple(positional)))
    },
  ]

  /// Jinja's `title`: capitalizes each word; a word starts after white space, a hyphen or an opening bracket.
  private static func titled(_ renderer: Renderer, _ text: Text) throws(TemplateError) -> Text {
    try renderer.reserve(text.bytes.count)
    try renderer.scan(text)
    let marks: [UInt32] = "-({[<".unicodeScalars.map(\.value)
    let codes = text.codePoints
    var result: [UInt32] = []
    var start = 0
    while start < codes.count {
      let isMark = { (code: UInt32) in marks.contains(code) || Characters.isSpace(code) }
      let end = codes[start...].firstIndex { isMark($0) != isMark(codes[start]) } ?? codes.count
      let word = Array(codes[start..<end])
      result += Characters.upper(word[0]) + Characters.lower(Array(word[1...]))
      start = end
    }
    return Text(result)
  }

  private static func indented(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    guard case .string(let text) = values[0] else {
      if case .undefined(let undefined) = values[0] { throw undefined.error }
      throw .runtime("'indent' needs a string", expected: "a string", found: values[0].typeName)
    }
    let indent: Text
    if case .string(let given) = values[1] {
      indent = given
    } else {
      indent = try renderer.repeated(" ", try values[1].int("width"))
    }
    let (first, blank) = (values[2].isTrue, values[3].isTrue)
    // A line break at the end of the text starts another (empty) line.
    let lines = try renderer.lines(of: Text(text.bytes + [0x0A]))
    try renderer.reserve(lines.count, of: indent.bytes.count + 1)
    var result: [UInt8] = []
    for (index, line) in lines.enumerated() {
      if index > 0 { result.append(0x0A) }
      if index == 0 ? first : blank || !line.isEmpty { result += indent.bytes }
      result += line.bytes
    }
    return .string(Text(result).marked(like: text))
  }

  private static func truncated(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let length = try values[1].int("length")
    let end = try values[3].text("end")
    let leeway = values[4].isNone ? 5 : try values[4].int("leeway")
    guard length >= end.count, leeway >= 0 else {
      throw .runtime("a wrong length for 'truncate'", expected: "at least \(end.count)", found: "\(length)")
    }
    guard let count = try renderer.length(of: values[0]) else {
      throw .runtime("'truncate' needs a string", expected: "a string", found: values[0].typeName)
    }
    if count <= length.addingReportingOverflow(leeway).partialValue || length > Int.max - leeway { return values[0] }
    let text = try values[0].text("s")
    let kept = text.slice(0..<min(length - end.count, count))
    if values[2].isTrue { return .string(Text(kept.bytes + end.bytes)) }
    let cut = kept.bytes.lastIndex(of: 0x20) ?? kept.bytes.count
    return .string(Text(kept.bytes[..<cut] + end.bytes))
  }
}

// Filters for numbers and conversions.
extension Filters {
  static let numbers = [
    Builtin("abs", "x, /") { (_, values) throws(TemplateError) in
      switch Number(values[0]) {
      case .int(let value): return value == .min ? Value(-BigInteger(value)) : .int(abs(value))
      case .big(let value): return .big(value.isNegative ? -value : value)
      case .float(let value): return .float(abs(value))
      case nil: throw .runtime("'abs' needs a number", expected: "a number", found: values[0].typeName)
      }
    },
    Builtin("int", "value, default=0, base=10") { (renderer, values) throws(TemplateError) in
      try integer(renderer, values)
    },
    Builtin("float", "value, default=0.0") { (renderer, values) throws(TemplateError) in
      if case .undefined(let undefined) = values[0] { throw undefined.error }
      return try float(renderer, values[0]).map(Value.float) ?? values[1]
    },
    Builtin("round", "value, precision=0, method='common'") { (renderer, values) throws(TemplateError) in
      try rounded(renderer, values)
    },
    Builtin("filesizeformat", "value, binary=false") { (renderer, values) throws(TemplateError) in
      guard let size = try float(renderer, values[0]) else {
        throw .runtime("'filesizeformat' needs a number", expected: "a number", found: values[0].typeName)
      }
      return .text(fileSize(size, isBinary: values[1].isTrue))
    },
  ]

  private static func float(_ renderer: Renderer, _ value: Value) throws(TemplateError) -> Double? {
    if case .string(let text) = value {
      try renderer.charge(text.bytes.count)
      return NumberText.float(text)
    }
    return Number(value)?.double
  }

  private static func integer(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let base = try values[2].int("base")
    switch values[0] {
    case .int, .big: return values[0]
    case .bool(let value): return .int(value ? 1 : 0)
    case .float(let value):
      if value.isNaN { return values[1] }
      guard value.isFinite else {
        throw .runtime("infinity is not an integer", expected: "a finite number", found: "inf")
      }
      return Value(BigInteger(value))
    case .string(let text):
      try renderer.charge(text.bytes.count + text.bytes.count * min(text.bytes.count, 1 << 14) >> 10)
      if let integer = NumberText.integer(text, base: base) { return Value(integer) }
      guard let value = NumberText.float(text), value.isFinite else { return values[1] }
      return Value(BigInteger(value))
    case .undefined(let undefined): throw undefined.error
    default: return values[1]
    }
  }

  private static func rounded(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let precision = try values[1].int("precision")
    let method = try values[2].text("method")
    guard ["common", "ceil", "floor"].contains(method) else {
      throw .runtime("a wrong method", expected: "'common', 'ceil' or 'floor'", found: "'\(method.string)'")
    }
    guard let number = Number(values[0]) else {
      throw .runtime("'round' needs a number", expected: "a number", found: values[0].typeName)
    }
    if method == "common" {
      guard case .float(let value) = number else { return try rounded(renderer, number, precision) }
      return .float(FloatFormat.rounded(value, digits: precision))
    }
    // Scale, round and scale back, as Jinja does, to get the same rounding errors.
    let scale = try renderer.calculate(.power, .int(10), .int(precision))
    var whole = try renderer.calculate(.multiply, values[0], scale)
    if case .float(let scaled) = whole {
      guard scaled.isFinite else {
        throw .runtime("'round' needs a finite number", expected: "a finite number", found: "another one")
      }
      whole = Value(BigInteger(scaled.rounded(method == "ceil" ? .up : .down)))
    }
    return try renderer.calculate(.divide, whole, scale)
  }

  /// Rounds an integer to tens, hundreds and so on; ties go to even.
  private static func rounded(
    _ renderer: Renderer, _ number: Number, _ precision: Int
  ) throws(TemplateError) -> Value {
    guard precision < 0, let integer = number.integer else { return number.value }
    let unit = try renderer.calculate(.power, .int(10), .int(-precision))
    let half = try renderer.calculate(.floorDivide, unit, .int(2))
    let rest = try renderer.calculate(.modulo, Value(integer), unit)
    let floor = try renderer.calculate(.subtract, Value(integer), rest)
    let quotient = try renderer.calculate(.floorDivide, floor, unit)
    let isOdd = try renderer.calculate(.modulo, quotient, .int(2)).isTrue
    let order = Number.compare(rest, half)
    return order == .greater || order == .equal && isOdd ? try renderer.calculate(.add, floor, unit) : floor
  }

  private static func fileSize(_ size: Double, isBinary: Bool) -> String {
    let base: Double = isBinary ? 1024 : 1000
    if size == 1 { return "1 Byte" }
    if size < base { return "\(size.isFinite ? Value(BigInteger(size)).index ?? 0 : 0) Bytes" }
    let letters = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    var unit = base
    var name = "B"
    for letter in letters {
      unit *= base
      name = isBinary ? letter.uppercased() + "iB" : letter + "B"
      if size < unit { break }
    }
    return FloatFormat.formatted(base * size / unit, "f", precision: 1) + " " + name
  }
}
