/// Lower case by the full mapping of each character on its own (`İ` becomes two characters; no rule for a final sigma).
struct LowercaseNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0x80 && !(0x41...0x5A ~= $0) }) { return }
    text.rewrite { code, range, output in
      if code < 0x80 {
        if 0x41...0x5A ~= code { output.append(code + 32, for: range) } else { output.copy(range) }
        return
      }
      guard let scalar = Unicode.Scalar(code), scalar.properties.changesWhenLowercased else {
        return output.copy(range)
      }
      for lower in scalar.properties.lowercaseMapping.unicodeScalars { output.append(lower.value, for: range) }
    }
  }
}
