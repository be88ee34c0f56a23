import Diagnostics
import JSON

/// A model that a server runs behind OpenAI's interface (vLLM, llama.cpp's server, Ollama, a cloud), as it is
/// registered: where it is, what it is called there, and how it may be asked.
///
/// Its weights are not here, so that its answers are not pinned: the model's digest is that of its description.
public struct ServerModel: Hashable, Sendable {
  /// How the server is asked. Part of no digest: it changes no answer.
  public struct Access: Hashable, Sendable {
    /// The environment variable that holds the key; the key itself is never stored.
    public var keyVariable: String
    /// Whether the user named that variable for this server.
    public var isKeyVariableNamed: Bool
    /// Seconds that a request may take.
    public var timeout: Int
    /// Requests that a process has under way at once.
    public var concurrency: Int

    public static let defaultKeyVariable = "OPENAI_API_KEY"
    public static let timeouts = 1...3_600
    public static let concurrencies = 1...256

    /// - Throws: `invalidArgument`: what the option must be.
    public init(keyVariable: String? = nil, timeout: Int = 120, concurrency: Int = 8) throws(SibylError) {
      let variable = keyVariable ?? Self.defaultKeyVariable
      guard Self.isVariable(variable) else {
        // What stands there may be a key.
        throw SibylError(
          .invalidArgument,
          "--key-variable must be the name of an environment variable, such as \(Self.defaultKeyVariable); the key "
            + "itself belongs into that variable and nowhere else")
      }
      guard Self.timeouts.contains(timeout) else {
        throw SibylError(
          .invalidArgument, "--timeout must be a number of seconds from 1 to 3600; got \(timeout)")
      }
      guard Self.concurrencies.contains(concurrency) else {
        throw SibylError(
          .invalidArgument, "--concurrency must be a number of requests from 1 to 256; got \(concurrency)")
      }
      self.keyVariable = variable
      isKeyVariableNamed = keyVariable != nil
      self.timeout = timeout
      self.concurrency = concurrency
    }

    private static func isVariable(_ name: String) -> Bool {
      guard let first = name.utf8.first, first &- UInt8(ascii: "0") >= 10, name.utf8.count <= 100 else {
        return false
      }
      return name.utf8.allSatisfy { byte in
        byte &- UInt8(ascii: "A") < 26 || byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
          || byte == UInt8(ascii: "_")
      }
    }
  }

  /// The address that `/chat/completions` and `/embeddings` are below.
  public let address: ServerAddress
  /// The model's name at the server.
  public let model: String
  /// Tokens that a prompt and its answer may have together.
  public let contextLength: Int
  public let access: Access

  public static let contextLengths = 512...10_000_000

  /// - Throws: `invalidArgument`: what is wrong with the address or the name.
  public init(
    address: String, model: String, contextLength: Int = 8_192, access: Access
  ) throws(SibylError) {
    self.address = try ServerAddress(address)
    guard !model.isEmpty, model.utf8.count <= 256, model.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw SibylError(
        .invalidArgument, "--model must be the model's name at the server, of 1 to 256 bytes")
    }
    guard Self.contextLengths.contains(contextLength) else {
      throw SibylError(
        .invalidArgument, "--context must be a number of tokens from 512 to 10000000; got \(contextLength)")
    }
    self.model = model
    self.contextLength = contextLength
    self.access = access
  }
}

// MARK: - As files

extension ServerModel {
  /// What the model is; its digest names the answers.
  static let descriptionFile = "server.json"
  /// How it is asked.
  static let accessFile = "access.json"

  func description(_ kind: ModelManifest.Kind) -> JSON {
    [
      "interface": "openai", "kind": .string(kind.rawValue), "address": .string(address.text),
      "model": .string(model), "context": .integer(Int64(contextLength)),
    ]
  }

  var accessDescription: JSON {
    [
      "key_variable": access.isKeyVariableNamed ? .string(access.keyVariable) : .null,
      "timeout": .integer(Int64(access.timeout)), "concurrency": .integer(Int64(access.concurrency)),
    ]
  }

  /// Reads both files.
  init(description: JSON, access: JSON?) throws(SibylError) {
    guard description["interface"]?.stringValue == "openai",
      let address = description["address"]?.stringValue,
      let model = description["model"]?.stringValue, let context = description["context"]?.integerValue
    else { throw SibylError(.corruptFile, "the description of the server lacks its address or its model") }
    let usual = try Access()
    try self.init(
      address: address, model: model, contextLength: context,
      access: Access(
        keyVariable: access?["key_variable"]?.stringValue,
        timeout: access?["timeout"]?.integerValue ?? usual.timeout,
        concurrency: access?["concurrency"]?.integerValue ?? usual.concurrency))
  }
}
