extension ModelFolders {
  /// What a beginning of a reference can become: the names of bundled models, then the folders that begin so, each with
  /// a slash at its end.
  public func completions(of prefix: String) -> [String] {
    let names = bundled().map(\.name).filter { $0.hasPrefix(prefix) }
    // The written folder stays as it was written; `~` and the working folder are expanded only to look inside.
    let slash = prefix.lastIndex(of: "/")
    let written = slash.map { String(prefix[...$0]) } ?? ""
    let begun = slash.map { prefix[prefix.index(after: $0)...] } ?? prefix[...]
    let folder = expanded(written.isEmpty ? "." : written)
    let inside = (try? FolderListing.names(folder)) ?? []
    let folders = inside.filter { $0.hasPrefix(begun) && FilePaths.kind(FilePaths.join(folder, $0)) == .folder }
    return names + folders.map { written + $0 + "/" }
  }
}
