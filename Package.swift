// swift-tools-version: 6.2
import PackageDescription

// Dependencies run downwards only; each target lists everything it may import, and
// `scripts/test` builds with `--explicit-target-dependency-import-check error`, so that an
// upward or sideways import does not compile. The sentence beside each target is its charter.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

let package = Package(
  name: "survivor-vault",
  products: [
    .executable(name: "vaultd", targets: ["vaultd"]),
    .executable(name: "vaultsh", targets: ["vaultsh"]),
    .library(name: "VaultClient", targets: ["VaultClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // The module map of the system's libsodium.
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    // One-line C wrappers for what Swift's importer cannot see.
    .target(name: "CVaultShims"),
    // The module map of the system's libedit: the prompt's line editor.
    .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),

    // Typed keys in guarded memory, envelopes, wraps, Argon2id, SLIP-39, age: the only importer of CSodium.
    .target(name: "VaultCrypto", dependencies: ["CSodium", "CVaultShims"], swiftSettings: strict),
    // Pure domain: ids, roles, sections, forms, code lists and what is valid in them.
    .target(name: "VaultModel", dependencies: ["VaultCrypto"], swiftSettings: strict),
    // Merkle tree, notes, checkpoints, proofs, leaves: what an outsider needs to verify the log.
    .target(name: "AccessLog", dependencies: ["VaultCrypto"], swiftSettings: strict),
    // Rows of ciphertext in SQLite, group commit, migrations; sees no key.
    .target(name: "VaultStore", dependencies: [grdb], swiftSettings: strict),
    // Use cases: sessions, records, search, grants, the ledger; the only place that decides.
    .target(
      name: "VaultEngine", dependencies: ["VaultStore", "VaultModel", "AccessLog", "VaultCrypto"],
      swiftSettings: strict),
    // The wire: request, response and problem types, nothing else.
    .target(name: "VaultAPI", dependencies: ["VaultModel"], swiftSettings: strict),
    // HTTP routes over the socket: no policy here.
    .target(
      name: "VaultServer",
      dependencies: [
        "VaultEngine", "VaultAPI", "VaultModel", "VaultCrypto", "AccessLog", "CVaultShims", nio, nioPosix, nioHTTP1,
        logging, lifecycle,
      ], swiftSettings: strict),
    // Typed client for the shell and for Swift services.
    .target(
      name: "VaultClient",
      dependencies: ["VaultAPI", "VaultModel", "AccessLog", "VaultCrypto", nio, nioPosix, nioHTTP1],
      swiftSettings: strict),
    // The daemon: flags, wiring, process hardening.
    .executableTarget(
      name: "vaultd",
      dependencies: [
        "VaultServer", "VaultEngine", "VaultModel", "VaultCrypto", "CVaultShims", arguments, logging, lifecycle,
      ],
      swiftSettings: strict),
    // The shell: prompt, forms, screens.
    .executableTarget(
      name: "vaultsh",
      dependencies: [
        "VaultClient", "VaultAPI", "VaultModel", "AccessLog", "VaultCrypto", "CVaultShims", "CEdit", arguments,
      ],
      swiftSettings: strict),

    // Measures speed beside the raw cost of the same cryptography; never installed.
    .executableTarget(
      name: "vault-bench",
      dependencies: [
        "AccessLog", "VaultCrypto", "CSodium", .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ], path: "Benchmarks", exclude: ["suite"],
      swiftSettings: strict),

    .testTarget(name: "VaultCryptoTests", dependencies: ["VaultCrypto"], swiftSettings: strict),
    .testTarget(name: "VaultModelTests", dependencies: ["VaultModel"], swiftSettings: strict),
    .testTarget(name: "AccessLogTests", dependencies: ["AccessLog", "VaultCrypto"], swiftSettings: strict),
    .testTarget(name: "VaultStoreTests", dependencies: ["VaultStore"], swiftSettings: strict),
    .testTarget(
      name: "VaultEngineTests",
      dependencies: ["VaultEngine", "VaultStore", "VaultModel", "AccessLog", "VaultCrypto"], swiftSettings: strict),
    .testTarget(
      name: "VaultServerTests",
      dependencies: ["VaultServer", "VaultClient", "VaultAPI", "VaultModel", nio, logging, lifecycle],
      swiftSettings: strict),
    .testTarget(
      name: "VaultClientTests", dependencies: ["VaultClient", "VaultModel", "VaultCrypto"], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["VaultClient", "VaultAPI", "VaultModel", "AccessLog", "VaultCrypto"],
      swiftSettings: strict),
  ]
)
