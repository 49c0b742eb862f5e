import Glibc
public import VaultAPI
import VaultCrypto
public import VaultModel

/// The key of a service, on the service's own side of the socket: it signs, and never leaves this process.
public final class ServiceKey: Sendable {
  let signing: SigningKey

  /// From the content of a key file. Throws `invalid` for anything else.
  public init(keyFile: WipedBytes) throws(ClientError) {
    var line = keyFile.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
    guard let key = KeyLine.account.decode(wiping: &line) else {
      throw ClientError(.invalid, "The key file is not a key file.")
    }
    signing = KeyFilePairs.signing(from: key)
  }
}

extension VaultClient {
  /// Opens a session by signature and uses it from now on: for services that submit. The key stays here.
  ///
  /// - Parameter expected: the id of the vault that is meant, in hexadecimal, where the caller knows it.
  @discardableResult
  public func login(
    account: AccountName, signingWith key: ServiceKey, in expected: String? = nil
  ) async throws(ClientError) -> SessionAnswer {
    let request = ChallengeRequest(account: account.description)
    let asked = try await message(
      ChallengeAnswer.self, .openChallenge, VaultOperation.openChallenge.path(), body: Self.body(request))
    guard let vault = HexBytes.decode(asked.vault), asked.challenge.count == LoginChallenge.byteCount else {
      throw ClientError(.garbled, "The challenge is not as expected.")
    }
    guard expected.map({ $0 == asked.vault }) ?? true else {
      throw ClientError(.integrity, "The challenge is one of another vault.")
    }
    let signature = key.signing.sign(
      LoginChallenge.signedBytes(vault: vault, account: account, uid: geteuid(), challenge: asked.challenge))
    let body = SecretText.object(
      texts: [
        ("account", account.description), ("challenge", Base64.encode(asked.challenge)),
        ("signature", Base64.encode(signature)),
      ], secrets: [])
    let answer = try await message(SessionAnswer.self, .openSession, VaultOperation.openSession.path(), body: body)
    session = answer.token
    return answer
  }
}

/// Lower-case hexadecimal digits, two a byte.
enum HexBytes {
  /// nil for anything but pairs of digits.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = PercentEncoding.hexValue(digits[index]), let low = PercentEncoding.hexValue(digits[index + 1])
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
