/// A token that a model made: its id and the bytes of the piece that it covers.
struct ModelToken: Equatable {
  var id: Int
  var start: Int
  var end: Int
}
