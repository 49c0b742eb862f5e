import Glibc
import Synchronization

/// The sole right to serve one socket path, for as long as this object lives.
///
/// A lock file beside the socket is held with flock: a second daemon is told so and changes nothing, and a socket file
/// left behind by a crash is known to be stale. Only the owner of the lease ever unlinks the socket, and only the one it
/// bound itself.
public final class SocketLease: Sendable {
  /// `sun_path` has 108 bytes with the closing zero.
  public static let pathByteCountMax = 107
  /// Owner and group; who may be in the group is the operator's choice.
  public static let mode: mode_t = 0o660

  public let path: String
  private let lockPath: String
  private let state: Mutex<State>

  private struct State {
    var lock: Int32
    /// The listening socket until somebody takes it.
    var listener: Int32?
    var bound: FileIdentity
    var isReleased = false
  }

  /// Takes the lease, removes a stale socket, binds and listens.
  public init(path: String, backlog: CInt) throws(SocketError) {
    guard (1...Self.pathByteCountMax).contains(path.utf8.count), !path.utf8.contains(0) else {
      throw SocketError(.pathInvalid, path: path)
    }
    self.path = path
    lockPath = path + ".lock"
    try Self.checkDirectory(of: path)
    let lock = try Self.lock(lockPath, for: path)
    do throws(SocketError) {
      try Self.removeStaleSocket(path)
      let listener = try UnixSocket.listen(path, backlog: backlog)
      guard let bound = FileIdentity(path) else {
        let error = errno
        close(listener)
        throw SocketError(.system(call: "stat", errno: error), path: path)
      }
      state = Mutex(State(lock: lock, listener: listener, bound: bound))
    } catch {
      unsafe unlink(lockPath)
      close(lock)
      throw error
    }
  }

  deinit { release() }

  /// The listening descriptor; whoever takes it closes it. Nil the second time.
  func takeListener() -> Int32? { state.withLock { $0.listener.take() } }

  /// Unlinks the socket and lets others take the path. Does nothing the second time.
  public func release() {
    state.withLock { state in
      guard !state.isReleased else { return }
      state.isReleased = true
      if let listener = state.listener.take() { close(listener) }
      if FileIdentity(path) == state.bound { unsafe unlink(path) }
      // While the lock is held: whoever opens the file after this gets a new one, and checks that it still stands there.
      unsafe unlink(lockPath)
      close(state.lock)
    }
  }

  private static func checkDirectory(of path: String) throws(SocketError) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    var status = stat()
    guard unsafe stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw SocketError(.directoryMissing, path: directory)
    }
    guard status.st_mode & S_IWOTH == 0 || status.st_mode & S_ISVTX != 0 else {
      throw SocketError(.directoryUnsafe, path: directory)
    }
  }

  private static func lock(_ lockPath: String, for path: String) throws(SocketError) -> Int32 {
    // An owner that is just leaving unlinks the file: then the one we opened is no longer the one at the path.
    for _ in 0..<16 {
      let lock = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard lock >= 0 else { throw SocketError(.system(call: "open", errno: errno), path: lockPath) }
      guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
        let error = errno
        close(lock)
        throw SocketError(error == EWOULDBLOCK ? .inUse : .system(call: "flock", errno: error), path: path)
      }
      if let held = FileIdentity(descriptor: lock), held == FileIdentity(lockPath) { return lock }
      close(lock)
    }
    throw SocketError(.inUse, path: path)
  }

  private static func removeStaleSocket(_ path: String) throws(SocketError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw SocketError(.system(call: "lstat", errno: errno), path: path) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw SocketError(.notASocket, path: path) }
    // Nobody holds the lock, but a program that knows nothing of it may still listen.
    guard UnixSocket.isStale(path) else { throw SocketError(.inUse, path: path) }
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw SocketError(.system(call: "unlink", errno: errno), path: path)
    }
  }
}

/// Which file a path or a descriptor stands for at the moment.
private struct FileIdentity: Equatable {
  let device: dev_t
  let inode: ino_t

  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    (device, inode) = (status.st_dev, status.st_ino)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    (device, inode) = (status.st_dev, status.st_ino)
  }
}
