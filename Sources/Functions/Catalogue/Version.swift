import Inference

extension AIFunction {
  static let version = AIFunction(
    name: "ai_version",
    summary: "Sibyl's version and the engine's revision.",
    returns: .text,
    examples: [Example("SELECT ai_version() LIKE 'sibyl %';", gives: "1", inPostgres: "t")],
    eachCall: { _, _ in .text("sibyl \(SibylVersion.current) (engine \(InferenceEngine.revision))") })
}
