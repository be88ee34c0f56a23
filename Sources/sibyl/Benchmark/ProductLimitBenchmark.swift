import COneDNN
import Diagnostics
import Inference
import JSON
import Synchronization
import Tensor
import Threads

/// The int8 matrix products of all-MiniLM-L6-v2 and nothing else, on every core at once: no engine on oneDNN
/// can be faster than this. Each worker has a oneDNN stream and an OpenMP thread of its own, as the engine's
/// workers have; the weights of all layers are distinct, so that caches see what they see in the model.
struct ProductLimitBenchmark {
  let rows: Int
  let seconds: Double

  private static let layers = 6
  /// Queries, keys and values; attention's output; the two of the feed-forward part.
  private static let shapes = [(384, 1152), (384, 384), (384, 1536), (1536, 384)]

  /// - Returns: tokens a second (rows that went through all layers' products), and 10^12 multiplications and
  ///   additions a second.
  func run() throws(SibylError) -> JSON {
    let products = try makeProducts()
    let cores = InferenceEngine.shared.cores
    let total = Guarded(0.0)
    let ready = Atomic<Int>(0)
    let left = Atomic<Int>(cores)
    let failure = Guarded<Int32>(0)
    let (rows, seconds) = (rows, seconds)
    let scratchpad = products.reduce(0) { max($0, $1.scratchpadSize) }
    for _ in 0..<cores {
      let isStarted = WorkerThread.start {
        do throws(ProductFailure) {
          let worker = try ProductWorker(rows: rows, scratchpad: scratchpad)
          try worker.runPass(products)
          ready.add(1, ordering: .acquiringAndReleasing)
          while ready.load(ordering: .acquiring) < cores { Workspace.pause() }
          let start = MonotonicClock.seconds
          var passes = 0
          var now = start
          repeat {
            try worker.runPass(products)
            passes += 1
            now = MonotonicClock.seconds
          } while now - start < seconds
          total.withLock { $0 += Double(passes) / (now - start) }
        } catch {
          failure.withLock { $0 = error.status }
          // The others must not wait for this one.
          ready.add(cores, ordering: .acquiringAndReleasing)
        }
        left.subtract(1, ordering: .acquiringAndReleasing)
      }
      guard isStarted else { throw SibylError(.unavailable, "the system gives no more threads") }
    }
    while left.load(ordering: .acquiring) > 0 { MonotonicClock.sleep(milliseconds: 5) }
    let status = failure.withLock { $0 }
    guard status == 0 else { throw ProductFailure(status: status).error }

    let tokensPerSecond = total.withLock { $0 } * Double(rows)
    let operations = Self.shapes.reduce(0) { $0 + 2 * $1.0 * $1.1 } * Self.layers
    return [
      "rows": .integer(Int64(rows)),
      "cores": .integer(Int64(cores)),
      "implementation": .string(products[0].implementation),
      "tokens_per_second": .number(tokensPerSecond),
      "tera_operations_per_second": .number(tokensPerSecond * Double(operations) * 1e-12),
    ]
  }

  private func makeProducts() throws(SibylError) -> [Int8Product] {
    var random: UInt64 = 42
    var products: [Int8Product] = []
    do throws(ProductFailure) {
      for _ in 0..<Self.layers {
        for (inputs, outputs) in Self.shapes {
          products.append(
            try Int8Product(rows: rows, inputs: inputs, outputs: outputs, random: &random))
        }
      }
    } catch { throw error.error }
    return products
  }
}

/// What oneDNN answered.
private struct ProductFailure: Error {
  let status: Int32

  var error: SibylError {
    SibylError(
      .internalFault,
      "oneDNN answered \"\(String(cString: conednn_status_text(status)))\" to an int8 matrix product")
  }

  static func check(_ status: Int32) throws(ProductFailure) {
    if status != 0 { throw ProductFailure(status: status) }
  }
}

/// A compiled u8 x s8 product and its packed weights. Immutable, so any thread may run it.
private final class Int8Product: @unchecked Sendable {
  let inputs: Int
  let outputs: Int
  private var kernel: OpaquePointer?
  private var weights: OpaquePointer?

  init(rows: Int, inputs: Int, outputs: Int, random: inout UInt64) throws(ProductFailure) {
    self.inputs = inputs
    self.outputs = outputs
    try ProductFailure.check(
      conednn_kernel_create(
        &kernel, CONEDNN_INT8, Int64(rows), Int64(inputs), Int64(outputs), Int64(outputs), nil))
    var values: [Int8] = []
    values.reserveCapacity(inputs * outputs)
    for _ in 0..<(inputs * outputs) {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      values.append(Int8(truncatingIfNeeded: random >> 56))
    }
    try ProductFailure.check(conednn_weights_create(&weights, kernel, values))
  }

  deinit {
    conednn_weights_destroy(weights)
    conednn_kernel_destroy(kernel)
  }

  var scratchpadSize: Int { conednn_kernel_scratchpad_size(kernel) }

  var implementation: String { String(cString: conednn_kernel_implementation(kernel)) }

  func run(_ worker: borrowing ProductWorker) throws(ProductFailure) {
    try ProductFailure.check(
      conednn_execute(
        kernel, weights, worker.stream, worker.input, worker.output, worker.scratchpad))
  }
}

/// A core's own stream and buffers.
private struct ProductWorker: ~Copyable {
  let stream: OpaquePointer?
  let input: UnsafeMutableRawPointer
  let output: UnsafeMutableRawPointer
  let scratchpad: UnsafeMutableRawPointer

  private static let widest = 1536

  init(rows: Int, scratchpad size: Int) throws(ProductFailure) {
    _ = conednn_set_threads(1)
    var stream: OpaquePointer?
    try ProductFailure.check(conednn_stream_create(&stream))
    self.stream = stream
    let count = rows * Self.widest
    input = .allocate(byteCount: count, alignment: 64)
    output = .allocate(byteCount: count * 4, alignment: 64)
    scratchpad = .allocate(byteCount: max(size, 64), alignment: 64)
    for index in 0..<count {
      input.storeBytes(
        of: UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 13), toByteOffset: index, as: UInt8.self)
    }
  }

  deinit {
    conednn_stream_destroy(stream)
    input.deallocate()
    output.deallocate()
    scratchpad.deallocate()
  }

  func runPass(_ products: [Int8Product]) throws(ProductFailure) {
    for product in products { try product.run(self) }
  }
}
