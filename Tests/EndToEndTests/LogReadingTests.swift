import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("The auditor's reading: filters, counts, masked terms, one record's history, and signing off")
  struct LogReading {
    private static let health = #"{"identity": {"prs_FirstName": "শিরিন"}, "case": {"vault_Summary": "invented"}}"#

    /// A record, read by its officer and once outside assignment, refused to a colleague, found, and changed.
    private static func seen() async throws -> (vault: RunningVault, id: String) {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(health)
      _ = try await vault.sh("--purpose", "court", "show", id, "--section", "identity", as: "officer")
      _ = try await vault.sh(
        "--purpose", "emergency", "--reason", "-", "show", id, "--all", as: "supervisor", input: "the police called\n")
      #expect(try await vault.attempt("--purpose", "casework", "show", id, as: "colleague").status == 3)
      _ = try await vault.sh("find", "-", as: "officer", input: "shirin\n")
      _ = try await vault.sh(
        "edit", id, "--from", "-", "--if-version", "1", as: "officer", input: #"{"case": {"vault_Team": "North"}}"#)
      return (vault, id)
    }

    /// Outside Monday to Friday, 07:00 to 20:00, by Foundation's calendar.
    private static func isOffHours(_ entry: JSONValue, _ zone: String) throws -> Bool {
      let time = try Date(
        #require(entry["time"]?.stringValue), strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = try #require(TimeZone(identifier: zone))
      let parts = calendar.dateComponents([.weekday, .hour], from: time)
      let (weekday, hour) = (try #require(parts.weekday), try #require(parts.hour))
      return weekday == 1 || weekday == 7 || hour < 7 || hour >= 20
    }

    private func indexes(_ answer: JSONValue) -> [Int64] {
      answer["entries"]?.arrayValue?.compactMap { $0["index"]?.integerValue } ?? []
    }

    @Test("each filter leaves the entries that match, and an unknown word is refused rather than finding nothing")
    func filters() async throws {
      let (vault, id) = try await Self.seen()
      func log(_ words: String...) async throws -> [JSONValue] {
        let ran = try await vault.run(.vaultsh, ["--json", "--account", "auditor", "log"] + words)
        try #require(ran.status == 0, "\(words): \(ran.errorText)")
        return try #require(try ran.json["entries"]?.arrayValue)
      }
      let denied = try await log("--outcome", "denied", "--record", id)
      #expect(denied.count == 1 && denied.first?["account"]?.stringValue == "colleague")
      #expect(try await log("--purpose", "court").map { $0["action"]?.stringValue } == ["record.read"])
      let outside = try await log("--unassigned", "--record", id)
      #expect(outside.compactMap { $0["account"]?.stringValue }.sorted() == ["colleague", "supervisor"])
      #expect(try await log("--programme", "navigators", "--action", "edit").count == 1)
      #expect(try await log("--action", "record.search", "--record", id).count == 1, "a result set counts")
      let none = try await vault.sh("log", "--outcome", "failed", "--record", id, as: "auditor")
      let size = try #require(none["size"]?.integerValue)
      #expect(size > 0 && none["scanned"]?.integerValue == size, "finding nothing says how much was gone through")
      let all = try await log()
      for zone in ["Pacific/Auckland", "Asia/Kolkata", "America/Los_Angeles"] {
        let wanted = try all.filter { try Self.isOffHours($0, zone) }.compactMap { $0["index"]?.integerValue }
        let found = try await log("--off-hours", "--time-zone", zone).compactMap { $0["index"]?.integerValue }
        #expect(found.filter { $0 < all.count } == wanted, "\(zone)")
      }
      for (words, field) in [
        (["--action", "record.peek"], "action"), (["--account", "nobody"], "account"),
        (["--off-hours", "--time-zone", "Mars/Olympus"], "timeZone"),
      ] {
        let ran = try await vault.run(.vaultsh, ["--json", "--account", "auditor", "log"] + words)
        #expect(ran.status != 0 && ran.output.isEmpty, "\(words)")
        #expect(try ran.problem["field"]?.stringValue == field, "\(words)")
      }
    }

    @Test("times without an offset are those of the clock that the list shows")
    func typedTimes() async throws {
      let (vault, id) = try await Self.seen()
      let all = try await vault.sh("log", "--record", id, as: "auditor")
      let time = try #require(all["entries"]?.arrayValue?[2]["time"]?.stringValue)
      let moment = try Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
      let instant = String(time.prefix(19)) + "Z"
      for zone in ["Asia/Kolkata", "America/Los_Angeles"] {
        var environment = vault.environment
        environment["TZ"] = zone
        func log(_ words: String...) async throws -> JSONValue {
          let ran = try await ProgramRun.run(
            Program.vaultsh.url,
            ["--json", "--account", "auditor", "log", "--record", id, "--action", "record.read"] + words,
            environment: environment, folder: vault.terminal)
          try #require(ran.status == 0, "\(words): \(ran.errorText)")
          return try ran.json
        }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: zone)
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        let shown = formatter.string(from: moment)
        for bound in ["--since", "--until"] {
          let (typed, told) = (indexes(try await log(bound, shown)), indexes(try await log(bound, instant)))
          #expect(typed == told, "\(zone) \(bound) \(shown)")
          #expect(bound == "--until" || !typed.isEmpty)
        }
      }
      let refused = try await vault.attempt("log", "--since", "yesterday", as: "auditor")
      #expect(refused.status == 2)
      #expect(try refused.problem["field"]?.stringValue == "--since")
    }

    @Test("for people the list also says what is masked, what was outside assignment, and how often")
    func remarks() async throws {
      let (vault, id) = try await Self.seen()
      for _ in 0..<5 { _ = try await vault.attempt("show", id, as: "colleague") }
      // Counts become an entry at the latest when the daemon ends.
      _ = try await vault.stop()
      try await vault.serve()
      try await vault.login("auditor")
      let ran = try await vault.run(.vaultsh, ["--account", "auditor", "log"])
      let lines = ran.outputText.split(separator: "\n").map(String.init)
      func line(_ words: String...) -> String? { lines.first { line in words.allSatisfy { line.contains($0) } } }
      #expect(line("record.search", "(masked)") != nil)
      #expect(line("log reveal INDEX") != nil)
      #expect(line("supervisor", "record.read", "the police called", "outside assignment") != nil)
      #expect(line("colleague", "record.read", "denied", " times") != nil)
      #expect(!ran.outputText.contains("shirin"))
    }

    @Test("--by counts by account, record or day")
    func groups() async throws {
      let (vault, id) = try await Self.seen()
      let accounts = try await vault.sh("log", "--by", "account", "--record", id, as: "auditor")
      let groups = try #require(accounts["groups"]?.arrayValue)
      let officer = try #require(groups.first { $0["key"]?.stringValue == "officer" })
      #expect(officer["events"]?.integerValue == 4 && officer["readings"]?.integerValue == 1)
      let colleague = try #require(groups.first { $0["key"]?.stringValue == "colleague" })
      #expect(colleague["denied"]?.integerValue == 1 && colleague["allowed"]?.integerValue == 0)
      let records = try await vault.sh("log", "--by", "record", as: "auditor")
      #expect(records["groups"]?.arrayValue?.map { $0["key"]?.stringValue } == [id])
      let days = try await vault.sh("log", "--by", "day", as: "auditor")
      #expect((days["groups"]?.arrayValue?.count ?? 0) >= 1)
    }

    @Test("P5 search terms are masked in every list; revealing them is an entry of its own, for auditors")
    func reveal() async throws {
      let (vault, _) = try await Self.seen()
      let listed = try await vault.attempt("log", "--action", "record.search", as: "auditor")
      #expect(!listed.outputText.contains("shirin"))
      let index = try #require(indexes(try listed.json).first)
      #expect(try listed.json["entries"]?.arrayValue?.first?["text"]?.stringValue == "masked")
      #expect(try await vault.attempt("log", "reveal", String(index), as: "officer").status == 3)
      let revealed = try await vault.sh("log", "reveal", String(index), as: "auditor")
      #expect(revealed["text"]?.stringValue == "shirin")
      let told = try await vault.sh("log", "--action", "log.reveal", "--outcome", "allowed", as: "auditor")
      #expect(told["entries"]?.arrayValue?.map { $0["account"]?.stringValue } == ["auditor"])
      #expect(told["entries"]?.arrayValue?.first?["results"]?.arrayValue == [.string(String(index))])
      #expect(try await vault.attempt("log", "reveal", "0", as: "auditor").status == 4)
      #expect(try await vault.attempt("log", "reveal", "999999", as: "auditor").status == 4)
    }

    @Test("who-read tells one record's readers, changes, finds and refusals, also in plain sentences")
    func whoRead() async throws {
      let (vault, id) = try await Self.seen()
      let history = try await vault.sh("who-read", id, as: "auditor")
      #expect(history["record"]?.stringValue == id)
      let people = try #require(history["people"]?.arrayValue)
      func person(_ name: String) -> JSONValue? { people.first { $0["account"]?.stringValue == name } }
      #expect(person("officer")?["read"]?.integerValue == 1)
      #expect(person("officer")?["changed"]?.integerValue == 2)
      #expect(person("officer")?["found"]?.integerValue == 1)
      #expect(person("colleague")?["refused"]?.integerValue == 1)
      #expect(person("supervisor")?["read"]?.integerValue == 1)

      let plain = try await vault.run(.vaultsh, ["--account", "auditor", "who-read", id, "--plain"])
      let text = plain.outputText.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(plain.status == 0)
      for sentence in [
        "officer read the name and who the person is, for a court.",
        "colleague tried to read this record, and was refused.",
        "in an emergency, with these words: “the police called”.", "officer read and changed what is planned",
        "found this record: the name and the year of birth were shown.", "What this list cannot tell",
      ] { #expect(text.contains(sentence), "\(sentence): \(text)") }
      for word in [id, "record.read", "uid", "shirin"] {
        #expect(!text.contains(word), "\(word) is nothing to read out")
      }

      // Looks at the log that follow each other are told once a day, and all of them are entries.
      for _ in 0..<2 { _ = try await vault.sh("who-read", id, as: "auditor") }
      let last = try await vault.sh("who-read", id, as: "auditor")
      let looks = last["sentences"]?.arrayValue?.filter { $0["text"]?.stringValue?.contains("who had read") == true }
      #expect((1...2).contains(looks?.count ?? 0), "two where midnight lies between")
      let readings = last["entries"]?.arrayValue?.filter { $0["action"]?.stringValue == "log.read" }
      #expect((readings?.count ?? 0) >= 4)

      #expect(try await vault.attempt("who-read", id, as: "officer").status == 3)
      let other = try await vault.newRecord(Self.health)
      let unread = try await vault.sh("who-read", other, as: "auditor")
      #expect(unread["people"]?.arrayValue?.count == 1, "its own author alone")
    }

    @Test("a sign-off is a cosignature that the shell verifies, lists, and carries away")
    func signOff() async throws {
      let (vault, _) = try await Self.seen()
      let before = try await vault.sh("status")
      #expect(before["log"]?["reviewed"]?.integerValue == 0)
      let file = vault.terminal.appendingPathComponent("signed.note").path
      let signed = try await vault.sh(
        "log", "signoff", "--note", "-", "--to", file, as: "auditor", input: "Read it all; ceva neobișnuit: nimic.\n")
      let size = try #require(signed["size"]?.integerValue)
      #expect(signed["ok"]?.boolValue == true && size > 0)
      let note = try String(contentsOfFile: file, encoding: .utf8)
      #expect(note == signed["note"]?.stringValue && note.split(separator: "\n").count == 5)
      #expect(try await vault.sh("status")["log"]?["reviewed"]?.integerValue == size)
      let older = try await vault.sh("log", "signoff", "--upto", "3", as: "auditor")
      #expect(older["size"]?.integerValue == 4)
      let list = try await vault.sh("log", "signoffs", as: "auditor")
      #expect(list["signoffs"]?.arrayValue?.compactMap { $0["size"]?.integerValue } == [4, size])
      #expect(
        list["signoffs"]?.arrayValue?.last?["remark"]?.stringValue == "Read it all; ceva neobișnuit: nimic.")

      #expect(try await vault.attempt("log", "signoff", as: "officer").status == 3)
      #expect(try await vault.attempt("log", "signoff", "--upto", "99999", as: "auditor").status == 4)
      let again = try await vault.attempt("log", "signoff", "--to", file, as: "auditor")
      #expect(again.status != 0, "nothing is written over a signed note")
    }
  }
}
