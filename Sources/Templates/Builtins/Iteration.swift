// Iteration over values.
extension Value {
  /// Whether the value is an iterator: it yields its elements once and has no length.
  var isIterator: Bool {
    if case .object(let object) = self { return object is ValueIterator }
    return false
  }
}

extension Renderer {
  /// An iterator over a value's elements.
  func iterate(_ value: Value) throws(TemplateError) -> ValueIterator {
    guard let iterator = try iterator(value) else {
      throw .runtime("the value has no elements", expected: "a string, list or dictionary", found: value.typeName)
    }
    return iterator
  }

  /// An iterator over a value's elements; `nil` if the value is not iterable.
  func iterator(_ value: Value) throws(TemplateError) -> ValueIterator? {
    switch value {
    case .list(let elements): return try ValueIterator(elements.values, depth: elements.depth)
    case .tuple(let elements): return try ValueIterator(elements.values, "tuple_iterator", depth: elements.depth)
    case .string(let text):
      try reserve(text.bytes.count * 64)
      return try ValueIterator(text.characters.map { .string($0.marked(like: text)) }, "str_iterator", depth: 0)
    case .dictionary(let dictionary):
      var index = 0
      return try ValueIterator("dict_keyiterator", over: dictionary.depth) { () throws(TemplateError) -> Value? in
        guard index < dictionary.count else { return nil }
        defer { index += 1 }
        return dictionary.entries[index].key
      }
    case .undefined: return try ValueIterator([], depth: 0)
    case .object(let object): return try object.iterator(self)
    default: return nil
    }
  }

  /// All elements of a value.
  func list(_ value: Value) throws(TemplateError) -> [Value] {
    switch value {
    case .list(let elements), .tuple(let elements):
      try charge(elements.values.count >> 2)
      return elements.values
    default:
      let iterator = try iterate(value)
      var values: [Value] = []
      while let element = try iterator.next(self) {
        try reserve(MemoryLayout<Value>.stride)
        values.append(element)
      }
      return values
    }
  }

  /// The number of elements; `nil` if the value has no length.
  func length(of value: Value) throws(TemplateError) -> Int? {
    switch value {
    case .string(let text):
      try charge(text.bytes.count >> 6)
      return text.count
    case .list(let elements), .tuple(let elements): return elements.values.count
    case .dictionary(let dictionary): return dictionary.count
    case .undefined: return 0
    case .object(let object): return object.length
    default: return nil
    }
  }

  /// An iterator in reverse order; `nil` if the value cannot be reversed.
  func reversed(_ value: Value) throws(TemplateError) -> ValueIterator? {
    switch value {
    case .list(let elements):
      try reserve(elements.values.count * 16)
      return try ValueIterator(elements.values.reversed(), "list_reverseiterator", depth: elements.depth)
    case .tuple(let elements):
      try reserve(elements.values.count * 16)
      return try ValueIterator(elements.values.reversed(), "reversed", depth: elements.depth)
    case .string(let text):
      try reserve(text.bytes.count * 64)
      return try ValueIterator(text.characters.reversed().map(Value.string), "reversed", depth: 0)
    case .dictionary(let dictionary):
      try reserve(dictionary.count * 16)
      return try ValueIterator(
        dictionary.entries.reversed().map(\.key), "dict_reversekeyiterator", depth: dictionary.depth)
    case .undefined: return try ValueIterator([], depth: 0)
    case .object(let object): return try object.reversed(self)
    default: return nil
    }
  }

  // MARK: - Attribute paths

  /// The value at an attribute path such as `"a.b.0"`, as used by `map(attribute=…)` and other filters.
  func value(at path: [Value], of value: Value, default fallback: Value? = nil) throws(TemplateError) -> Value {
    var value = value
    for part in path {
      value = try item(part, of: value)
      if let fallback, value.isUndefined { value = fallback }
    }
    return value
  }

  /// The components of a path: names, and integers for list elements.
  func path(_ attribute: Value) -> [Value] {
    switch attribute {
    case .none: return []
    case .string(let text):
      return text.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { (part) in
        let isNumber = !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber
          ? Int(String(decoding: part, as: UTF8.self)).map(Value.int) ?? .string(Text(part)) : .string(Text(part))
      }
    default: return [attribute]
    }
  }

  /// A string in lower case, for case-insensitive comparison; other values unchanged.
  func ignoringCase(_ value: Value) throws(TemplateError) -> Value {
    guard case .string(let text) = value else { return value }
    return .string(try lowered(text))
  }
}
