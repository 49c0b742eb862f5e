import Glibc
import NIOCore

/// Asks the kernel who is at the other end of a connection.
enum PeerIdentity {
  struct Unknown: Error {}

  /// `struct ucred` of unix(7), which the importer hides behind _GNU_SOURCE.
  private struct Credentials {
    var process: Int32
    var user: UInt32
    var group: UInt32
  }

  /// The uid the peer had when it connected (SO_PEERCRED).
  static func uid(of channel: any Channel) -> EventLoopFuture<UInt32> {
    guard let options = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(Unknown())
    }
    let credentials: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    return credentials.map { $0.user }
  }
}
