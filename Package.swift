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

    // The ground floor: errors, JSON, locks and threads.
    .target(name: "Diagnostics"),
    .target(name: "JSON", dependencies: ["Diagnostics"]),
    .target(name: "Threads"),

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
    .target(name: "Inference", dependencies: ["Models", "Diagnostics", "Threads"]),

    // The functions.
    .target(
      name: "ResultCache",
      dependencies: [
        "CSQLite", "Diagnostics", "Threads", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Functions",
      dependencies: [
        "Inference", "Models", "ModelFiles", "Tokenization", "Tensor", "ResultCache", "JSON", "Diagnostics",
        "Threads",
      ]),

    // The faces.
    .target(
      name: "SQLiteExtension", dependencies: ["Functions", "CSQLite", "CSQLiteExtension", "JSON", "Threads"]),
    .executableTarget(
      name: "sibyl",
      dependencies: [
        "Functions", "SQLiteExtension", "ResultCache", "ModelFiles", "Models", "Inference", "Tensor",
        "COneDNN", "CSQLite", "CSQLiteExtension", "JSON", "Diagnostics", "Threads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
      name: "ModelsTests", dependencies: ["Models", "ModelFiles", "Tensor", "JSON", "Diagnostics", "Threads"]),
    .testTarget(
      name: "InferenceTests", dependencies: ["Inference", "Models", "ModelFiles", "Diagnostics"]),
    .testTarget(
      name: "ResultCacheTests",
      dependencies: ["ResultCache", "CSQLite", "Diagnostics", "TestSupport"],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .testTarget(
      name: "FunctionsTests", dependencies: ["Functions", "JSON", "Diagnostics", "Threads", "TestSupport"]),
    .testTarget(
      name: "SQLiteExtensionTests",
      dependencies: ["SQLiteExtension", "CSQLite", "CSQLiteExtension", "JSON", "Diagnostics", "TestSupport"],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .testTarget(name: "CommandLineTests", dependencies: ["sibyl", "JSON", "Diagnostics", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
