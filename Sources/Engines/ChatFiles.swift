import EngineAPI
import Foundation
import JSONText
import Models
import Templates
import Tokenizers

/// The chat templates and special tokens of a model folder or GGUF file.
struct ChatFiles {
  /// The file with the special tokens, and with templates where they have no file of their own.
  static let configurationName = "tokenizer_config.json"
  /// The maximum size of a template, in bytes.
  private static let largestTemplate = 4 << 20

  private let file: String?
  private let named: [(name: String, source: String)]
  private let configuration: JSONValue?
  /// The special tokens that templates see, by their names in transformers.
  let specialTokens: JSONObject

  /// Reads the files at a path.
  /// - Parameter tokenizer: supplies the special tokens that the configuration does not name.
  init(path: String, tokenizer: Tokenizer) throws(EngineError) {
    let path = AdaptedPath.base(of: path)
    do {
      if ModelSource.isFile(path) {
        let metadata = try ModelSource(path: path).tokenizerMetadata()
        let prefix = "tokenizer.chat_template"
        file = metadata?[prefix]?.string
        named = (metadata?.object?.members ?? []).compactMap { (key, value) in
          let key = key.description
          guard key.hasPrefix(prefix + "."), let source = value.string else { return nil }
          return (String(key.dropFirst(prefix.utf8.count + 1)), source)
        }
        configuration = nil
      } else {
        file = try Self.text("\(path)/\(ChatTemplate.fileName)")
        let folder = "\(path)/\(ChatTemplate.folderName)"
        var named: [(name: String, source: String)] = []
        let names = FileBytes.exists(folder) ? try FolderNames.read(folder).sorted() : []
        for name in names where name.hasSuffix(".jinja") {
          guard let source = try Self.text("\(folder)/\(name)") else { continue }
          named.append((String(name.dropLast(6)), source))
        }
        self.named = named
        let own = "\(path)/\(Self.configurationName)"
        configuration = FileBytes.exists(own) ? try JSONValue(contentsOfFile: own) : nil
      }
    } catch let error as EngineError {
      throw error
    } catch let error as JSONError {
      throw EngineError(.model, error)
    } catch {
      throw EngineError(any: error)
    }
    var tokens = ChatTemplate.specialTokens(in: configuration)
    for (name, token) in tokenizer.specialTokens.byName where tokens[name] == nil {
      tokens[name] = JSONValue(token.content)
    }
    specialTokens = tokens
  }

  /// The templates; `nil` if there are none.
  func templates() throws(TemplateError) -> ChatTemplate? {
    var templates = try ChatTemplate(file: file, named: named, configuration: configuration)
    templates?.specialTokens = specialTokens
    return templates
  }

  /// The text of a file; `nil` if there is none.
  private static func text(_ path: String) throws(EngineError) -> String? {
    guard FileBytes.exists(path) else { return nil }
    let bytes: [UInt8]
    do throws(JSONError) {
      bytes = try FileBytes.read(path, limit: largestTemplate)
    } catch {
      throw EngineError(.model, error)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EngineError(.model, "the chat template is not UTF-8", at: path, expected: "UTF-8", found: "other bytes")
    }
    return text
  }
}
