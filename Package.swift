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
  ],
  targets: [
    // C: thin shims and kernels.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CKernels", cSettings: optimised),
    .target(name: "CSQLite"),
    .target(name: "CSQLiteExtension", dependencies: ["CSQLite"]),
    .target(
      name: "CResources", exclude: ["sentiment-minilm.head"],
      cSettings: [.unsafeFlags(["-std=gnu2x", "-Wno-c23-extensions"])]),

    // libpq; Homebrew's is "keg-only", so its folder is named.
    .target(
      name: "CPostgres",
      linkerSettings: [
        .linkedLibrary("pq"),
        .unsafeFlags(
          ["-L/opt/homebrew/opt/libpq/lib", "-L/usr/local/opt/libpq/lib"], .when(platforms: [.macOS])),
      ]),

    // The ground floor: errors and JSON.
    .target(name: "Diagnostics"),
    .target(name: "JSON", dependencies: ["Diagnostics"]),

    // The engine.
    .target(name: "Tensor", dependencies: ["COneDNN", "CKernels", "Diagnostics"]),
    .target(name: "Tokenization", dependencies: ["Diagnostics"]),
    .target(
      name: "ModelFiles",
      dependencies: ["Diagnostics", "JSON", .product(name: "Crypto", package: "swift-crypto")]),
    .target(
      name: "Models",
      dependencies: ["Tensor", "Tokenization", "ModelFiles", "JSON", "Diagnostics", "CResources"]),
    .target(name: "Inference", dependencies: ["Models", "Diagnostics"]),

    // The functions.
    .target(
      name: "ResultCache",
      dependencies: ["CSQLite", "Diagnostics", .product(name: "Crypto", package: "swift-crypto")]),
    .target(
      name: "Functions",
      dependencies: [
        "Inference", "Models", "ModelFiles", "Tokenization", "Tensor", "ResultCache", "JSON", "Diagnostics",
      ]),

    // PostgreSQL.
    .target(name: "PostgresClient", dependencies: ["CPostgres", "Diagnostics"]),
    .target(
      name: "CPostgresSchema", cSettings: [.unsafeFlags(["-std=gnu2x", "-Wno-c23-extensions"])]),
    .target(
      name: "PostgresBridge",
      dependencies: [
        "PostgresClient", "CPostgresSchema", "Functions", "Diagnostics",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),

    // The faces.
    .target(
      name: "SQLiteExtension", dependencies: ["Functions", "CSQLite", "CSQLiteExtension", "JSON"]),
    .executableTarget(
      name: "sibyl",
      dependencies: [
        "Functions", "SQLiteExtension", "ResultCache", "ModelFiles", "Models", "Inference", "Tensor",
        "COneDNN", "PostgresBridge",
        "CSQLite", "CSQLiteExtension", "JSON", "Diagnostics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      linkerSettings: [.linkedLibrary("sqlite3")]),

    // One test target a module; `Tests/SQL` holds the SQL regression tests that SQLiteExtensionTests runs
    // through the stock shell.
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "Diagnostics"]),
    .testTarget(name: "TensorTests", dependencies: ["Tensor", "Diagnostics"]),
    .testTarget(
      name: "TokenizationTests", dependencies: ["Tokenization", "JSON", "Diagnostics"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "JSON", "Diagnostics"]),
    .testTarget(
      name: "ModelsTests", dependencies: ["Models", "ModelFiles", "Tensor", "JSON", "Diagnostics"]),
    .testTarget(
      name: "InferenceTests", dependencies: ["Inference", "Models", "ModelFiles", "Diagnostics"]),
    .testTarget(
      name: "ResultCacheTests",
      dependencies: ["ResultCache", "CSQLite", "Diagnostics"],
      linkerSettings: [.linkedLibrary("sqlite3")]),
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
      ]),
    .testTarget(name: "FunctionsTests", dependencies: ["Functions", "JSON", "Diagnostics"]),
    .testTarget(
      name: "SQLiteExtensionTests",
      dependencies: ["SQLiteExtension", "CSQLite", "CSQLiteExtension", "JSON", "Diagnostics"],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .testTarget(name: "CommandLineTests", dependencies: ["sibyl", "JSON", "Diagnostics"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
