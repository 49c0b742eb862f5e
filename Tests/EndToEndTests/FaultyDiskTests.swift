import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P3 A disk that fails, is made read-only or does not answer")
  struct FaultyDisk {
    /// The shim of Tests/FaultyDisk, compiled; nil where there is no C compiler.
    private func shim(for vault: RunningVault) async throws -> String? {
      let source = Program.package.appendingPathComponent("Tests/FaultyDisk/faulty_disk.c").path
      let library = vault.home.appendingPathComponent("faulty_disk.so").path
      for compiler in ["cc", "clang", "gcc"] {
        let ran = try? await ProgramRun.run(
          URL(fileURLWithPath: "/usr/bin/env"), [compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"],
          environment: vault.environment, folder: vault.terminal)
        if ran?.status == 0 { return library }
      }
      return nil
    }

    private func expectRefused(_ ran: Ran) throws {
      #expect(ran.status == 1 && ran.output.isEmpty, "\(ran.outputText)")
      let problem = try ran.problem
      #expect(problem["status"]?.integerValue == 503)
      #expect((problem["hint"]?.stringValue?.count ?? 0) > 10)
      for planted in Samples.planted { #expect(!ran.errorText.contains(planted)) }
    }

    @Test(
      "nothing is shown and nothing half written, callers are told what to do, and all goes on by itself afterwards",
      arguments: ["eio", "erofs", "stuck"])
    func faults(kind: String) async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      let before = try await vault.sh("list", as: "officer")["records"]?.arrayValue?.count
      try await vault.stop()
      guard let shim = try await shim(for: vault) else {
        print("SKIPPED: a disk that fails needs a C compiler, of which there is none")
        return
      }
      let fault = vault.home.appendingPathComponent("fault")
      try await vault.serve(under: ["LD_PRELOAD": shim, "FAULTY_DISK": fault.path])
      for account in ["officer", "auditor"] { try await vault.login(account) }
      _ = try await vault.sh("show", id, "--all", as: "officer")

      try Data(kind.utf8).write(to: fault)
      try expectRefused(try await vault.attempt("show", id, "--all", as: "officer"))
      #expect(vault.isReady, "status needs no disk")
      // Of a disk that does not answer, those who come later need not wait for the bound.
      let asked = ContinuousClock.now
      try expectRefused(try await vault.attempt("find", "-", as: "officer", input: "Zephyrine\n"))
      #expect(ContinuousClock.now - asked < .seconds(5))
      try expectRefused(try await vault.attempt("log", as: "auditor"))
      if kind != "stuck" {
        let saved = try await vault.attempt(
          "new", "--programme", "navigators", "--from", "-", as: "officer", input: #"{"sections": \#(Samples.divya)}"#)
        try expectRefused(saved)
      }
      #expect(try await vault.tells(kind == "stuck" ? "the disk does not answer" : "the log cannot be written"))

      try FileManager.default.removeItem(at: fault)
      var shown = try await vault.attempt("show", id, "--all", as: "officer")
      for _ in 0..<100 where shown.status != 0 {
        try await Task.sleep(for: .milliseconds(50))
        shown = try await vault.attempt("show", id, "--all", as: "officer")
      }
      #expect(shown.status == 0, "\(shown.errorText)")
      #expect(try await vault.sh("list", as: "officer")["records"]?.arrayValue?.count == before, "nothing half written")
      _ = try await vault.newRecord(Samples.stefanescu)
      #expect(try await vault.sh("log", "verify", as: "auditor")["ok"]?.boolValue == true)
      #expect(try await vault.stop() == 0)
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
    }
  }
}
