import Diagnostics
import JSON

/// The options of an `ai_filter` call: those of functions that write, and a cascade.
struct FilterOptions: Sendable {
  var writing = WritingOptions()
  var cascade: CascadeOptions?

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: WritingOptions.names + ["cascade"])
    writing = try WritingOptions(members)
    cascade = try members["cascade"].map { (json) throws(SibylError) in try CascadeOptions(json) }
  }

  /// The options with which the large model of a cascade is asked for the same.
  func asked(of target: String) -> JSON {
    var members = JSONObject([("model", .string(target))])
    if let system = writing.system { members.append("system", .string(system)) }
    if let template = writing.chatTemplate { members.append("chat_template", .string(template)) }
    return .object(members)
  }
}
