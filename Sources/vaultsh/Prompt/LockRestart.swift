import Glibc

extension Lock {
  private static let announcement = "VAULTSH_LOCKED"

  /// Replaces this process by a fresh one that asks for the passphrase. Overwriting strings one by one would miss
  /// copies that the runtime made; a new image has none. Comes back only where the system refuses.
  static func restart(_ given: GivenOptions) {
    var words = ["vaultsh"]
    if let socket = given.socket { words += ["--socket", socket] }
    if let account = given.account { words += ["--account", account] }
    _ = unsafe setenv(announcement, "1", 1)
    ProcessImage.replace(arguments: words)
  }

  /// After a restart.
  @MainActor static func announce() {
    guard Environment.value(announcement) != nil else { return }
    _ = unsafe unsetenv(announcement)
    Terminal.write("Locked. The session is closed and this program has forgotten what it showed.\n")
  }
}

/// This program, started again in the same process.
enum ProcessImage {
  /// Descriptors that a shell with an import's connections may have, and to spare.
  private static let descriptorCountMax: Int32 = 1024

  /// Comes back only where the system refuses.
  static func replace(arguments: [String]) {
    // Standard streams stay; connections must not outlive their session.
    for descriptor in 3..<descriptorCountMax { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    _ = unsafe execv("/proc/self/exe", &pointers)
  }
}
