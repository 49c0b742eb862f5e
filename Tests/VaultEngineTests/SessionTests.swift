import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine

/// What a token is good for: one uid, one shift, and until somebody closes it.
@Suite struct SessionTests {
  @Test func `A token is of one uid, and no other bytes are a token`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try await vault.seat(.officer)
      #expect(await refusal { try await vault.programmes(by: officer.caller) } == nil)
      #expect(await refusal { try await vault.programmes(by: Caller(uid: 1, token: officer.token)) } == .denied)
      #expect(await refusal { try await vault.programmes(by: Person.officer.caller()) } == .loginNeeded)
      var near = officer.token
      near[31] ^= 1
      for token in [[], [0], [UInt8](repeating: 0, count: 32), near] {
        #expect(await refusal { try await vault.programmes(by: Person.officer.caller(token: token)) } == .loginNeeded)
      }
      let other = try team.seat(.officer, in: vault)
      #expect(other.token != officer.token)
    }
  }

  @Test func `A session ends by logout, when it was idle, and at the end of a shift`() async throws {
    let (_, place) = try await Team.copy()
    try await place.withVault { vault in
      let minutes = 60.0
      let leaving = try await vault.seat(.officer)
      let kept = try leaving.session
      _ = try await vault.logout(by: leaving.caller)
      #expect(await refusal { try await vault.programmes(by: leaving.caller) } == .loginNeeded)
      #expect(kept.secrets == nil && kept.programmes.isEmpty, "its keys are gone, whoever still holds the object")

      let idle = try await vault.seat(.officer)
      let busy = try await vault.seat(.supervisor)
      for _ in 0..<2 {
        place.clock.advance(seconds: 14 * minutes)
        _ = try await vault.programmes(by: busy.caller)
      }
      #expect(await refusal { try await vault.programmes(by: idle.caller) } == .loginNeeded)
      #expect(await refusal { try await vault.programmes(by: busy.caller) } == nil)
      // Somebody sets the wall clock: deadlines do not care.
      place.clock.setWallClock(back: 3600)
      #expect(await refusal { try await vault.programmes(by: busy.caller) } == nil)
      var hours = 0.5
      while hours < 9.9 {
        place.clock.advance(seconds: 10 * minutes)
        hours += 10 / 60
        #expect(await refusal { try await vault.programmes(by: busy.caller) } == nil)
      }
      place.clock.advance(seconds: 10 * minutes)
      #expect(await refusal { try await vault.programmes(by: busy.caller) } == .loginNeeded)

      let forgotten = try await vault.seat(.officer)
      let session = try forgotten.session
      place.clock.advance(seconds: 16 * minutes)
      vault.maintain()
      #expect(vault.sessions.open.isEmpty && session.secrets == nil, "nobody has to come by for it to end")
    }
  }

  @Test func `Guessing is slowed down by name, and tells nobody which names there are`() async throws {
    let (_, place) = try await Team.copy()
    try await place.withVault { vault in
      for name in [Person.officer.name, "no-such-person"] {
        for _ in 0..<5 {
          let code = await refusal {
            try await vault.login(name, .passphrase(secret("guess")), by: Person.officer.caller())
          }
          #expect(code == .loginFailed)
        }
        do {
          _ = try await vault.login(
            name, .passphrase(secret(Person.officer.passphrase)), by: Person.officer.caller())
          Issue.record("let in")
        } catch let error as VaultError {
          #expect(error.code == .tooManyAttempts && (1...60).contains(error.retryAfterSeconds ?? 0))
        }
      }
      #expect(await refusal { try await vault.seat(.supervisor) } == nil, "nobody else is slowed down")
      place.clock.advance(seconds: 61)
      #expect(await refusal { try await vault.seat(.officer) } == nil)
    }
  }

  @Test func `P10 Others who reach the socket lock nobody out`() async throws {
    let (_, place) = try await Team.copy()
    try await place.withVault { vault in
      for _ in 0..<20 {
        _ = await refusal {
          try await vault.login(Person.officer.name, .passphrase(secret("guess")), by: Caller(uid: 9))
        }
      }
      #expect(await refusal { try await vault.seat(.officer) } == nil)
    }
  }

  @Test func `Guesses that come all at once are as few as those that come in turn`() async throws {
    let (_, place) = try await Team.copy()
    try await place.withVault { vault in
      let refused = await withTaskGroup(of: VaultError.Code?.self) { group in
        for _ in 0..<30 {
          group.addTask {
            await refusal {
              try await vault.login(Person.officer.name, .passphrase(secret("guess")), by: Person.officer.caller())
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(refused.count { $0 == .loginFailed } <= AttemptLimiter.freeFailures)
      #expect(refused.count { $0 == .tooManyAttempts } >= 30 - AttemptLimiter.freeFailures)
    }
  }

  @Test func `The open session guesses at its passphrase no faster than a login`() async throws {
    let (_, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try await vault.seat(.officer)
      var codes: [VaultError.Code?] = []
      for _ in 0..<6 {
        codes.append(
          await refusal {
            try await vault.changePassphrase(
              current: secret("guess"), new: secret("a fresh passphrase"), by: officer.caller)
          })
      }
      #expect(codes == Array(repeating: .loginFailed, count: 5) + [.tooManyAttempts])
    }
  }

  @Test func `Every passphrase of keys-example is known as published`() throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for name in ["administrator", "supervisor", "auditor", "officer", "colleague"] {
      let file = package.appendingPathComponent("keys-example/\(name).passphrase")
      let text = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines)
      let isKnown = PublishedPassphrases.contains(secret(text))
      #expect(isKnown, "\(name)")
    }
    let isFreshKnown = PublishedPassphrases.contains(secret("a fresh passphrase"))
    #expect(!isFreshKnown)
  }

  @Test func `A new passphrase opens, the old one no longer does, and the keys stay`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try await vault.seat(.officer)
      let wrong = await refusal {
        try await vault.changePassphrase(
          current: secret("not it"), new: secret("a fresh passphrase"), by: officer.caller)
      }
      #expect(wrong == .loginFailed)
      _ = try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret("a fresh passphrase"), by: officer.caller)
      #expect(await refusal { try await vault.seat(.officer) } == .loginFailed)
      let again = try await vault.seat(.officer, passphrase: "a fresh passphrase")
      #expect(try again.session.memberKeys == officer.session.memberKeys)
      let text = try await vault.readRecord(team.records[0], sections: [.identity], by: again.caller).value.text
      #expect(text.contains("শিরিন"))
    }
  }
}
