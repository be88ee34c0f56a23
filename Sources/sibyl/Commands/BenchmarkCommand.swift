import ArgumentParser
import Diagnostics
import Inference
import JSON
import ModelFiles
import Models
import Tokenization

/// `sibyl benchmark`: what `make bench` measures inside this program. Each subcommand prints one line of JSON;
/// Benchmarks/bench.py starts them in turn with other engines and compares.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure the engine and the machine's own limit.",
    shouldDisplay: false,
    subcommands: [
      Engine.self, Latency.self, ProductLimit.self, MemoryLimit.self, Tokens.self, Generation.self,
      GenerationQuality.self,
      Conversations.self, Sentiment.self,
    ])
}

extension BenchmarkCommand {
  struct Engine: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Encode texts, all at once (throughput mode).")

    @OptionGroup var input: BenchmarkTexts

    @Option(help: "Timed passes over the texts, after one that is not timed.")
    var repetitions = 1

    @Option(help: "Texts a call; without it, all in one.")
    var textsPerCall: Int?

    func validate() throws {
      guard repetitions > 0, (textsPerCall ?? 1) > 0 else {
        throw ValidationError("--repetitions and --texts-per-call must be at least 1.")
      }
    }

    func run() throws {
      let benchmark = try EngineBenchmark(texts: input.read(), model: input.installedModel())
      print(try benchmark.throughput(repetitions: repetitions, textsPerCall: textsPerCall).serialized())
    }
  }

  struct Latency: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Encode one text at a time, as a lone caller does (latency mode).")

    @OptionGroup var input: BenchmarkTexts

    @Option(help: "Timed calls, after a tenth as many that are not timed.")
    var calls = 2_000

    @Option(help: "Microseconds of sleep before each call, as a caller has other things to do; 0 for none.")
    var pause = 0

    func validate() throws {
      guard calls > 0 else { throw ValidationError("--calls must be at least 1.") }
      guard (0...1_000_000).contains(pause) else { throw ValidationError("--pause must be 0 to 1000000.") }
    }

    func run() throws {
      let benchmark = try EngineBenchmark(texts: input.read(), model: input.installedModel())
      print(try benchmark.latency(calls: calls, pauseMicroseconds: UInt32(pause)).serialized())
    }
  }

  struct ProductLimit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "gemm-limit",
      abstract: "Only the matrix products of all-MiniLM-L6-v2: what the processor and oneDNN allow.")

    @Option(help: "Rows of a product.")
    var rows: Int

    @Option(help: "Seconds to measure.")
    var seconds = 1.0

    func validate() throws {
      guard (1...4096).contains(rows), seconds > 0, seconds <= 600 else {
        throw ValidationError("--rows takes 1 to 4096, --seconds more than 0 and at most 600.")
      }
    }

    func run() throws {
      print(try ProductLimitBenchmark(rows: rows, seconds: seconds).run().serialized())
    }
  }

  struct MemoryLimit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Only reading memory, on all cores: what the machine allows a search.")

    @Option(help: "Bytes that are read over and over.")
    var bytes: Int

    @Option(help: "Seconds to measure.")
    var seconds = 1.0

    func validate() throws {
      guard (1_024...(16 << 30)).contains(bytes), seconds > 0, seconds <= 600 else {
        throw ValidationError("--bytes takes 1,024 to 16 GiB, --seconds more than 0 and at most 600.")
      }
    }

    func run() throws {
      print(try MemoryLimitBenchmark(bytes: bytes, seconds: seconds).run().serialized())
    }
  }

  struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the token ids of each text, without [CLS] and [SEP].")

    @OptionGroup var input: BenchmarkTexts

    func run() throws {
      let tokenizer = try InferenceEngine.shared.tokenizer(for: input.installedModel())
      let ids = try input.read().map { text in
        JSON.array(tokenizer.encode(text).map { .integer(Int64($0)) })
      }
      print(JSON.array(ids).serialized())
    }
  }

  struct Generation: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read many prompts, write many answers at once, write one.")

    @Option(help: "The name of an installed decoder.")
    var model = ModelCatalogue.defaultDecoder

    @Option(help: "Prompts, and rows of the large batch.")
    var rows = 32

    @Option(help: "Tokens of a prompt.")
    var promptTokens = 128

    @Option(help: "Tokens that are written to each prompt.")
    var steps = 64

    @Option(help: "Timed repetitions, after one that is not timed.")
    var repetitions = 3

    func validate() throws {
      guard
        (1...64).contains(rows), (16...1024).contains(promptTokens), (1...1024).contains(steps),
        repetitions > 0
      else {
        throw ValidationError(
          "--rows takes 1 to 64, --prompt-tokens 16 to 1024, --steps 1 to 1024, --repetitions at least 1.")
      }
    }

    func run() throws {
      let benchmark = GenerationBenchmark(
        model: try ModelStore().model(named: model), rows: rows, promptTokens: promptTokens, steps: steps)
      print(try benchmark.run(repetitions: repetitions).serialized())
    }
  }

  struct GenerationQuality: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "generation-quality",
      abstract: "Compare a decoder's logits with those of the same decoder in float32.")

    @Option(help: "A JSON file: an array of strings, at least 100 of some sentences each.")
    var texts: String

    @Option(help: "The name of an installed decoder.")
    var model = ModelCatalogue.defaultDecoder

    func run() throws {
      let benchmark = GenerationQualityBenchmark(
        texts: try BenchmarkTexts.read(texts), model: try ModelStore().model(named: model))
      print(try benchmark.run().serialized())
    }
  }

  struct Conversations: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print each text as a user's message in a decoder's chat template, and its tokens.")

    @Option(help: "A JSON file: an array of strings.")
    var texts: String

    @Option(help: "The name of an installed decoder.")
    var model = ModelCatalogue.defaultDecoder

    func run() throws {
      let generator = try InferenceEngine.shared.generator(for: ModelStore().model(named: model))
      let encoder = try generator.chatEncoder()
      let rows = try BenchmarkTexts.read(texts).map { text -> JSON in
        let tokens = encoder.encode([ChatMessage(.user, text)])
        let bytes = tokens.flatMap { generator.tokenizer.bytes(of: $0) }
        return [
          "text": .string(String(decoding: bytes, as: UTF8.self)), "tokens": .integer(Int64(tokens.count)),
        ]
      }
      print(JSON.array(rows).serialized())
    }
  }

  struct Sentiment: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How good the built-in sentiment classifier is on labelled sentences.")

    @Option(
      help: "A CSV file with the columns text and label (negative, neutral, positive) or score (-4 to 4).")
    var csv: String

    func run() throws {
      guard let texts = try LabelledTexts(path: csv) else {
        throw SibylError(.unavailable, "there is no file \(csv)")
      }
      let model = try ModelStore().model(named: ModelCatalogue.defaultEncoder)
      let content = try BundledClassifier.sentiment.content(for: model)
      let adapter = content.change.map {
        EncoderAdapter(digest: BundledClassifier.sentiment.digest, change: $0)
      }
      let batch = try InferenceEngine.shared.encode(
        texts.texts, model: model, adapter: adapter, output: .layerPools)
      var set = SentimentTrainingSet(featureCount: batch.dimensions)
      try set.append(
        source: csv, features: FeatureMatrix(columnCount: batch.dimensions, values: batch.values),
        annotations: texts.annotations)
      for found in try SentimentTraining().evaluate(content.head, on: set) {
        let json: JSON = [
          "rows": .integer(Int64(found.rowCount)), "polarity_accuracy": .number(found.polarityAccuracy),
          "macro_recall": found.macroRecall.map { .number($0) } ?? .null,
          "calibration_error": .number(found.calibrationError),
        ]
        print(json.serialized())
      }
    }
  }
}
