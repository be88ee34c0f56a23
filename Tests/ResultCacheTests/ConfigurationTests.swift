import Diagnostics
import ResultCache
import Testing

@Suite struct ConfigurationTests {
  private func configuration(_ variables: [String: String]) -> CacheConfiguration {
    CacheConfiguration(home: "/somewhere") { variables[$0] }
  }

  @Test func defaults() {
    let configuration = configuration([:])
    #expect(configuration.path == "/somewhere/cache.sqlite3")
    #expect(configuration.diskLimit == 2048 << 20)
    #expect(configuration.memoryLimit == 64 << 20)
  }

  @Test(arguments: ["", "off"]) func off(_ value: String) {
    #expect(configuration(["SIBYL_CACHE": value]).path == nil)
  }

  @Test func values() {
    let found = configuration(["SIBYL_CACHE": "/x/y", "SIBYL_CACHE_SIZE": "7", "SIBYL_CACHE_MEMORY": "0"])
    #expect(found == CacheConfiguration(path: "/x/y", diskLimit: 7 << 20, memoryLimit: 0))
  }

  @Test(arguments: ["-1", "many", "9223372036854775807", "1.5"]) func nonsenseIsToldAndIgnored(_ text: String)
  {
    let configuration = configuration(["SIBYL_CACHE": "off", "SIBYL_CACHE_SIZE": text])
    #expect(configuration.diskLimit == CacheConfiguration.defaultDiskLimit)
    let log = ReportLog()
    _ = ResultCache(configuration: configuration) { log.add($0) }
    #expect(log.lines.count == 1)
    #expect(log.lines.first?.contains("SIBYL_CACHE_SIZE") == true)
  }
}
