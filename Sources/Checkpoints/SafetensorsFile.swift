import Tensors

/// One safetensors file, mapped: its header is checked when it is opened, its tensors are read where they lie.
public struct SafetensorsFile: Sendable {
  let header: SafetensorsHeader
  let file: MappedFile
  /// What the file says about packed weights, where it holds some.
  let panels: PanelDirectory?

  /// Opens a file and checks its header.
  public init(path: String) throws(CheckpointError) {
    file = try MappedFile(path: path)
    header = try SafetensorsHeader(file.bytes, path: path)
    panels = try PanelDirectory(header, path: path)
  }

  /// The names of the tensors, in no order.
  public var names: some Collection<String> { header.entries.keys }

  /// The tensor of this name; `nil` where there is none or its element type is one that only the format knows.
  public subscript(name: String) -> StoredTensor? {
    guard let entry = header.entries[name], let type = entry.type.elementType else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
    // The header has been checked: bytes, shape and type agree.
    return try? StoredTensor(type: type, shape: entry.shape, bytes: bytes, owner: file)
  }

  /// Bytes of the file.
  public var byteCount: Int { file.bytes.count }
}
