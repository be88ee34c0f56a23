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
  /// Whether the argument that is the text is an array, and so is the answer.
  let mapsOverArray: Bool

  /// Which argument is the text that a call is about.
  var textPosition: Int { function.textPosition }

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
        let isPure = function.volatility == .immutable || function.classifierPosition != nil
        if isPure, forms.indices.contains(function.textPosition), forms[function.textPosition].type == "text"
        {
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
      mapsOverArray && position == textPosition ? form.type + "[]" : form.type
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

  /// The parts of the key of some arguments, as an expression of type `bytea`.
  func keyParts(_ positions: some Sequence<Int>) -> String {
    let parts = positions.filter(forms.indices.contains).map(keyPart)
    return parts.isEmpty ? "''::bytea" : parts.joined(separator: " || ")
  }

  /// Some arguments as the call has them: an expression of type `text` that begins with a comma. A parameter that this
  /// overload does not have is NULL.
  func literals(_ positions: some Collection<Int>) -> String {
    guard !positions.isEmpty else { return "''" }
    let format = positions.map { forms.indices.contains($0) ? ", %L\(forms[$0].cast)" : ", NULL" }.joined()
    let arguments = positions.filter(forms.indices.contains).map { ", " + textExpression($0) }.joined()
    return "format('\(format)'\(arguments))"
  }

  // MARK: The database around a call

  /// The name of the classifier that is asked; nil for functions that ask none.
  var classifierName: String? { function.classifierPosition.map(textExpression) }

  /// Under which name the answers are corrected, as an expression of type `text`; nil where they can't be.
  var correctedName: String? {
    guard function.isCorrectable else { return nil }
    return function.correctedName.map { "'\($0)'" } ?? classifierName
  }

  /// What tells the bridge of the database around a scalar call, as an expression of type `jsonb`: `classifier_digest` and
  /// `corrected_label` have been looked for.
  var context: String {
    guard correctedName != nil else { return "NULL" }
    guard let classifierName else {
      // What a query pays for each of its rows.
      return
        "CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END"
    }
    return "sibyl.call_context(\(classifierName), classifier_digest, ARRAY[corrected_label])"
  }
}
