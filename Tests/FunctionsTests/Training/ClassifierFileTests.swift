import Diagnostics
import Functions
import ModelFiles
import Models
import TestSupport
import Testing

/// What comes from a table or a file may be anything: it is refused or read, and never ends the process.
@Suite struct ClassifierFileTests {
  private let encoder = String(repeating: "ab", count: 32)

  private func example() throws -> StoredClassifier {
    var generator = SeededGenerator(seed: 9)
    let regression = try SoftmaxRegression(
      classNames: ["billing", "shipping"], featureCount: 6,
      weights: (0..<12).map { _ in Float.random(in: -1...1, using: &generator) }, biases: [0.5, -0.5])
    let weights = try HeadFile(regression: regression, encoder: encoder, recipe: "").bytes()
    return StoredClassifier(
      name: "tickets", method: "head", model: "minilm", encoder: encoder, labels: regression.classNames,
      report: #"{"rows":4,"accuracy":0.5}"#, created: "2025-01-31T12:00:00Z",
      digest: Digest(of: weights).hexadecimal, weights: weights)
  }

  @Test func comesBackAsItWas() throws {
    let stored = try example()
    let back = try ClassifierFile(bytes: ClassifierFile(stored).bytes).classifier
    #expect(back.name == stored.name && back.method == stored.method && back.model == stored.model)
    #expect(back.encoder == stored.encoder && back.labels == stored.labels && back.report == stored.report)
    #expect(back.created == stored.created && back.digest == stored.digest)
    #expect(back.weights == stored.weights)
    #expect(try Classifier(back).labels == ["billing", "shipping"])
  }

  @Test func everyCutAndEveryChangedByteIsRefused() throws {
    let bytes = try ClassifierFile(example()).bytes
    for count in 0..<bytes.count {
      #expect(throws: SibylError.self) { try ClassifierFile(bytes: Array(bytes.prefix(count))) }
    }
    #expect(throws: SibylError.self) { try ClassifierFile(bytes: bytes + [0]) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x41
      #expect(throws: SibylError.self) { try ClassifierFile(bytes: changed) }
    }
  }

  /// Files that lie, with a checksum that fits: what the checksum cannot catch, the reader must.
  @Test func hostileFilesWithAFittingChecksumAreRefusedOrRead() throws {
    let original = try Array(ClassifierFile(example()).bytes.dropLast(32))
    var generator = SeededGenerator(seed: 4242)
    var refused = 0
    for _ in 0..<5_000 {
      var body = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        body[Int.random(in: 0..<body.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        body.removeLast(Int.random(in: 0..<body.count, using: &generator))
      }
      do {
        _ = try ClassifierFile(bytes: body + Digest(of: body).bytes)
      } catch {
        refused += 1
        #expect(error.kind == .corruptFile, "\(error)")
      }
    }
    #expect(refused > 3_000)
  }

  /// The same for the row of a table, where each column may be anything.
  @Test func hostileRowsAreRefusedOrRead() throws {
    let stored = try example()
    let weights = try #require(stored.weights)
    var generator = SeededGenerator(seed: 17)
    for index in weights.indices {
      var changed = stored
      changed.weights?[index] ^= UInt8.random(in: 1...255, using: &generator)
      #expect(throws: SibylError.self) { try Classifier(changed) }
      // With a digest that fits, and then with a checksum that fits too.
      changed.digest = Digest(of: changed.weights ?? []).hexadecimal
      #expect(throws: SibylError.self) { try Classifier(changed) }
    }
    for change: (inout StoredClassifier) -> Void in [
      { $0.method = "lorax" }, { $0.weights = nil }, { $0.weights = [] }, { $0.digest = "" },
      { $0.encoder = String(repeating: "cd", count: 32) },
    ] {
      var changed = stored
      change(&changed)
      #expect(throws: SibylError.self) { try Classifier(changed) }
      #expect(throws: SibylError.self) { try ClassifierFile(changed) }
    }
  }
}
