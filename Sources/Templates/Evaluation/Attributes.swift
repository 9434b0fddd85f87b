// Attributes, elements and slices. `a.b` tries an attribute first, then an element; `a["b"]` tries the element first.
extension Renderer {
  func attribute(_ name: Text, of value: Value) throws(TemplateError) -> Value {
    if let found = try ownAttribute(name, of: value) { return found }
    switch value {
    case .dictionary(let dictionary): if let found = dictionary[name] { return found }
    case .object(let object): if let found = try object.item(.string(name), self) { return found }
    case .undefined(let undefined): throw undefined.error
    default: break
    }
    return .undefined(Undefined(.member(type: value.typeName, name: name.string)))
  }

  func item(_ key: Value, of value: Value) throws(TemplateError) -> Value {
    if let found = try element(key, of: value) { return found }
    if case .string(let name) = key, let found = try ownAttribute(name, of: value) { return found }
    if case .undefined(let undefined) = value { throw undefined.error }
    let name = try represented(key)
    return .undefined(Undefined(.member(type: value.typeName, name: name.string)))
  }

  private func element(_ key: Value, of value: Value) throws(TemplateError) -> Value? {
    switch value {
    case .dictionary(let dictionary):
      if case .string(let text) = key { return dictionary[text] }
      // Unhashable keys are not an error here.
      if case .list = key { return nil }
      if case .dictionary = key { return nil }
      do throws(TemplateError) {
        return dictionary[try MappingKey(key, self)]
      } catch {
        if error.kind == .limit { throw error }
        return nil
      }
    case .list(let elements), .tuple(let elements):
      guard let index = key.index else { return nil }
      let place = index < 0 ? index + elements.values.count : index
      return elements.values.indices.contains(place) ? elements.values[place] : nil
    case .string(let text):
      guard let index = key.index else { return nil }
      try charge(text.bytes.count >> 6)
      let count = text.count
      let place = index < 0 ? index + count : index
      return (0..<count).contains(place) ? .string(text.slice(place..<place + 1).marked(like: text)) : nil
    case .object(let object): return try object.item(key, self)
    default: return nil
    }
  }

  /// Methods and properties of the value's type, as found by Python's `getattr`.
  func ownAttribute(_ name: Text, of value: Value) throws(TemplateError) -> Value? {
    // The sandbox rejects names that start with an underscore.
    if name.bytes.first == UInt8(ascii: "_") { return nil }
    switch value {
    case .string: return try Methods.text[name]?.bound(to: value)
    case .dictionary:
      if Methods.changingDictionary.contains(name) { return refused(name, value) }
      return try Methods.dictionary[name]?.bound(to: value)
    case .list:
      if Methods.changingList.contains(name) { return refused(name, value) }
      return try sequenceMethod(name, of: value)
    case .tuple(let elements):
      if let index = elements.names.firstIndex(of: name) { return elements.values[index] }
      return name == "copy" ? nil : try sequenceMethod(name, of: value)
    case .int, .big, .bool, .float: return try numberAttribute(name, of: value)
    case .object(let object): return try object.attribute(name, self)
    case .undefined, .none: return nil
    }
  }

  private func refused(_ name: Text, _ value: Value) -> Value {
    .undefined(Undefined(.unsafe(type: value.typeName, name: name.string)))
  }

  // MARK: - Slices

  func slice(_ value: Value, _ start: Value?, _ stop: Value?, _ step: Value?) throws(TemplateError) -> Value {
    switch value {
    case .list(let elements):
      return try .list(indices(start, stop, step, elements.values.count).pick(elements.values))
    case .tuple(let elements):
      return try .tuple(indices(start, stop, step, elements.values.count).pick(elements.values))
    case .string(let text):
      let places = try indices(start, stop, step, text.count)
      if places.step == 1 {
        return .string(text.slice(places.start..<places.start + places.count).marked(like: text))
      }
      try scan(text)
      return .string(Text(places.pick(text.codePoints)).marked(like: text))
    case .object(let range as RangeObject):
      let places = try indices(start, stop, step, range.count)
      let first = range.start + places.start * range.step
      let stride = places.step.multipliedReportingOverflow(by: range.step).partialValue
      let end = places.count == 0 ? first : first + places.count * stride
      return .object(try RangeObject(start: first, stop: end, step: stride))
    case .object(let bytes as BytesObject):
      return .object(BytesObject(try indices(start, stop, step, bytes.bytes.count).pick(bytes.bytes)))
    case .undefined(let undefined): throw undefined.error
    default:
      throw .runtime(
        "the value cannot be sliced", expected: "a string or list", found: value.typeName,
        hint: value.isIterator ? "put '| list' before the brackets" : nil)
    }
  }

  private func indices(
    _ start: Value?, _ stop: Value?, _ step: Value?, _ count: Int
  ) throws(TemplateError) -> SliceIndices {
    guard let indices = SliceIndices(start, stop, step, count: count) else {
      throw .runtime("a bound of a slice is not an integer", expected: "integers", found: "another value")
    }
    guard indices.step != 0 else { throw .runtime("a slice of step 0", expected: "another step", found: "0") }
    try reserve(indices.count * 8)
    return indices
  }
}

/// The elements of a sequence that a slice selects.
struct SliceIndices {
  let start: Int
  let step: Int
  let count: Int

  /// Resolves the bounds of a slice; `nil` if a bound is not an integer.
  init?(_ start: Value?, _ stop: Value?, _ step: Value?, count length: Int) {
    func bound(_ value: Value?) -> Int?? {
      guard let value else { return .some(nil) }
      if case .big(let big) = value { return big.isNegative ? -Int.max : Int.max }
      return value.index.map(Optional.some)
    }
    guard let start = bound(start), let stop = bound(stop), let step = bound(step) else { return nil }
    let stride = max(step ?? 1, -Int.max)
    self.step = stride
    guard stride != 0 else {
      self.start = 0
      count = 0
      return
    }
    let lowest = stride > 0 ? 0 : -1
    let highest = stride > 0 ? length : length - 1
    func clamp(_ index: Int?, _ missing: Int) -> Int {
      guard let index else { return missing }
      return min(max(index < 0 ? max(index, -length - 1) + length : index, lowest), highest)
    }
    let first = clamp(start, stride > 0 ? 0 : length - 1)
    let last = clamp(stop, stride > 0 ? length : -1)
    self.start = first
    let distance = stride > 0 ? last - first : first - last
    count = distance <= 0 ? 0 : (distance - 1) / Int(stride.magnitude) + 1
  }

  func pick<T>(_ elements: [T]) -> [T] {
    if step == 1 { return Array(elements[start..<start + count]) }
    return (0..<count).map { elements[start + $0 * step] }
  }
}
