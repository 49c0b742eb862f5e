import Foundation
import Testing
import VaultAPI
import VaultClient
import VaultModel

extension EndToEnd {
  @Suite("The log is reviewed on one page")
  struct LogReport {
    /// An officer's day with a refusal, an emergency and a sign-off in it.
    private func reviewed() async throws -> (vault: RunningVault, record: String) {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      _ = try await vault.sh("show", id, "--section", "legal", as: "officer")
      _ = try await vault.sh(
        "--purpose", "emergency", "--reason", "Nightboat, she called from the harbour.", "show", id, as: "officer")
      _ = try await vault.sh("find", "-", as: "officer", input: "zephyrine\n")
      #expect(try await vault.attempt("show", id, as: "colleague").status == 3)
      return (vault, id)
    }

    private func page(_ vault: RunningVault, _ name: String = "report.html") -> String {
      vault.terminal.appendingPathComponent(name).path
    }

    @Test("log report --html writes one page of its own, with what was read and whether the log is whole")
    func html() async throws {
      let (vault, id) = try await reviewed()
      let file = page(vault)
      let answer = try await vault.sh("log", "report", "--html", file, "--time-zone", "Asia/Kolkata", as: "auditor")
      #expect(answer["ok"]?.boolValue == true)
      #expect(answer["file"]?.stringValue == file)
      #expect(answer["timeZone"]?.stringValue == "Asia/Kolkata")
      #expect(answer["readings"]?.integerValue == 2)
      #expect(answer["records"]?.integerValue == 1)
      let verified = try await vault.sh("log", "verify", as: "auditor")
      #expect((answer["size"]?.integerValue ?? 0) > 10)
      #expect((answer["size"]?.integerValue ?? 0) <= (verified["size"]?.integerValue ?? 0))
      let emergency = try #require(answer["unusual"]?.arrayValue?.first)
      #expect(emergency["account"]?.stringValue == "officer")
      let reason = try #require(emergency["reasons"]?.arrayValue?.first)
      #expect(reason["rule"]?.stringValue == "break-glass")
      #expect(reason["entryCount"]?.integerValue == 1)
      let index = try #require(reason["entries"]?.arrayValue?.first?.integerValue)
      let entries = try await vault.sh("log", "--record", id, as: "auditor")["entries"]?.arrayValue
      #expect(entries?.first { $0["index"]?.integerValue == index }?["purpose"]?.stringValue == "emergency")

      let text = try String(contentsOfFile: file, encoding: .utf8)
      for words in [
        "Content-Security-Policy", "<bdi>officer</bdi>", id, "Emergency access", "The log is whole.", "DEMO",
      ] {
        #expect(text.contains(words), "\(words)")
      }
      for secret in Samples.planted + ["harbour"] { #expect(!text.contains(secret), "\(secret)") }
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: vault.terminal.path).filter { $0.contains(".new") } == [])
    }

    @Test("the report says how far review has come, and that the cosignature verifies")
    func signedOff() async throws {
      let (vault, _) = try await reviewed()
      let client = VaultClient(socket: vault.socket)
      let file = try Data(contentsOf: URL(fileURLWithPath: vault.passphraseFile("auditor")))
      var passphrase = [UInt8](file.prefix { $0 != 0x0a })
      _ = try await client.login(account: "auditor", .passphrase(WipedBytes(taking: &passphrase)))
      let signed = try await client.signOff(upto: 4, note: "The founding, দিব্যা and <b>Ștefan</b> were there.")
      try await client.logout()
      let answer = try await vault.sh("log", "report", "--html", page(vault), as: "auditor")
      #expect(answer["reviewed"]?.integerValue == Int64(signed.size))
      #expect(answer["unreviewed"]?.integerValue == (answer["entries"]?.integerValue ?? 0) - 5)
      let text = try String(contentsOfFile: page(vault), encoding: .utf8)
      #expect(text.contains("<bdi>The founding, দিব্যা and &lt;b&gt;Ștefan&lt;/b&gt; were there.</bdi>"))
      #expect(text.contains(">verified<") && !text.contains("does not verify"))
    }

