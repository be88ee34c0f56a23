import Diagnostics
import Foundation
import ResultCache
import Testing

/// Changes the environment of the process, so one after the other.
@Suite(.serialized) struct ConfigurationTests {
  private func with(_ variables: [String: String?], _ body: () -> Void) {
    var before: [String: String?] = [:]
    for (name, value) in variables {
      before[name] = getenv(name).map { String(cString: $0) }
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
    body()
    for (name, value) in before {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
  }

  @Test func defaults() {
    with(["SIBYL_CACHE": nil, "SIBYL_CACHE_SIZE": nil, "SIBYL_CACHE_MEMORY": nil, "SIBYL_HOME": "/somewhere"])
    {
      let configuration = CacheConfiguration.fromEnvironment()
      #expect(configuration.path == "/somewhere/cache.sqlite3")
      #expect(configuration.diskLimit == 2048 << 20)
      #expect(configuration.memoryLimit == 64 << 20)
    }
  }

  @Test(arguments: ["", "off"]) func off(_ value: String) {
    with(["SIBYL_CACHE": value]) { #expect(CacheConfiguration.fromEnvironment().path == nil) }
  }

  @Test func values() {
    with(["SIBYL_CACHE": "/x/y", "SIBYL_CACHE_SIZE": "7", "SIBYL_CACHE_MEMORY": "0"]) {
      let configuration = CacheConfiguration.fromEnvironment()
      #expect(configuration == CacheConfiguration(path: "/x/y", diskLimit: 7 << 20, memoryLimit: 0))
    }
  }

  @Test(arguments: ["-1", "many", "9223372036854775807", "1.5"]) func nonsenseIsToldAndIgnored(_ text: String)
  {
    with(["SIBYL_CACHE": "off", "SIBYL_CACHE_SIZE": text]) {
      let configuration = CacheConfiguration.fromEnvironment()
      #expect(configuration.diskLimit == CacheConfiguration.defaultDiskLimit)
      let log = ReportLog()
      _ = ResultCache(configuration: configuration) { log.add($0) }
      #expect(log.lines.count == 1)
      #expect(log.lines.first?.contains("SIBYL_CACHE_SIZE") == true)
    }
  }
}
