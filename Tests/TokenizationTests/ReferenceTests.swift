import Foundation
import Testing
import Tokenization

@Suite("WordPiece against the reference tokenizer")
struct ReferenceTests {
  struct Case: Decodable {
    var text: String
    var ids: [Int32]
    var ranges: [[Int]]?
  }

  struct GoldenCase: Decodable {
    var text: String
    var tokens: [Int32]
  }

  @Test(
    "The committed fixture",
    .enabled(if: ReferenceFiles.tokenizer != nil, Comment(rawValue: ReferenceFiles.absence)))
  func fixture() throws {
    let tokenizer = try #require(ReferenceFiles.tokenizer)
    let cases = try JSONDecoder().decode([Case].self, from: #require(ReferenceFiles.cases))
    #expect(cases.count > 500)
    for one in cases {
      #expect(tokenizer.encode(one.text) == one.ids, "\(one.text.debugDescription)")
      let tokens = tokenizer.encodeWithOffsets(one.text)
      #expect(tokens.map(\.id) == one.ids)
      if let ranges = one.ranges {
        #expect(
          tokens.map { [$0.range.lowerBound, $0.range.upperBound] } == ranges, "\(one.text.debugDescription)")
      }
    }
  }

  @Test(
    "The golden texts, with [CLS] and [SEP] and cut at 256",
    .enabled(if: ReferenceFiles.tokenizer != nil, Comment(rawValue: ReferenceFiles.absence)),
    .enabled(if: ReferenceFiles.golden != nil, "SKIPPED: no golden/minilm_l6_v2.json in the shared data"))
  func golden() throws {
    let tokenizer = try #require(ReferenceFiles.tokenizer)
    let cases = try JSONDecoder().decode([GoldenCase].self, from: #require(ReferenceFiles.golden))
    #expect(cases.count == 65)
    for one in cases {
      let ids = [tokenizer.classifierID] + tokenizer.encode(one.text).prefix(254) + [tokenizer.separatorID]
      #expect(ids == one.tokens, "\(one.text.prefix(80).debugDescription)")
    }
  }

  @Test(
    "all-MiniLM-L6-v2's vocabulary",
    .enabled(if: ReferenceFiles.tokenizer != nil, Comment(rawValue: ReferenceFiles.absence)))
  func vocabulary() throws {
    let tokenizer = try #require(ReferenceFiles.tokenizer)
    #expect(tokenizer.vocabularySize == 30522)
    #expect([tokenizer.paddingID, tokenizer.unknownID, tokenizer.maskID] == [0, 100, 103])
    #expect([tokenizer.classifierID, tokenizer.separatorID] == [101, 102])
    #expect(tokenizer.piece(30521) == "##～" && tokenizer.continuesWord(30521))
    // Every piece that begins a word is found as itself when it stands alone and survives normalisation.
    var found = 0
    for id in Int32(0)..<30522 where !tokenizer.continuesWord(id) {
      let ids = tokenizer.encode(tokenizer.piece(id) ?? "")
      if ids == [id] { found += 1 }
    }
    #expect(found > 23_000)
  }
}
