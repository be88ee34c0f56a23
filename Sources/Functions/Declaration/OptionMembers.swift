import Diagnostics
import JSON

/// The members of an options argument, checked for what is wrong with any options: no object, a name twice, a name
/// that is none of the options.
///
/// Each reading throws what is wrong with its option, as it is told after the argument's name, and gives nil where the
/// option is not there.
struct OptionMembers {
  private let members: JSONObject

  /// What an options argument must be, to complete "must be …".
  static let expected = "a JSON object of options"

  /// - Parameter names: all options of the function.
  init(_ json: JSON, names: [String]) throws(SibylError) {
    guard case .object(let members) = json else {
      throw SibylError(.invalidArgument, "must be \(Self.expected); got \(json.typeDescription)")
    }
    if let name = members.duplicateKeys.first {
      throw SibylError(.invalidArgument, "has the option \"\(name)\" twice")
    }
    for (name, _) in members where !names.contains(name) {
      throw SibylError(
        .invalidArgument,
        "has the unknown option \"\(name)\"; the options are \(names.joined(separator: ", "))")
    }
    self.members = members
  }

  /// The option as it is.
  subscript(name: String) -> JSON? { members[name] }

  func boolean(_ name: String) throws(SibylError) -> Bool? {
    guard let value = members[name] else { return nil }
    guard let boolean = value.booleanValue else { throw Self.fault(name, "true or false", value) }
    return boolean
  }

  /// - Parameter range: with `Int.max` as its end where there is no largest number.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(SibylError) -> Int? {
    guard let value = members[name] else { return nil }
    guard let number = value.integerValue, range.contains(number) else {
      let bounds =
        range.upperBound == .max
        ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw Self.fault(name, "a whole number \(bounds)", value)
    }
    return number
  }

  /// - Parameters:
  ///   - expected: what the number must be, in words.
  ///   - isValid: whether it is that.
  func number(
    _ name: String, _ expected: String = "a number", where isValid: (Double) -> Bool = { _ in true }
  ) throws(SibylError) -> Double? {
    guard let value = members[name] else { return nil }
    guard let number = value.numberValue, isValid(number) else { throw Self.fault(name, expected, value) }
    return number
  }

  /// Text that is not blank.
  func text(_ name: String, _ expected: String) throws(SibylError) -> String? {
    guard let value = members[name] else { return nil }
    guard let text = value.stringValue, !text.isBlank else { throw Self.fault(name, expected, value) }
    return text
  }

  /// One text or several.
  func texts(_ name: String) throws(SibylError) -> [String]? {
    guard let value = members[name] else { return nil }
    if let text = value.stringValue { return [text] }
    let texts = value.arrayValue?.map(\.stringValue)
    guard let texts, !texts.contains(nil) else {
      throw Self.fault(name, "a text or an array of texts", value)
    }
    return texts.compactMap { $0 }
  }

  /// The option "on_error": whether a call that can't be answered is NULL instead of an error.
  func answersNullOnError() throws(SibylError) -> Bool? {
    guard let value = members["on_error"] else { return nil }
    switch value.stringValue {
    case "raise"?: return false
    case "null"?: return true
    default: throw Self.fault("on_error", "\"raise\" or \"null\"", value)
    }
  }

  static func fault(_ name: String, _ expected: String, _ found: JSON) -> SibylError {
    let text = found.serialized()
    let shown = text.utf8.count <= 40 ? text : found.typeDescription
    return SibylError(.invalidArgument, "must have \(expected) as \(name); got \(shown)")
  }
}

extension Parameter {
  /// A trailing options argument.
  static func options(
    decode: @escaping @Sendable (JSON) throws(SibylError) -> any Sendable
  ) -> Parameter {
    .json("options", "Options, see above.", default: .null, expected: OptionMembers.expected, decode: decode)
  }
}
