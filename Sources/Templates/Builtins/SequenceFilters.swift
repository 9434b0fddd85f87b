// Filters of sequences.
extension Filters {
  static let sequences = [
    Builtin("length", "obj, /", body: length),
    Builtin("count", "obj, /", body: length),
    Builtin("list", "value") { (renderer, values) throws(TemplateError) in try .list(renderer.list(values[0])) },
    Builtin("first", "seq") { (renderer, values) throws(TemplateError) in
      try renderer.iterate(values[0]).next(renderer) ?? .missing("there is no first item")
    },
    Builtin("last", "seq") { (renderer, values) throws(TemplateError) in
      guard let iterator = try renderer.reversed(values[0]) else {
        throw .runtime("'last' needs a sequence", expected: "a list", found: values[0].typeName)
      }
      return try iterator.next(renderer) ?? .missing("there is no last item")
    },
    Builtin("reverse", "value") { (renderer, values) throws(TemplateError) in
      if case .string(let text) = values[0] {
        try renderer.reserve(text.bytes.count * 4)
        try renderer.scan(text)
        return .string(Text(text.codePoints.reversed()).marked(like: text))
      }
      if let iterator = try renderer.reversed(values[0]) { return .object(iterator) }
      return try .list(renderer.list(values[0]).reversed())
    },
    Builtin("join", "value, d='', attribute=none") { (renderer, values) throws(TemplateError) in
      let separator = try renderer.printed(values[1])
      let path = renderer.path(values[2])
      let iterator = try renderer.iterate(values[0])
      var result = Text.empty
      var isFirst = true
      while let element = try iterator.next(renderer) {
        let part = try renderer.printed(try renderer.value(at: path, of: element))
        try renderer.reserve(part.bytes.count + separator.bytes.count)
        if !isFirst { result.bytes += separator.bytes }
        isFirst = false
        result.bytes += part.bytes
      }
      return .string(result)
    },
    Builtin("items", "value") { (renderer, values) throws(TemplateError) in
      if values[0].isUndefined { return .object(try ValueIterator(over: 0) { () throws(TemplateError) in nil }) }
      // In Jinja this filter is a generator, so an error occurs only when the first element is requested.
      let value = values[0]
      var items: ValueIterator?
      return .object(
        try ValueIterator(over: value.depth) { () throws(TemplateError) -> Value? in
          guard case .dictionary(let dictionary) = value else {
            throw .runtime("'items' needs a dictionary", expected: "a dictionary", found: value.typeName)
          }
          if items == nil { items = try DictionaryView(dictionary, .items).iterator(renderer) }
          return try items?.next(renderer)
        })
    },
    Builtin("dictsort", "value, case_sensitive=false, by='key', reverse=false") {
      (renderer, values) throws(TemplateError) in
      guard case .dictionary(let dictionary) = values[0] else {
        if case .undefined(let undefined) = values[0] { throw undefined.error }
        throw .runtime("'dictsort' needs a dictionary", expected: "a dictionary", found: values[0].typeName)
      }
      let by = try values[2].text("by")
      guard by == "key" || by == "value" else {
        throw .runtime("a wrong order", expected: "'key' or 'value'", found: "'\(by.string)'")
      }
      var keys: [Value] = []
      for (key, value) in dictionary.entries {
        let key = by == "key" ? key : value
        keys.append(values[1].isTrue ? key : try renderer.ignoringCase(key))
      }
      return try .list(
        renderer.sorted(DictionaryView(dictionary, .items).elements(), by: keys, reverse: values[3].isTrue))
    },
    Builtin("sort", "value, reverse=false, case_sensitive=false, attribute=none") {
      (renderer, values) throws(TemplateError) in
      let elements = try renderer.list(values[0])
      let paths = paths(renderer, values[3])
      var keys: [Value] = []
      for element in elements {
        var key: [Value] = []
        for path in paths {
          let part = try renderer.value(at: path, of: element)
          key.append(values[2].isTrue ? part : try renderer.ignoringCase(part))
        }
        keys.append(try .list(key))
      }
      return try .list(renderer.sorted(elements, by: keys, reverse: values[1].isTrue))
    },
    Builtin("min", "value, case_sensitive=false, attribute=none") { (renderer, values) throws(TemplateError) in
      try extreme(renderer, values) { (a, b) throws(TemplateError) in try renderer.precedes(a, b) }
    },
    Builtin("max", "value, case_sensitive=false, attribute=none") { (renderer, values) throws(TemplateError) in
      try extreme(renderer, values) { (a, b) throws(TemplateError) in try renderer.precedes(b, a) }
    },
    Builtin("sum", "iterable, attribute=none, start=0") { (renderer, values) throws(TemplateError) in
      let path = renderer.path(values[1])
      if case .string = values[2] {
        throw .runtime("'sum' adds no strings", expected: "numbers", found: "str", hint: "use 'join'")
      }
      var sum = values[2]
      let iterator = try renderer.iterate(values[0])
      while let element = try iterator.next(renderer) {
        sum = try renderer.calculate(.add, sum, try renderer.value(at: path, of: element))
      }
      return sum
    },
    Builtin("unique", "value, case_sensitive=false, attribute=none") { (renderer, values) throws(TemplateError) in
      let iterator = try renderer.iterate(values[0])
      let path = renderer.path(values[2])
      var seen: Set<MappingKey> = []
      return .object(
        try ValueIterator(over: iterator.depth) { () throws(TemplateError) -> Value? in
          while let element = try iterator.next(renderer) {
            let part = try renderer.value(at: path, of: element)
            let key = try MappingKey(values[1].isTrue ? part : try renderer.ignoringCase(part), renderer)
            try renderer.reserve(32)
            if seen.insert(key).inserted { return element }
          }
          return nil
        })
    },
    Builtin("groupby", "value, attribute, default=none, case_sensitive=false") {
      (renderer, values) throws(TemplateError) in
      try grouped(renderer, values)
    },
    Builtin("batch", "value, linecount, fill_with=none") { (renderer, values) throws(TemplateError) in
      try batched(renderer, values)
    },
    Builtin("slice", "value, slices, fill_with=none") { (renderer, values) throws(TemplateError) in
      try sliced(renderer, values)
    },
    Builtin("random", "seq") { (_, values) throws(TemplateError) in
      throw .runtime(
        "'random' is refused", expected: "the same output for the same input", found: "'random'",
        hint: "use 'first' or 'last'")
    },
  ]

