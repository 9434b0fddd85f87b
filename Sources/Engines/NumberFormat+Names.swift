import EngineAPI
import Tensors

extension NumberFormat {
  /// The format of a name.
  init(_ name: NumberFormatName) {
    switch name {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .q8: self = .q8
    case .q4: self = .q4
    }
  }
}

extension NumberFormatName {
  /// The name of a format.
  init(_ format: NumberFormat) {
    switch format {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .q8: self = .q8
    case .q4: self = .q4
    }
  }
}

extension CacheFormatName {
  /// The name of a format.
  init(_ format: KeyValueFormat) {
    switch format {
    case .f32: self = .f32
    case .bf16: self = .bf16
    }
  }
}

extension KeyValueFormat {
  /// The format of a name.
  init(_ name: CacheFormatName) {
    switch name {
    case .f32: self = .f32
    case .bf16: self = .bf16
    }
  }
}
