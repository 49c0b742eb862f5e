/// Why the daemon cannot listen. The path is the operator's own and is shown to them.
public struct SocketError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// More than `SocketLease.pathByteCountMax` bytes, empty, or with a zero byte.
    case pathInvalid
    case directoryMissing
    /// Anybody may replace files in the directory.
    case directoryUnsafe
    /// Another daemon serves this socket.
    case inUse
    /// Something that is not a socket stands at the path.
    case notASocket
    /// A descriptor was passed that is not one listening Unix stream socket.
    case activationInvalid
    /// A system call failed with this errno.
    case system(call: String, errno: Int32)
  }

  public let code: Code
  public let path: String

  public init(_ code: Code, path: String) {
    self.code = code
    self.path = path
  }

  public var description: String {
    switch code {
    case .pathInvalid:
      "The socket's path has to have 1 to \(SocketLease.pathByteCountMax) bytes: \(path)"
    case .directoryMissing: "The directory of the socket does not exist: \(path)"
    case .directoryUnsafe: "Anybody may write to the directory of the socket: \(path)"
    case .inUse: "Another daemon already serves this socket; it was not disturbed: \(path)"
    case .notASocket: "There is something at this path that is not a socket; it was left alone: \(path)"
    case .activationInvalid: "The descriptor passed at start is not one listening Unix stream socket."
    case .system(let call, let errno): "\(call) failed with errno \(errno): \(path)"
    }
  }

  public var hint: String {
    switch code {
    case .pathInvalid: "Choose a shorter path, such as /run/vaultd/vault.socket."
    case .directoryMissing: "Create the directory first, owned by the user of the daemon, mode 0750."
    case .directoryUnsafe: "Give the socket a directory of its own, owned by the user of the daemon, mode 0750."
    case .inUse: "Stop the other daemon, or choose another --socket."
    case .notASocket: "Move the file away, or choose another --socket."
    case .activationInvalid: "The socket unit has to have exactly one ListenStream= with a path."
    case .system: "Check that the user of the daemon may write to that directory."
    }
  }
}
