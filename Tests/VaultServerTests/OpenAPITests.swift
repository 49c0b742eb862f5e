import Foundation
import Testing
import VaultAPI
import VaultModel

@testable import VaultServer

@Suite("The OpenAPI document")
struct OpenAPITests {
  @Test("describes every operation and no other, with the right method, path, body and access")
  func operations() throws {
    let document = try JSONValue.parse(Array(OpenAPIDocument.text.utf8))
    #expect(document["openapi"]?.stringValue == "3.1.0")
    var seen: Set<VaultOperation> = []
    for (path, methods) in try #require(document["paths"]?.objectValue) {
      for (method, operation) in try #require(methods.objectValue) {
        let name = try #require(operation["operationId"]?.stringValue)
        let known = try #require(VaultOperation(rawValue: name), "\(name)")
        #expect(seen.insert(known).inserted)
        #expect(known.route.method.rawValue == method.uppercased())
        #expect(known.route.template.replacing("...}", with: "}") == path)
        #expect((operation["security"]?.arrayValue?.isEmpty ?? false) == known.isOpen, "\(name)")
        let types = operation["requestBody"]?["content"]?.objectValue?.keys
        #expect(types.map { Array($0) } == known.requestType.map { [$0] }, "\(name)")
        #expect(operation["responses"]?["default"] != nil)
      }
    }
    #expect(seen == Set(VaultOperation.allCases))
  }

  @Test("refers only to what it defines")
  func references() throws {
    let document = try JSONValue.parse(Array(OpenAPIDocument.text.utf8))
    var references: Set<String> = []
    collect(document, into: &references)
    #expect(!references.isEmpty)
    for reference in references {
      let parts = reference.dropFirst(2).split(separator: "/")
      #expect(parts.reduce(Optional(document)) { $0?[String($1)] } != nil, "\(reference)")
    }
  }

  private func collect(_ value: JSONValue, into references: inout Set<String>) {
    if let reference = value["$ref"]?.stringValue { references.insert(reference) }
    for member in value.objectValue?.values.map({ $0 }) ?? value.arrayValue ?? [] { collect(member, into: &references) }
  }

  private static let validator =
    "import json,sys;from openapi_spec_validator import validate;validate(json.load(sys.stdin))"

  /// Waits on a thread of its own: the task pool's threads belong to the servers of other tests.
  private static func python(_ arguments: [String], input: String) async throws -> (status: Int32, error: String) {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result { try run(arguments, input: input) }) }.start()
    }
  }

  private static func run(_ arguments: [String], input: String) throws -> (status: Int32, error: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    let (stdin, stderr) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardError = stderr
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let error = stderr.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: error, as: UTF8.self))
  }

  @Test(
    "is valid by the specification",
    .enabled("openapi-spec-validator is not installed") {
      try await python(["-c", "import openapi_spec_validator"], input: "").status == 0
    })
  func valid() async throws {
    let result = try await Self.python(["-c", Self.validator], input: OpenAPIDocument.text)
    #expect(result.status == 0, "\(result.error.suffix(500))")
    // The validator can say no.
    let broken = OpenAPIDocument.text.replacing("\"responses\"", with: "\"answers\"")
    #expect(try await Self.python(["-c", Self.validator], input: broken).status != 0)
  }
}
