import Foundation
import Testing
import VaultModel

extension EndToEnd {
  /// A table that others published, with columns of their own: nothing in it was made to fit us.
  @Suite("A published table of 21,195 rows")
  struct PublishedTable {
    /// Data rows of the table, without its heading.
    private static let rowCount = 21_195
    /// A debug build on a busy machine of two cores stores some hundred rows a second.
    private static let secondsMax = 480

    static let table: String? = {
      let directory =
        ProcessInfo.processInfo.environment["VAULT_DATA"].map { URL(fileURLWithPath: $0) }
        ?? Program.package.deletingLastPathComponent().appendingPathComponent("shared/data")
      let file = directory.appendingPathComponent("ctdc-vp-synthetic.csv").path
      return FileManager.default.isReadableFile(atPath: file) ? file : nil
    }()

    @Test(
      "is imported whole, read with a purpose, refused to a colleague, and stands in a log that verifies",
      .enabled(if: table != nil, "ctdc-vp-synthetic.csv is not there; set VAULT_DATA to its directory"))
    func importedWhole() async throws {
      let vault = try await RunningVault.staffed()
      let table = try #require(Self.table)
      let map = Program.package.appendingPathComponent("docs/examples/ctdc-vp-synthetic.map.json").path
      let words = ["--json", "--account", "officer", "import", table, "--map", map, "--programme", "navigators"]
      let ran = try await ProgramRun.run(
        Program.vaultsh.url, words, environment: vault.environment, folder: vault.terminal, seconds: Self.secondsMax)
      #expect(ran.status == 0, "\(ran.errorText)")
      #expect(try ran.json["imported"]?.integerValue == Int64(Self.rowCount))
      #expect(try ran.json["rejected"]?.arrayValue == [])

      let records = try #require(try await vault.sh("list", as: "officer")["records"]?.arrayValue)
      #expect(records.count == Self.rowCount)
      let id = try #require(records.last?["id"]?.stringValue)
      let shown = try await vault.sh("--purpose", "casework", "show", id, "--all", as: "officer")
      #expect(shown["sections"]?.objectValue?.isEmpty == false)
      let refused = try await vault.attempt("--purpose", "casework", "show", id, as: "colleague")
      #expect(refused.status == 3 && refused.output.isEmpty)

      let read = try await vault.sh("log", "--record", id, as: "auditor")
      let outcomes = read["entries"]?.arrayValue?.map { $0["outcome"]?.stringValue } ?? []
      #expect(outcomes.contains("allowed") && outcomes.contains("denied"))
      let verified = try await vault.sh("log", "verify", as: "auditor")
      #expect(verified["ok"]?.boolValue == true)
      #expect((verified["size"]?.integerValue ?? 0) > Int64(Self.rowCount))
    }
  }
}