    @Test("P4 of a log that was rewritten the report is an alarm, and the exit code says so")
    func rewritten() async throws {
      let (vault, _) = try await reviewed()
      let pins = vault.home.appendingPathComponent("state/vaultsh/known_vaults")
      var words = try String(contentsOf: pins, encoding: .utf8).split(separator: " ").map(String.init)
      // Another root than the one that was seen.
      words[3] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
      try Data(words.joined(separator: " ").utf8).write(to: pins)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pins.path)
      let ran = try await vault.attempt("log", "report", "--html", page(vault), as: "auditor")
      #expect(ran.status == 7)
      #expect(ran.output.isEmpty)
      #expect(try ran.problem["hint"]?.stringValue?.contains(page(vault)) == true)
      let text = try String(contentsOfFile: page(vault), encoding: .utf8)
      #expect(text.contains("THE LOG DOES NOT VERIFY."))
      #expect(!text.contains("The log is whole."))
    }

    @Test("without --html the unusual comes first on the terminal, and nothing is written")
    func summary() async throws {
      let (vault, _) = try await reviewed()
      let ran = try await vault.run(.vaultsh, ["--account", "auditor", "log", "report"])
      try #require(ran.status == 0, "\(ran.errorText)")
      let lines = ran.outputText.split(separator: "\n").map(String.init)
      let unusual = try #require(lines.firstIndex { $0.contains("Unusual first") })
      let period = try #require(lines.firstIndex { $0.contains("The period") })
      #expect(unusual < period)
      #expect(ran.outputText.contains("officer (officer)"))
      // A terminal shows what a file never does.
      #expect(ran.outputText.contains("“Nightboat, she called from the harbour.”"))
      #expect(ran.outputText.contains("whole:"))
      #expect(try await vault.sh("log", "report", as: "auditor")["file"] == .null)
    }

    @Test("a file that is there is not written over unasked")
    func replacing() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      let file = page(vault)
      try "mine".write(toFile: file, atomically: true, encoding: .utf8)
      let refused = try await vault.attempt("log", "report", "--html", file, as: "auditor")
      #expect(refused.status == 5)
      #expect(try refused.problem["hint"]?.stringValue?.contains("--replace") == true)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
      _ = try await vault.sh("log", "report", "--html", file, "--replace", as: "auditor")
      #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }

    @Test("only the period that was asked for is in it")
    func period() async throws {
      let (vault, _) = try await reviewed()
      let past = try await vault.sh(
        "log", "report", "--since", "2020-01-01", "--until", "2020-02-01T00:00:00Z", as: "auditor")
      #expect(past["entries"]?.integerValue == 0)
      #expect(past["until"]?.stringValue == "2020-02-01T00:00:00Z")
      #expect(past["unusual"]?.arrayValue == [])
      let there = try await vault.sh(
        "log", "report", "--since", "2020-01-01", "--until", "2020-02-01 12:00", "--time-zone", "Asia/Kolkata",
        as: "auditor")
      #expect(there["since"]?.stringValue == "2019-12-31T18:30:00Z")
      #expect(there["until"]?.stringValue == "2020-02-01T06:30:00Z")
      let later = try await vault.sh("log", "report", "--since", "2999-01-01", as: "auditor")
      #expect(later["entries"]?.integerValue == 0)
    }

    @Test(
      "what cannot be understood is refused before any work, with the field",
      arguments: [
        (["--since", "yesterday-ish"], "--since"), (["--until", "2026-02-30"], "--until"),
        (["--since", "2026-05-02", "--until", "2026-05-01"], "--until"),
        (["--time-zone", "Mars/Olympus"], "--time-zone"), (["--time-zone", "../../etc/passwd"], "--time-zone"),
        (["--replace"], "--replace"),
      ])
    func refusals(words: [String], field: String) async throws {
      let vault = try RunningVault()
      let ran = try await vault.run(.vaultsh, ["--json", "log", "report"] + words)
      #expect(ran.status == 2)
      #expect(try ran.problem["field"]?.stringValue == field)
      #expect(ran.output.isEmpty)
    }

    @Test("only auditors are given a report")
    func roles() async throws {
      let (vault, _) = try await reviewed()
      for account in ["officer", "supervisor", "administrator"] {
        let file = page(vault, "\(account).html")
        #expect(try await vault.attempt("log", "report", "--html", file, as: account).status == 3, "\(account)")
        #expect(!FileManager.default.fileExists(atPath: file))
      }
    }
  }
}
