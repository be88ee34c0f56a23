import Functions
import PostgresClient

/// One PostgreSQL function that stands for a function of the catalogue: a choice of the forms of its
/// parameters, and whether it maps over an array.
struct FunctionOverload {
  let function: AIFunction
  /// The name or one of the aliases.
  let name: String
  /// The parameters that this overload has: all, or those before the first one that is reserved to the owner.
  let parameters: [Parameter]
  let forms: [ParameterForm]
  /// Whether the first argument is an array, and so is the answer.
  let mapsOverArray: Bool

  /// All overloads of a function.
  static func overloads(of function: AIFunction, name: String) -> [FunctionOverload] {
    var overloads: [FunctionOverload] = []
    let unreserved = Array(function.parameters.prefix { !$0.changesSharedState })
    let choices =
      unreserved.count == function.parameters.count ? [unreserved] : [unreserved, function.parameters]
    for parameters in choices {
      var combinations: [[ParameterForm]] = [[]]
      for parameter in parameters {
        combinations = combinations.flatMap { forms in
          ParameterForm.forms(of: parameter).map { forms + [$0] }
        }
      }
      for forms in combinations {
        overloads.append(
          FunctionOverload(
            function: function, name: name, parameters: parameters, forms: forms, mapsOverArray: false))
        if function.volatility == .immutable, forms.first?.type == "text" {
          overloads.append(
            FunctionOverload(
              function: function, name: name, parameters: parameters, forms: forms, mapsOverArray: true))
        }
      }
    }
    return overloads
  }

  var argumentTypes: [String] {
    forms.enumerated().map { position, form in
      mapsOverArray && position == 0 ? form.type + "[]" : form.type
    }
  }

  /// Whether everybody may call it.
  var isOpenToAll: Bool { !parameters.contains(where: \.changesSharedState) }

  /// A reserved parameter is what the overload is for, and so it is required.
  func isRequired(_ position: Int) -> Bool {
    parameters[position].isRequired || parameters[position].changesSharedState
  }

  /// Whether NULL in any argument makes the answer NULL, which PostgreSQL then sees to itself.
  var isStrict: Bool { parameters.allSatisfy(\.isRequired) }

  /// A local variable that holds the argument's text, where the argument itself is not that text.
  func variable(_ position: Int) -> String { "argument_\(position + 1)" }

  /// What stands for the argument's text in the body.
  func textExpression(_ position: Int) -> String {
    forms[position].text("$\(position + 1)") == "$\(position + 1)" ? "$\(position + 1)" : variable(position)
  }

  /// The declarations of the variables that `textExpression` names.
  var variableDeclarations: [String] {
    forms.indices.filter { textExpression($0) == variable($0) }.map { position in
      "\(variable(position)) CONSTANT text := \(forms[position].text("$\(position + 1)"));"
    }
  }

  /// The part of the cache key that an argument makes.
  func keyPart(_ position: Int) -> String {
    "sibyl.\(forms[position].keyFunction)(\(textExpression(position)))"
  }

  /// The parts of the key of the arguments from a position on, as an expression of type `bytea`.
  func keyParts(from start: Int) -> String {
    let parts = forms.indices.dropFirst(start).map(keyPart)
    return parts.isEmpty ? "''::bytea" : parts.joined(separator: " || ")
  }

  /// The arguments from a position on, as the call has them: an expression of type `text` that begins with a
  /// comma. A parameter that this overload does not have is NULL.
  func literals(from start: Int) -> String {
    let positions = function.parameters.indices.dropFirst(start)
    guard !positions.isEmpty else { return "''" }
    let format = positions.map { forms.indices.contains($0) ? ", %L\(forms[$0].cast)" : ", NULL" }.joined()
    let arguments = positions.filter(forms.indices.contains).map { ", " + textExpression($0) }.joined()
    return "format('\(format)'\(arguments))"
  }
}
