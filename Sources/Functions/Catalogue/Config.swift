import Diagnostics

extension AIFunction {
  static let config = AIFunction(
    name: "ai_config",
    summary: "Reads a setting of this process, or changes it.",
    details: Setting.documentation,
    parameters: [
      Parameter("key", .text, "The setting's name."),
      Parameter(
        "value", .scalar, "The new value; without it, the setting is only read.", default: .null,
        changesSharedState: true),
    ],
    returns: .scalar,
    examples: [Example("SELECT ai_config('embedding_model');", gives: "minilm")],
    volatility: .volatile,
    eachCall: { (context, call) throws(SibylError) in
      guard let setting = Setting.named(call.text(0)) else {
        throw context.argumentError(
          0, "must be one of \(Setting.all.map(\.name).joined(separator: ", ")); got \"\(call.text(0))\"")
      }
      if call[1].isNull { return setting.read() }
      guard let write = setting.write else {
        throw context.argumentError(
          1, "can't be given for \(setting.name), which is read-only here: \(setting.summary)")
      }
      do throws(SibylError) {
        try write(call[1])
      } catch {
        // A missing model is a sentence of its own.
        throw error.kind == .invalidArgument ? context.argumentError(1, error.message) : error
      }
      return setting.read()
    })
}
