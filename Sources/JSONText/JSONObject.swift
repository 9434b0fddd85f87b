/// The members of a JSON object, in the order of the text.
///
/// A duplicate key keeps its first position and its last value, as in Python. Lookup takes constant time. Up to eight
/// members are searched linearly, which is faster than hashing.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// The members in order, each key once.
  public private(set) var members: [(key: ByteString, value: JSONValue)]

  /// An open-addressing hash table of member indices plus one, 0 for a free slot; empty while there are few members.
  private var slots: [UInt32]

  private static let fewMembers = 8

  /// Creates an empty object.
  public init() {
    members = []
    slots = []
  }

  /// Creates an object from members. A duplicate key keeps its last value.
  public init(_ members: some Sequence<(key: ByteString, value: JSONValue)>) {
    self.init()
    for member in members { setValue(member.value, forKey: member.key) }
  }

  /// Creates an object from members. A duplicate key keeps its last value.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init()
    for (key, value) in elements { setValue(value, forKey: ByteString(key)) }
  }

  /// The number of members.
  public var count: Int { members.count }

  /// The value of a key. Setting it appends the member or replaces the value in place; setting `nil` removes the
  /// member.
  public subscript(key: String) -> JSONValue? {
    get { value(forKey: ByteString(key)) }
    set {
      if let newValue {
        setValue(newValue, forKey: ByteString(key))
      } else {
        removeValue(forKey: ByteString(key))
      }
    }
  }

  /// The value of the key that consists of exactly these bytes.
  public func value(forKey key: ByteString) -> JSONValue? {
    index(of: key).map { members[$0].value }
  }

  /// Appends a member, or replaces the value of an existing one in place.
  public mutating func setValue(_ value: JSONValue, forKey key: ByteString) {
    if members.count < Self.fewMembers {
      if let found = members.firstIndex(where: { $0.key == key }) {
        members[found].value = value
      } else {
        members.append((key, value))
      }
      return
    }
    if (members.count + 1) * 2 > slots.count { rehash() }
    let slot = freeSlot(for: key)
    if slots[slot] != 0 {
      members[Int(slots[slot]) - 1].value = value
    } else {
      members.append((key, value))
      slots[slot] = UInt32(members.count)
    }
  }

  /// Two objects are equal if they have equal members in the same order.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.members.count == b.members.count
      && zip(a.members, b.members).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }

  private mutating func removeValue(forKey key: ByteString) {
    guard let found = index(of: key) else { return }
    members.remove(at: found)
    slots = []
    if members.count > Self.fewMembers { rehash() }
  }

  private func index(of key: ByteString) -> Int? {
    guard !slots.isEmpty else { return members.firstIndex { $0.key == key } }
    let entry = slots[freeSlot(for: key)]
    return entry == 0 ? nil : Int(entry) - 1
  }

  /// The slot that holds the key, or the free slot where it belongs.
  private func freeSlot(for key: ByteString) -> Int {
    // Hasher is seeded per process, so a malicious file cannot choose keys that collide.
    var hasher = Hasher()
    key.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] != 0, members[Int(slots[slot]) - 1].key != key { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func rehash() {
    var capacity = 32
    while capacity < members.count * 4 { capacity *= 2 }
    slots = [UInt32](repeating: 0, count: capacity)
    for (number, member) in members.enumerated() { slots[freeSlot(for: member.key)] = UInt32(number + 1) }
  }
}
