// Equality, order and membership, as in Python.
extension Renderer {
  func holds(_ relation: Relation, _ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    switch relation {
    case .equal: try areEqual(left, right)
    case .unequal: try !areEqual(left, right)
    case .less: try isOrdered(left, "<", right)
    case .greater: try isOrdered(left, ">", right)
    case .lessOrEqual: try isOrdered(left, "<=", right)
    case .greaterOrEqual: try isOrdered(left, ">=", right)
    case .isIn: try contains(right, left)
    case .isNotIn: try !contains(right, left)
    }
  }

  func areEqual(_ a: Value, _ b: Value) throws(TemplateError) -> Bool {
    switch (a, b) {
    case (.string(let a), .string(let b)):
      if a.bytes.count != b.bytes.count { return false }
      try charge(a.bytes.count >> 6)
      return a == b
    case (.none, .none), (.undefined, .undefined): return true
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
      if a === b { return true }
      guard a.values.count == b.values.count else { return false }
      return try areEqual(a.values, b.values)
    case (.dictionary(let a), .dictionary(let b)):
      if a === b { return true }
      return try areEqual(a, b)
    case (.object(let a), .object(let b)):
      if a === b { return true }
      return try areEqual(a, b)
    default:
      guard let order = Number.compare(a, b) else { return false }
      return order == .equal
    }
  }

  private func areEqual(_ a: [Value], _ b: [Value]) throws(TemplateError) -> Bool {
    try charge(a.count)
    try enter()
    defer { leave() }
    for (a, b) in zip(a, b) where try !areEqual(a, b) { return false }
    return true
  }

  private func areEqual(_ a: Mapping, _ b: Mapping) throws(TemplateError) -> Bool {
    guard a.count == b.count else { return false }
    try charge(a.count)
    try enter()
    defer { leave() }
    for (key, value) in a.entries {
      guard let other = b[try MappingKey(key, self)], try areEqual(value, other) else { return false }
    }
    return true
  }

  private func areEqual(_ a: TemplateObject, _ b: TemplateObject) throws(TemplateError) -> Bool {
    if let a = a as? RangeObject, let b = b as? RangeObject {
      return a.count == b.count && (a.count == 0 || a.start == b.start) && (a.count <= 1 || a.step == b.step)
    }
    if let a = a as? BytesObject, let b = b as? BytesObject { return a.bytes == b.bytes }
    if let a = a as? DictionaryView, let b = b as? DictionaryView, a.part == b.part, a.part != .values {
      return try a.part == .items ? areEqual(a.dictionary, b.dictionary) : areEqualKeys(a.dictionary, b.dictionary)
    }
    return false
  }

  private func areEqualKeys(_ a: Mapping, _ b: Mapping) throws(TemplateError) -> Bool {
    guard a.count == b.count else { return false }
    try charge(a.count)
    for (key, _) in a.entries where b[try MappingKey(key, self)] == nil { return false }
    return true
  }

  // MARK: - Order

  /// Whether `a < b`.
  func precedes(_ a: Value, _ b: Value) throws(TemplateError) -> Bool { try isOrdered(a, "<", b) }

  private func isOrdered(_ a: Value, _ relation: String, _ b: Value) throws(TemplateError) -> Bool {
    let accepts = { (order: Number.Order) in
      switch order {
      case .equal: relation.hasSuffix("=")
      case .less: relation.hasPrefix("<")
      case .greater: relation.hasPrefix(">")
      case .unordered: false
      }
    }
    if let order = Number.compare(a, b) { return accepts(order) }
    switch (a, b) {
    case (.string(let a), .string(let b)):
      try charge(min(a.bytes.count, b.bytes.count) >> 6)
      return accepts(a == b ? .equal : a < b ? .less : .greater)
    case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
      try charge(min(x.values.count, y.values.count))
      try enter()
      defer { leave() }
      for (x, y) in zip(x.values, y.values) where try !areEqual(x, y) { return try isOrdered(x, relation, y) }
      let counts = (x.values.count, y.values.count)
      return accepts(counts.0 == counts.1 ? .equal : counts.0 < counts.1 ? .less : .greater)
    case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.error
    default:
      throw .runtime(
        "'\(relation)' does not compare these values", expected: "two numbers, strings or lists",
        found: "\(a.typeName) and \(b.typeName)")
    }
  }

  /// A stable sort.
  func sorted(_ values: [Value], by keys: [Value], reverse: Bool = false) throws(TemplateError) -> [Value] {
    // Merge sort, bottom up. In reverse order equal elements keep their order too, as in Python.
    var order = Array(values.indices)
    var width = 1
    while width < order.count {
      var merged: [Int] = []
      merged.reserveCapacity(order.count)
      for start in stride(from: 0, to: order.count, by: 2 * width) {
        var (left, right) = (start, min(start + width, order.count))
        let (middle, end) = (right, min(start + 2 * width, order.count))
        while left < middle, right < end {
          try charge(2)
          let (a, b) = (keys[order[left]], keys[order[right]])
          if try reverse ? precedes(a, b) : precedes(b, a) {
            merged.append(order[right])
            right += 1
          } else {
            merged.append(order[left])
            left += 1
          }
        }
        merged += order[left..<middle] + order[right..<end]
      }
      order = merged
      width *= 2
    }
    return order.map { values[$0] }
  }

  // MARK: - Membership

  /// `value in container`
  func contains(_ container: Value, _ value: Value) throws(TemplateError) -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let part) = value else {
        throw .runtime("'in' looks for a string", expected: "a string", found: value.typeName)
      }
      try charge(text.bytes.count >> 4)
      return text.contains(part)
    case .list(let elements), .tuple(let elements): return try contains(elements.values, value)
    case .dictionary(let dictionary):
      if case .string(let key) = value { return dictionary[key] != nil }
      return dictionary[try MappingKey(value, self)] != nil
    case .undefined: return false
    case .object(let range as RangeObject):
      if let integer = value.index { return range.contains(integer) }
      if case .float(let number) = value { return Int(exactly: number).map(range.contains) ?? false }
      return false
    case .object(let view as DictionaryView) where view.part == .keys:
      return try contains(.dictionary(view.dictionary), value)
    case .object(let object):
      guard let iterator = try object.iterator(self) else { throw notIterable(container) }
      while let element = try iterator.next(self) {
        if try areEqual(element, value) { return true }
      }
      return false
    default: throw notIterable(container)
    }
  }

  private func contains(_ values: [Value], _ value: Value) throws(TemplateError) -> Bool {
    try charge(values.count)
    for element in values where try areEqual(element, value) { return true }
    return false
  }

  private func notIterable(_ value: Value) -> TemplateError {
    .runtime("the value has no elements", expected: "a string, list or dictionary", found: value.typeName)
  }
}