  @Sendable private static func length(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    guard let length = try renderer.length(of: values[0]) else {
      throw .runtime(
        "the value has no length", expected: "a string, list or dictionary", found: values[0].typeName,
        hint: values[0].isIterator ? "put '| list' before it" : nil)
    }
    return .int(length)
  }

  /// The attribute paths in a comma-separated list.
  private static func paths(_ renderer: Renderer, _ attribute: Value) -> [[Value]] {
    guard case .string(let text) = attribute else { return [renderer.path(attribute)] }
    return text.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { renderer.path(.string(Text($0))) }
  }

  private static func extreme(
    _ renderer: Renderer, _ values: [Value], _ precedes: (Value, Value) throws(TemplateError) -> Bool
  ) throws(TemplateError) -> Value {
    let path = renderer.path(values[2])
    let iterator = try renderer.iterate(values[0])
    var best: (element: Value, key: Value)?
    while let element = try iterator.next(renderer) {
      let part = try renderer.value(at: path, of: element)
      let key = values[1].isTrue ? part : try renderer.ignoringCase(part)
      if let found = best, try !precedes(key, found.key) { continue }
      best = (element, key)
    }
    return best?.element ?? .missing("the sequence is empty")
  }

  private static func grouped(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let elements = try renderer.list(values[0])
    let path = renderer.path(values[1])
    let fallback = values[2].isNone ? nil : values[2]
    var keys: [Value] = []
    for element in elements {
      let key = try renderer.value(at: path, of: element, default: fallback)
      keys.append(values[3].isTrue ? key : try renderer.ignoringCase(key))
    }
    let order = try renderer.sorted(elements.indices.map(Value.int), by: keys).compactMap(\.index)
    var groups: [Value] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, try renderer.areEqual(keys[order[start]], keys[order[end]]) { end += 1 }
      let group = order[start..<end].map { elements[$0] }
      let name =
        values[3].isTrue
        ? keys[order[start]] : try renderer.value(at: path, of: group[0], default: fallback)
      groups.append(.tuple(try Elements([name, .list(group)], names: ["grouper", "list"])))
      start = end
    }
    return try .list(groups)
  }

  private static func batched(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let iterator = try renderer.iterate(values[0])
    let size = try values[1].int("linecount")
    var next: Value?
    return .object(
      try ValueIterator(over: max(iterator.depth, values[2].depth)) { () throws(TemplateError) -> Value? in
        var batch: [Value] = []
        if let value = next { batch.append(value) }
        next = nil
        while let element = try iterator.next(renderer) {
          // With a batch size of 0, Jinja outputs an empty batch first.
          if batch.count == size {
            next = element
            return try .list(batch)
          }
          try renderer.reserve(MemoryLayout<Value>.stride)
          batch.append(element)
        }
        guard !batch.isEmpty else { return nil }
        if !values[2].isNone, batch.count < size {
          try renderer.reserve(size - batch.count, of: MemoryLayout<Value>.stride)
          batch += [Value](repeating: values[2], count: size - batch.count)
        }
        return try .list(batch)
      })
  }

  private static func sliced(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let elements = try renderer.list(values[0])
    let count = try values[1].int("slices")
    var number = 0
    var start = 0
    return .object(
      try ValueIterator(over: try nestedDepth(elements + [values[2]])) { () throws(TemplateError) -> Value? in
        guard count != 0 else { throw .runtime("a slice into no parts", expected: "one or more", found: "0") }
        guard number < count else { return nil }
        let hasExtra = number < elements.count % count
        let end = start + elements.count / count + (hasExtra ? 1 : 0)
        var part = Array(elements[start..<end])
        if !values[2].isNone, !hasExtra { part.append(values[2]) }
        start = end
        number += 1
        try renderer.charge(2)
        try renderer.reserve(part.count * MemoryLayout<Value>.stride)
        return try .list(part)
      })
  }
}
