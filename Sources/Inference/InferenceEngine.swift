import Diagnostics
import ModelFiles
import Models
import Synchronization
import Tensor
import Threads
import Tokenization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process's inference engine: models loaded once, worker threads one a core, and a queue between them.
///
/// What a lone caller has for one batch runs on his own thread with all cores on it (latency mode); anything more
/// goes through the queue, where each worker runs batches on a core of its own (throughput mode). Both give the same
/// bits.
///
/// Threads: any number of callers. Workers start at the first request that needs them and are stopped by the
/// process's exit; a forked child makes an engine of its own, since threads do not survive `fork`.
public final class InferenceEngine: Sendable {
  /// The engine of this process.
  public static var shared: InferenceEngine { ProcessLifetime.engine() }

  /// Changes whenever answers may: part of every cache key. The number goes up with each change of the engine
  /// that changes an answer; precisions differ in the last digits.
  public static var revision: String {
    "1-" + ((try? Precision.preferred())?.rawValue ?? "unknown precision")
  }

  /// Texts tokenised before the next portion of work goes to the workers.
  private static let textsPerGroup = 32

  private let registry = ModelRegistry()
  private let batcher: Batcher
  private let workers = Guarded<WorkerPool?>(nil)
  private let requestsUnderWay = Atomic<Int>(0)
  private let company = Company()
  private let team = Guarded<CoreTeam?>(nil)
  private let pace = Guarded(LatencyPace())
  /// Threads of the host inside the engine's own code, which the process's exit waits for.
  private let callersAtWork = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  public let cores: Int

  /// An engine of its own, with threads of its own; the process's is `shared`.
  package init(cores wish: Int? = nil) {
    cores = wish ?? Self.coresToUse
    batcher = Batcher(workers: cores)
  }

