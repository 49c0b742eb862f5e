import Dispatch
import VaultCrypto

/// Where passphrases are stretched: off Swift's shared threads, a few at a time, because each takes a quarter of a
/// gigabyte for the better part of a second.
final class StretchQueue: Sendable {
  /// Two cores' worth; with 256 MiB each, half a gigabyte.
  static let widthMax = 2
  /// Beyond this many waiting, a login is told to come back.
  static let waitingMax = 32

  private let queue = OperationLimit(width: StretchQueue.widthMax, waitingMax: StretchQueue.waitingMax)

  func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws(VaultError) -> R {
    guard queue.enter() else { throw VaultError(.busy, "Too many people are logging in at once.") }
    let result: Result<R, any Error> = await withCheckedContinuation { continuation in
      queue.dispatch { continuation.resume(returning: Result(catching: body)) }
    }
    do {
      return try result.get()
    } catch let error as VaultError {
      throw error
    } catch let error as CryptoError where error.code == .unavailable {
      throw VaultError(.busy, "There is not enough memory for this now.")
    } catch {
      throw VaultError(.loginFailed, "The account, its passphrase or its key is not right.")
    }
  }
}
