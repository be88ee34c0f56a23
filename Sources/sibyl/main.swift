import Diagnostics
import Inference
import ModelFiles
import Models
#if canImport(Glibc)
  import Glibc
#endif
func now() -> Double { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec)+Double(t.tv_nsec)*1e-9 }
let t0 = now()
let store = ModelStore()
if CommandLine.arguments.contains("pull") { print(try ModelPull("minilm", store: store).run(report: { print($0) }).folder) }
let m = try store.model(named: "minilm")
let t1 = now()
let e = InferenceEngine.shared
let text = "I waited three weeks and it arrived broken , and nobody answered my mails about the refund that they had promised me"
_ = try e.encode([text], model: m, output: .layerPools)
let t2 = now()
print("store", t1-t0, "first", t2-t1, "tokens", try e.tokenizer(for: m).tokenCount(text))
for r in 0..<4 {
  var ts: [Double] = []
  for _ in 0..<1000 { let a = now(); _ = try e.encode([text], model: m, output: .layerPools); ts.append(now()-a) }
  ts.sort(); print("p10", ts[100]*1e3, "p50", ts[500]*1e3, "p95", ts[950]*1e3)
}
let texts = (0..<4096).map { "\(text) \($0)" }
for r in 0..<3 {
let a = now(); _ = try e.encode(texts, model: m, output: .layerPools); let d = now()-a
let n = texts.reduce(0) { $0 + (try! e.tokenizer(for: m).tokenCount($1)) + 2 }
print("bulk", Double(n)/d, "tok/s")
}
