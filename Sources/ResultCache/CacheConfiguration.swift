import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a cache lies and how large it may get.
public struct CacheConfiguration: Hashable, Sendable {
  /// The file; nil keeps results in memory only.
  public var path: String?
  /// Bytes that the file may take.
  public var diskLimit: Int
  /// Bytes that the results in memory may take, bookkeeping included; 0 keeps none.
  public var memoryLimit: Int
  /// Settings in the environment that were not understood, told once the cache is used.
  var warnings: [String] = []

  public static let defaultDiskLimit = 2048 << 20
  public static let defaultMemoryLimit = 64 << 20

  public init(
    path: String?, diskLimit: Int = defaultDiskLimit, memoryLimit: Int = defaultMemoryLimit
  ) {
    self.path = path
    self.diskLimit = diskLimit
    self.memoryLimit = memoryLimit
  }

  /// What the environment asks for: the file from `SIBYL_CACHE` (empty or `off` for none; by default
  /// `cache.sqlite3` in `Environment.sibylHome`), its size from `SIBYL_CACHE_SIZE` and the memory from
  /// `SIBYL_CACHE_MEMORY`, both in MiB.
  public static func fromEnvironment() -> CacheConfiguration {
    // Unset and empty differ here, which `Environment` does not tell apart.
    CacheConfiguration(home: Environment.sibylHome) { name in getenv(name).map { String(cString: $0) } }
  }

  /// The same from given variables; nil stands for an unset one.
  package init(home: String, variable: (String) -> String?) {
    var path: String? = home + "/cache.sqlite3"
    if let text = variable("SIBYL_CACHE") { path = text.isEmpty || text == "off" ? nil : text }
    self.init(path: path)

    func mebibytes(_ name: String, _ standard: Int) -> Int {
      guard let text = variable(name), !text.isEmpty else { return standard }
      guard let count = Int(text), count >= 0, count <= Int.max >> 20 else {
        warnings.append(
          "\(name) must be a whole number of MiB, not '\(text)'; going on with \(standard >> 20).")
        return standard
      }
      return count << 20
    }
    diskLimit = mebibytes("SIBYL_CACHE_SIZE", Self.defaultDiskLimit)
    memoryLimit = mebibytes("SIBYL_CACHE_MEMORY", Self.defaultMemoryLimit)
  }
}
