import ArgumentParser
import Functions
import JSON
import PostgresBridge

/// `sibyl functions`
struct FunctionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "functions", abstract: "List the functions that Sibyl adds to SQL.")

  @Flag(help: "Print the reference table of the README.")
  var markdown = false

  @Flag(help: "Print everything that the declarations say, as Markdown.")
  var reference = false

  @Flag(help: "Print a JSON array, one object a function.")
  var json = false

  @Flag(help: ArgumentHelp("Print what sql/postgres/functions.sql holds.", visibility: .hidden))
  var postgres = false

  func validate() throws {
    guard [markdown, reference, json, postgres].filter({ $0 }).count <= 1 else {
      throw ValidationError("Give one of --markdown, --reference and --json.")
    }
  }

  func run() {
    if markdown {
      print(FunctionReference.markdown(), terminator: "")
    } else if reference {
      print(FunctionReference.fullMarkdown(), terminator: "")
    } else if json {
      print(Self.jsonText())
    } else if postgres {
      print(FunctionSet().script, terminator: "")
    } else {
      let style = TerminalStyle(descriptor: 1)
      for entry in Catalogue.entries {
        print(style.bold(entry.signature) + style.dim(" -> \(entry.returnDescription)"))
        print("    \(entry.summary)")
      }
    }
  }

  static func jsonText() -> String {
    JSON.array(
      Catalogue.entries.map { entry in
        .object([
          "name": .string(entry.name),
          "signature": .string(entry.signature),
          "returns": .string(entry.returnDescription),
          "summary": .string(entry.summary),
          "details": .string(entry.details),
          "kind": .string(entry.kind),
          "parameters": .array(
            entry.parameters.map { parameter in
              .object([
                "name": .string(parameter.name),
                "type": .string(parameter.type.rawValue),
                "required": .boolean(parameter.isRequired),
                "summary": .string(parameter.summary),
              ])
            }),
          "examples": .array(
            entry.examples.map { example in
              .object([
                "sql": .string(example.sql), "answer": example.answer.map { .string($0) } ?? .null,
              ])
            }),
        ])
      }
    ).serialized()
  }
}
