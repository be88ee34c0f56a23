import Diagnostics
import Foundation
import ModelFiles
import Models
import Tensor
import TestSupport
import Testing

@Suite("Decoders that are not what they claim to be")
struct DecoderConfigurationTests {
  /// A fixture with the 32 bits of some metadata values replaced.
  static func altered(
    _ name: String, _ changes: [String: UInt32], in folder: TemporaryFolder
  ) throws -> GGUFFile {
    var bytes = try Data(contentsOf: URL(filePath: DecoderFixture.path("decoder-\(name).gguf")))
    for (key, value) in changes {
      var length = UInt64(key.utf8.count).littleEndian
      let pattern = Data(bytes: &length, count: 8) + Data(key.utf8)
      let place = try #require(bytes.range(of: pattern)).upperBound + 4
      withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(place..<(place + 4), with: $0) }
    }
    return try GGUFFile(path: folder.write("altered.gguf", bytes))
  }

  @Test func readsWhatTheFileSays() throws {
    let file = try GGUFFile(path: DecoderFixture.path("decoder-qwen3.gguf"))
    let configuration = try LlamaConfiguration(file)
    #expect(configuration.architecture == .qwen3)
    #expect(configuration.vocabularySize == 96)
    #expect(configuration.heads == 4)
    #expect(configuration.cacheHeads == 1)
    #expect(configuration.headDimensions == 64)
    #expect(configuration.contextLength == 256)
    #expect(
      configuration.rotary.scaling == .yarn(factor: 4, originalLength: 64, attentionFactor: 1))
  }

  @Test(arguments: [
    ("embedding_length", 0), ("embedding_length", 65), ("embedding_length", 96),
    ("embedding_length", 0xFFFF_FFFF), ("block_count", 0), ("block_count", 3),
    ("block_count", 0x7FFF_FFFF), ("attention.head_count", 0), ("attention.head_count", 3),
    ("attention.head_count", 1024), ("attention.head_count_kv", 0), ("attention.head_count_kv", 3),
    ("attention.head_count_kv", 4), ("attention.key_length", 16), ("attention.key_length", 64),
    ("attention.key_length", 0xFFFF_FFE0), ("attention.value_length", 64), ("feed_forward_length", 128),
    ("feed_forward_length", 0xFFFF_FFE0), ("context_length", 0), ("context_length", 0xFFFF_FFFF),
    ("rope.dimension_count", 0), ("rope.dimension_count", 48), ("rope.dimension_count", 64),
    ("rope.freq_base", 0), ("rope.freq_base", 0x7FC0_0000), ("rope.freq_base", 0xFF80_0000),
    ("attention.layer_norm_rms_epsilon", 0x7F80_0000), ("attention.layer_norm_rms_epsilon", 0xBF80_0000),
  ])
  func sizesThatContradictAreRefused(key: String, value: UInt32) throws {
    let folder = try TemporaryFolder(inMemory: true)
    let file = try Self.altered("llama", ["llama.\(key)": value], in: folder)
    do throws(SibylError) {
      _ = try LlamaDecoder(file, precision: .int8)
      Issue.record("it was taken")
    } catch {
      #expect(error.kind == .corruptFile || error.kind == .invalidArgument, "\(error)")
      #expect(error.message.contains("altered.gguf"), "\(error)")
    }
  }

  /// Random values never trap; what still loads computes something, too.
  @Test func randomSizesNeverTrap() throws {
    let keys = [
      "block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count",
      "attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count",
      "rope.freq_base", "attention.layer_norm_rms_epsilon",
    ]
    var generator = SeededGenerator(seed: 9)
    let folder = try TemporaryFolder(inMemory: true)
    for _ in 0..<200 {
      let key = try #require(keys.randomElement(using: &generator))
      let value =
        Bool.random(using: &generator)
        ? UInt32.random(in: 0...256, using: &generator) : UInt32.random(in: 0...UInt32.max, using: &generator)
      let file = try Self.altered("llama", ["llama.\(key)": value], in: folder)
      guard let decoder = try? LlamaDecoder(file, precision: .int8) else { continue }
      let count = min(8, decoder.configuration.contextLength)
      let logits = try DecoderFixture.logits(decoder, Array(0..<Int32(count)))
      #expect(logits.count == count)
    }
  }

  @Test func aForeignArchitectureIsNamed() throws {
    let path = try DecoderFixture.path("decoder-llama.gguf")
    var bytes = try Data(contentsOf: URL(filePath: path))
    let key = try #require(bytes.range(of: Data("general.architecture".utf8))).upperBound
    bytes.replaceSubrange((key + 12)..<(key + 17), with: Data("phony".utf8))
    let folder = try TemporaryFolder(inMemory: true)
    let file = try GGUFFile(path: folder.write("phony.gguf", bytes))
    do throws(SibylError) {
      _ = try LlamaDecoder(file, precision: .int8)
      Issue.record("it was taken")
    } catch {
      #expect(error.kind == .invalidArgument)
      #expect(error.message.contains("architecture \"phony\""))
      #expect(error.message.contains("llama, qwen2, qwen3"))
    }
  }
}
