import Glibc

/// What passes between the daemon and systemd: a socket that is open already, and word of being ready.
public enum ServiceManager {
  /// The first descriptor that is handed over (sd_listen_fds(3)).
  private static let firstDescriptor: Int32 = 3

  /// The listening socket that was passed at start; nil when none was meant for this process.
  ///
  /// The descriptor stays open across exec until this is called, and is close-on-exec afterwards.
  public static func activatedSocket(environment: [String: String]) throws(SocketError) -> Int32? {
    guard let process = environment["LISTEN_PID"].flatMap({ pid_t($0) }), process == getpid(),
      let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count > 0
    else { return nil }
    guard count == 1, option(SO_DOMAIN) == AF_UNIX, option(SO_TYPE) == Int32(SOCK_STREAM.rawValue),
      option(SO_ACCEPTCONN) == 1, fcntl(firstDescriptor, F_SETFD, FD_CLOEXEC) == 0
    else { throw SocketError(.activationInvalid, path: "") }
    return firstDescriptor
  }

  /// Says `READY=1`; false when nobody listens for it.
  @discardableResult
  public static func ready(environment: [String: String]) -> Bool { notify("READY=1", environment) }

  /// Says `STOPPING=1`; false when nobody listens for it.
  @discardableResult
  public static func stopping(environment: [String: String]) -> Bool { notify("STOPPING=1", environment) }

  private static func notify(_ message: String, _ environment: [String: String]) -> Bool {
    guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else { return false }
    return UnixSocket.sendDatagram(message, to: path)
  }

  private static func option(_ name: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(firstDescriptor, SOL_SOCKET, name, &value, &length) == 0 else { return nil }
    return value
  }
}
