import Foundation
import Testing

extension EndToEnd {
  @Suite("P10 Every refusal tells a person what to do next")
  struct Hints {
    /// Command lines that fail, run by nobody in particular, by the officer and by the auditor.
    private static let shellWords: [(account: String?, words: [String], input: String)] = [
      (nil, ["frobnicate"], ""), (nil, ["show"], ""), (nil, ["find", "--limit", "many"], ""),
      (nil, ["status", "--nonsense"], ""), (nil, ["enrol", "nobody", "--code", "-"], "WRONG-CODE\n"),
      (nil, ["enrol", "nobody", "--code", "-"], ""), ("stranger", ["list"], ""),
      ("officer", ["show", "not-an-id"], ""), ("officer", ["show", "babab-babab-babab-babab"], ""),
      ("officer", ["find", "-"], ""), ("officer", ["find", "-", "--born", "last year"], "shirin\n"),
      ("officer", ["list", "--programme", "no-such-programme"], ""), ("officer", ["list", "--programme", "NO!"], ""),
      ("officer", ["new", "--programme", "navigators", "--from", "-"], ""),
      ("officer", ["new", "--programme", "navigators", "--from", "-"], "{"),
      ("officer", ["new", "--programme", "navigators", "--from", "-"], #"{"sections": {"diary": {}}}"#),
      ("officer", ["new", "--programme", "navigators", "--from", "/nonexistent/file"], ""),
      ("officer", ["import", "/nonexistent.csv", "--programme", "navigators"], ""),
      ("officer", ["account", "list"], ""), ("officer", ["log"], ""), ("officer", ["log", "verify"], ""),
      ("officer", ["programme", "add", "shelter", "--title", "A shelter"], ""),
      ("officer", ["--purpose", "curiosity", "list"], ""), ("officer", ["edit", "not-an-id", "--from", "-"], "{}"),
      ("auditor", ["find", "-"], "shirin\n"), ("auditor", ["log", "--since", "yesterday-ish"], ""),
      ("auditor", ["log", "--limit", "0"], ""), ("officer", ["log", "report"], ""),
      ("auditor", ["log", "report", "--time-zone", "Mars/Olympus"], ""),
      ("auditor", ["log", "report", "--html", "/nonexistent/report.html"], ""),
    ]

    private static let daemonWords: [[String]] = [
      ["frobnicate"], ["init"], ["serve"], ["serve", "--data", "/nonexistent", "--socket", "/nonexistent/s"],
      ["backup"], ["backup", "--data", "/nonexistent", "--to", "/nonexistent/b.age"],
      ["backup", "--data", "/nonexistent", "--to", "/nonexistent/b.age", "--recipient", "age1nonsense"],
      ["restore", "--from", "/nonexistent", "--identity", "/nonexistent"],
      ["rotate-root-key", "--data", "/nonexistent", "--new-root-key-file", "/nonexistent/k"],
      ["verify", "--data", "/nonexistent"], ["doctor"], ["doctor", "--data", "/nonexistent"],
      ["init", "--data", "/nonexistent/d", "--administrator", "a", "--supervisor", "b", "--auditor", "c"],
      [
        "init", "--data", "/nonexistent/d", "--administrator", "Not A Name", "--supervisor", "b", "--auditor", "c",
        "--root-key-file", "/nonexistent/k", "--no-escrow",
      ],
    ]

    @Test("each failure of the shell ends with a hint that names only commands which exist")
    func shell() async throws {
      let vault = try await RunningVault.staffed()
      let commands = try await Self.commands(of: .vaultsh, vault)
      try #require(commands.contains("show") && commands.contains("enrol"))
      for (account, words, input) in Self.shellWords {
        let ran = try await vault.run(.vaultsh, (account.map { ["--account", $0] } ?? []) + words, input: input)
        #expect(ran.status != 0, "\(words)")
        Self.expectHint(ran, words, commands, "vaultsh")
      }
    }

    @Test("each failure of the daemon's commands does too")
    func daemon() async throws {
      let vault = try RunningVault()
      let commands = try await Self.commands(of: .vaultd, vault)
      try #require(commands.contains("init") && commands.contains("verify"))
      for words in Self.daemonWords {
        let ran = try await vault.run(.vaultd, words)
        #expect(ran.status != 0, "\(words)")
        Self.expectHint(ran, words, commands, "vaultd")
      }
    }

    private static func expectHint(_ ran: Ran, _ words: [String], _ commands: Set<String>, _ program: String) {
      let text = ran.errorText
      #expect(text.contains("hint: "), "\(words): \(text)")
      let named = text.matches(of: /(vaultd|vaultsh) ([a-z]+)/).filter { $0.1 == program }
      for match in named { #expect(commands.contains(String(match.2)), "\(words) names \(match.0)") }
    }

    /// The first words of the indented lines of `--help`: its commands, and options that no hint confuses with them.
    private static func commands(of program: Program, _ vault: RunningVault) async throws -> Set<String> {
      let help = try await vault.run(program, ["--help"]).outputText
      var words = Set(help.matches(of: /(?m)^  ([a-z-]+)/).map { String($0.1) })
      words.insert("help")
      return words
    }
  }
}
