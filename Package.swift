// swift-tools-version: 6.1
import PackageDescription

// Arrows point down only; the picture is in CONTRIBUTING.md. Nothing below `Functions` knows SQL, nothing
// below `Inference` knows threads or requests, nothing above `Models` knows a weight's name.

let optimised: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math", "-std=gnu2x"])]

let package = Package(
  name: "Sibyl",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "sibyl", targets: ["sibyl"]),
    .library(name: "SibylSQLite", type: .static, targets: ["SQLiteExtension", "CSQLiteExtension"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
  ],
  targets: [
    // C: thin shims and kernels.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CKernels", cSettings: optimised),
    .target(name: "CSQLite"),
    .target(name: "CSQLiteExtension", dependencies: ["CSQLite"]),
    .target(
      name: "CResources", exclude: ["sentiment-minilm.safetensors", "emotion-minilm.head"],
      cSettings: [.unsafeFlags(["-std=gnu2x", "-Wno-c23-extensions"])]),

    // libpq; Homebrew's is "keg-only", so its folder is named.
    .target(
      name: "CPostgres",
      linkerSettings: [
        .linkedLibrary("pq"),
        .unsafeFlags(
          ["-L/opt/homebrew/opt/libpq/lib", "-L/usr/local/opt/libpq/lib"], .when(platforms: [.macOS])),
      ]),

    // The ground floor: errors, JSON, locks and threads.
    .target(name: "Diagnostics"),
    .target(name: "JSON", dependencies: ["Diagnostics"]),
    .target(name: "Threads"),

    // libcurl, opened when it is first needed.
    .target(name: "CCurl"),

    // The engine.
    .target(name: "Tensor", dependencies: ["COneDNN", "CKernels", "Diagnostics", "Threads"]),
    .target(name: "Tokenization", dependencies: ["Diagnostics"]),
    .target(
      name: "ModelFiles",
      dependencies: [
        "CKernels", "Diagnostics", "JSON", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Models",
      dependencies: ["Tensor", "Tokenization", "ModelFiles", "JSON", "Diagnostics", "CResources"]),
    .target(
      name: "Training",
      dependencies: ["Models", "Tensor", "Tokenization", "ModelFiles", "Diagnostics", "Threads"]),
    .target(name: "Sampling", dependencies: ["Tokenization", "JSON", "Diagnostics"]),
    .target(name: "Inference", dependencies: ["Models", "Sampling", "Diagnostics", "Threads"]),

    // Models elsewhere.
    .target(
      name: "RemoteModels",
      dependencies: ["CCurl", "ModelFiles", "Tokenization", "JSON", "Diagnostics", "Threads"]),

    // The functions.
    .target(
      name: "ResultCache",
      dependencies: [
        "CSQLite", "Diagnostics", "Threads", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Functions",
      dependencies: [
        "Inference", "RemoteModels", "Training", "Sampling", "Models", "ModelFiles", "Tokenization", "Tensor",
        "ResultCache", "JSON", "Diagnostics", "Threads",
      ]),

    // The wire: PostgreSQL's protocol as a server. It knows nothing of the functions it carries calls to.
    .target(
      name: "PostgresWire",
      dependencies: [
        "Diagnostics",
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // PostgreSQL from the other side: libpq, what is installed in the database, and the bridge between both.
    .target(name: "PostgresClient", dependencies: ["CPostgres", "Diagnostics"]),
    .target(
      name: "CPostgresSchema", cSettings: [.unsafeFlags(["-std=gnu2x", "-Wno-c23-extensions"])]),
    .target(
      name: "PostgresBridge",
      dependencies: [
        "CPostgresSchema", "PostgresWire", "PostgresClient", "Functions", "ResultCache", "Inference",
        "ModelFiles", "JSON", "Threads", "Diagnostics",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // The faces.
    .target(
      name: "SQLiteExtension",
      dependencies: [
        "Functions", "Training", "ModelFiles", "CSQLite", "CSQLiteExtension", "JSON", "Diagnostics",
        "Threads",
      ]),
    .executableTarget(
      name: "sibyl",
      dependencies: [
        "Functions", "SQLiteExtension", "ResultCache", "ModelFiles", "Models", "Training", "Inference",
        "Tensor",
        "Sampling", "Tokenization", "COneDNN", "CSQLite", "CSQLiteExtension", "JSON", "Diagnostics",
        "Threads",
        "PostgresBridge", "PostgresWire", "PostgresClient",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      linkerSettings: [.linkedLibrary("sqlite3")]),

    // One test target a module; `Tests/SQL` holds the SQL regression tests that SQLiteExtensionTests runs
    // through the stock shell.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "Diagnostics", "TestSupport"]),
    .testTarget(name: "TensorTests", dependencies: ["Tensor", "Diagnostics", "TestSupport"]),
    .testTarget(
      name: "TokenizationTests",
      dependencies: ["Tokenization", "ModelFiles", "Models", "JSON", "Diagnostics", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ModelFilesTests", dependencies: ["ModelFiles", "JSON", "Diagnostics", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ModelsTests",
      dependencies: [
        "Models", "ModelFiles", "Tokenization", "Tensor", "JSON", "Diagnostics", "Threads", "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Models", "ModelFiles", "Tensor", "JSON", "Diagnostics", "TestSupport",
      ]),
    .testTarget(
      name: "SamplingTests",
      dependencies: [
        "Sampling", "Models", "ModelFiles", "Tokenization", "JSON", "Diagnostics", "TestSupport",
      ]),
    .testTarget(
      name: "InferenceTests",
      dependencies: [
        "Inference", "Sampling", "Models", "ModelFiles", "Tokenization", "JSON", "Diagnostics", "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "RemoteModelsTests",
      dependencies: [
        "RemoteModels", "ModelFiles", "Tokenization", "Sampling", "JSON", "Diagnostics", "TestSupport",
      ]),
    .testTarget(
      name: "ResultCacheTests",
      dependencies: ["ResultCache", "CSQLite", "Diagnostics", "TestSupport"],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .testTarget(
      name: "FunctionsTests",
      dependencies: [
        "Functions", "Models", "ModelFiles", "Tokenization", "JSON", "Diagnostics", "Threads", "TestSupport",
      ]),
    // Starts throw-away PostgreSQL servers for the tests that need one.
    .target(
      name: "PostgresTestSupport", dependencies: ["PostgresClient", "Diagnostics"],
      path: "Tests/PostgresTestSupport"),
    .testTarget(
      name: "PostgresClientTests", dependencies: ["PostgresClient", "PostgresTestSupport", "Diagnostics"]),
    .testTarget(
      name: "PostgresBridgeTests",
      dependencies: [
        "PostgresBridge", "PostgresClient", "PostgresTestSupport", "Functions", "JSON", "Diagnostics",
        "TestSupport",
      ]),
    .testTarget(
      name: "SQLiteExtensionTests",
      dependencies: [
        "SQLiteExtension", "CSQLite", "CSQLiteExtension", "ModelFiles", "JSON", "Diagnostics", "TestSupport",
      ],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .testTarget(
      name: "PostgresWireTests",
      dependencies: [
        "PostgresWire", "Diagnostics", "Threads", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "CommandLineTests", dependencies: ["sibyl", "JSON", "Diagnostics", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