  /// `SIBYL_THREADS`, or else the cores that this process may run on.
  private static var coresToUse: Int {
    if let wish = Environment["SIBYL_THREADS"].flatMap({ Int($0) }), wish > 0 { return min(wish, 256) }
    return max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 256))
  }

  /// The vectors of texts, in their order.
  ///
  /// - Parameters:
  ///   - adapter: a change of the encoder, which stays in memory beside the plain one.
  ///   - isCancelled: asked now and then on the calling thread; when it answers true, what has not begun is dropped.
  /// - Throws: when the model can't be loaded, or `.cancelled`.
  public func encode(
    _ texts: [String], model installed: InstalledModel, adapter: EncoderAdapter? = nil, output: EncoderOutput,
    isCancelled: (() -> Bool)? = nil
  ) throws(SibylError) -> EncodedBatch {
    try encode(
      texts.lazy.map { EncoderInput.text($0) }, model: installed, adapter: adapter, output: output,
      isCancelled: isCancelled)
  }

  /// The vectors of texts, or of tokens, in their order.
  ///
  /// Inputs are taken one by one, and the first are computed while the sequence makes the next: one that has work to do
  /// for each input keeps no core waiting.
  public func encode(
    _ inputs: some Sequence<EncoderInput>, model installed: InstalledModel, adapter: EncoderAdapter? = nil,
    output: EncoderOutput, isCancelled: (() -> Bool)? = nil
  ) throws(SibylError) -> EncodedBatch {
    let encoder = try loadedEncoder(installed, adapter)
    let width = encoder.encoder.width(of: output)
    var inputs = inputs.makeIterator()
    var next = inputs.next()
    guard next != nil else { return EncodedBatch(count: 0, dimensions: width, values: []) }

    let others = requestsUnderWay.add(1, ordering: .relaxed).oldValue
    defer { requestsUnderWay.subtract(1, ordering: .relaxed) }
    let isAlone = company.isAlone(others: others)

    let request = EncodingRequest(encoder: encoder, output: output)
    var groups: [WindowGroup] = []
    var scratch: [Int32] = []
    var count = 0
    while next != nil {
      var batch = PackedBatch()
      var textWindows: [Range<Int>] = []
      while let input = next, textWindows.count < Self.textsPerGroup {
        textWindows.append(encoder.appendWindows(of: input, to: &batch, scratch: &scratch))
        next = inputs.next()
      }
      count += textWindows.count
      let group = WindowGroup(request: request, batch: batch, textWindows: textWindows, width: width)
      groups.append(group)
      let isWhole = groups.count == 1 && next == nil
      let isShort = isWhole && batch.tokenCount <= Batcher.tokenBudget
      if isAlone, isShort {
        try whileAtWork { runHere(group) }
      } else if isShort, others < cores, batcher.isIdle {
        // A core is free, and handing the work to its thread would take longer than a look at the queue.
        try whileAtWork { runAlone(group) }
      } else {
        let isLong = !isWhole || batch.sequences.count > Batcher.shortRequestWindows
        try submit(group, request, isLong: isLong)
      }
      if isCancelled?() == true {
        request.cancel()
        break
      }
    }
    try request.wait(isCancelled: isCancelled)

    var values: [Float] = []
    values.reserveCapacity(count * width)
    for group in groups {
      group.appendTextVectors(to: &values, partWidth: encoder.encoder.configuration.dimensions)
    }
    return EncodedBatch(count: count, dimensions: width, values: values)
  }

  /// The tokenizer of an encoder.
  ///
  /// - Parameter adapter: a change of the encoder that the texts are then read with; it changes no token, but saves
  ///   loading the plain encoder too.
  public func tokenizer(
    for installed: InstalledModel, adapter: EncoderAdapter? = nil
  ) throws(SibylError) -> WordPieceTokenizer {
    try loadedEncoder(installed, adapter).model.tokenizer
  }

  /// What writes with a decoder.
  ///
  /// - Throws: when the model can't be loaded.
  public func generator(for installed: InstalledModel) throws(SibylError) -> TextGenerator {
    TextGenerator(try loadedDecoder(installed))
  }

  /// What the decoders in memory have done since they were loaded, in the order of their names.
  public var generationReports: [GenerationReport] {
    registry.decoders.map(GenerationReport.init).sorted { $0.model < $1.model }
  }

  /// Times a decoder's steps on this engine's cores.
  package func generationTrial(for installed: InstalledModel) throws(SibylError) -> GenerationTrial {
    try GenerationTrial(loadedDecoder(installed)) { [self] (step) throws(SibylError) in try runStep(step) }
  }

  private func loadedDecoder(_ installed: InstalledModel) throws(SibylError) -> LoadedDecoder {
    try whileAtWork { () throws(SibylError) in
      try registry.decoder(for: installed, precision: Precision.preferred()) {
        [self] (step) throws(SibylError) in try runStep(step)
      }
    }
  }

  /// One step of a decoder, on its own thread with the other cores' help where nobody else has it.
  private func runStep(_ step: GenerationLoop.Step) throws(SibylError) {
    try whileAtWork { () throws(SibylError) in
      let before = Workspace.setCoresPerProduct(1)
      defer { Workspace.setCoresPerProduct(before) }
      if let team = coreTeam(), team.tryBegin() {
        defer { team.end() }
        try step(team)
      } else {
        try step(nil)
      }
      ProcessLifetime.noteKernels(Kernel.compiledCount)
    }
  }

  /// Runs work that is no model's on the caller's thread, with the other cores' help where nobody else has it.
  ///
  /// - Throws: what the work throws; `.unavailable` while the process exits.
  package func withTeam<Result>(
    _ body: ((any Team)?) throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    try whileAtWork { () throws(SibylError) in
      guard let team = coreTeam(), team.tryBegin() else { return try body(nil) }
      defer { team.end() }
      return try body(team)
    }
  }

  private func loadedEncoder(
    _ installed: InstalledModel, _ adapter: EncoderAdapter? = nil
  ) throws(SibylError) -> LoadedEncoder {
    try whileAtWork { () throws(SibylError) in
      try registry.encoder(for: installed, precision: Precision.preferred(), adapter: adapter)
    }
  }

  /// Runs what must not be under way while the host's exit tears libraries down: oneDNN's kernels are memory
  /// that goes away then.
  private func whileAtWork<Result>(_ body: () throws(SibylError) -> Result) throws(SibylError) -> Result {
    callersAtWork.add(1, ordering: .sequentiallyConsistent)
    defer { callersAtWork.subtract(1, ordering: .sequentiallyConsistent) }
    guard !isStopped.load(ordering: .sequentiallyConsistent) else { throw Self.exiting }
    return try body()
  }

  private static let exiting = SibylError(
    .unavailable, "the process is exiting; nothing is computed any more")

  /// Whether the model is in memory at the moment.
  public func isLoaded(_ installed: InstalledModel) -> Bool { registry.isLoaded(installed.digest) }

  /// The caller's thread, on its own.
  private func runAlone(_ group: WindowGroup) {
    group.request.expect(windows: group.batch.sequences.count)
    let before = Workspace.setCoresPerProduct(1)
    defer { Workspace.setCoresPerProduct(before) }
    BatchRun.run([Batcher.Slice(group: group, windows: group.batch.sequences.indices)])
  }

  /// Latency mode: the caller's thread, helped by the other cores.
  private func runHere(_ group: WindowGroup) {
    group.request.expect(windows: group.batch.sequences.count)
    let before = Workspace.setCoresPerProduct(1)
    defer { Workspace.setCoresPerProduct(before) }
    let slice = Batcher.Slice(group: group, windows: group.batch.sequences.indices)
    guard let team = coreTeam(), pace.withLock({ $0.choosesTeam() }), team.tryBegin() else {
      let time = Self.timed { BatchRun.run([slice]) }
      pace.withLock { $0.note(nanoseconds: time, tokens: group.batch.tokenCount, usedTeam: false) }
      return
    }
    defer { team.end() }
    let time = Self.timed { BatchRun.run([slice], team: team) }
    pace.withLock { $0.note(nanoseconds: time, tokens: group.batch.tokenCount, usedTeam: true) }
  }

  /// Nanoseconds that `body` takes.
  private static func timed(_ body: () -> Void) -> Double {
    let start = MonotonicClock.nanoseconds
    body()
    return Double(MonotonicClock.nanoseconds - start)
  }

  private func coreTeam() -> CoreTeam? {
    guard cores > 1 else { return nil }
    return team.withLock { team in
      if team == nil {
        let made = CoreTeam(cores: cores)
        made.start()
        team = made
      }
      return team
    }
  }

  private func submit(
    _ group: WindowGroup, _ request: EncodingRequest, isLong: Bool
  ) throws(SibylError) {
    let failure: SibylError? = workers.withLock { pool in
      guard pool == nil else { return nil }
      do throws(SibylError) {
        pool = try WorkerPool(workers: cores, batcher: batcher)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    request.expect(windows: group.batch.sequences.count)
    guard batcher.submit(group, isLong: isLong) else {
      throw Self.exiting
    }
  }

  /// Stops the workers after the batches that they run, and waits for callers that compute on their own
  /// threads, so that nothing of ours runs while the host's exit tears libraries down.
  package func stop() {
    isStopped.store(true, ordering: .sequentiallyConsistent)
    batcher.stop()
    team.withLock { $0 }?.stop()
    let pool = workers.withLock { $0 }
    let deadline = MonotonicClock.nanoseconds + 2_000_000_000
    pool?.waitForEnd(milliseconds: 2_000)
    while callersAtWork.load(ordering: .sequentiallyConsistent) > 0, MonotonicClock.nanoseconds < deadline {
      MonotonicClock.sleep(milliseconds: 1)
    }
  }
}
