import Inference
import JSON

extension AIFunction {
  static let generationStatistics = AIFunction(
    name: "ai_generation_stats",
    summary: "What the decoders in memory have read and written in this process, as a JSON object.",
    details: """
      One member for each decoder that this process has loaded, under its name. read_tokens were read by the model; \
      prefix_tokens of them once for all prompts that begin alike, such as the instruction of a query, and \
      shared_tokens did not have to be read because of that. written_tokens were written, in steps passes of the \
      model; weight_bytes is what its weights take in memory.
      """,
    returns: .json,
    examples: [
      Example(
        "SELECT json_valid(ai_generation_stats());", gives: "1",
        postgres: .init("SELECT jsonb_typeof(ai_generation_stats());", gives: "object"))
    ],
    volatility: .volatile,
    eachCall: { _, _ in
      let members = InferenceEngine.shared.generationReports.map { report -> (String, JSON) in
        let counters = report.counters
        return (
          report.model,
          [
            "read_tokens": .integer(Int64(counters.readTokens)),
            "prefix_tokens": .integer(Int64(counters.prefixTokens)),
            "shared_tokens": .integer(Int64(counters.sharedTokens)),
            "written_tokens": .integer(Int64(counters.writtenTokens)),
            "steps": .integer(Int64(counters.steps)),
            "weight_bytes": .integer(Int64(report.weightBytes)),
          ]
        )
      }
      return .text(JSON.object(JSONObject(members)).serialized())
    })
}
