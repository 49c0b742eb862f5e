import Glibc

/// An `errno` of the operating system, and its words.
struct SystemError: Error, Sendable {
  let code: Int32

  init(_ code: Int32) { self.code = code }

  /// Of the call that has just failed.
  static var last: SystemError { SystemError(errno) }

  var words: String {
    switch code {
    case ENOENT: "there is no such file"
    case EACCES, EPERM: "you may not open it"
    case EISDIR: "it is a directory"
    case EEXIST: "it exists already"
    case ENOTDIR, ELOOP: "part of the path is not a directory, or is a link"
    case EFBIG: "it is too large"
    case ENOSPC: "there is no room left"
    case EROFS: "the file system is read-only"
    default: "the system says error \(code)"
    }
  }
}
