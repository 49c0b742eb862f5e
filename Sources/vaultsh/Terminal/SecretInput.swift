import Glibc
import VaultAPI

/// Reads passphrases, one-time codes and key files into bytes that are wiped, and never into a string.
enum SecretInput {
  /// As much as the wire takes of one secret, and more than any passphrase or key file has.
  static let byteCountMax = 4096

  /// Asks on the terminal itself, whatever standard input is, without echo.
  static func ask(_ question: String) throws -> WipedBytes {
    let descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else {
      throw Failure(
        .loginNeeded, "A secret has to be typed, and there is no terminal to ask on.",
        hint: "Give --passphrase-file or --key-file, or log in on a terminal first.")
    }
    defer { close(descriptor) }
    write(question + " ", to: descriptor)
    defer { write("\n", to: descriptor) }
    return try Interrupt.noticed {
      try TerminalMode.withoutEcho(descriptor) { try line(of: descriptor) { Failure.interrupted } }
    }
  }

  /// The first line of a file.
  static func firstLine(of path: String) throws -> WipedBytes {
    let descriptor = try openSecretFile(path)
    defer { close(descriptor) }
    return try line(of: descriptor) { Failure(.failed, "The file is empty: \(Printable.line(path)).") }
  }

  /// A line of standard input, read byte by byte so that what follows stays for others.
  static func standardInputLine() throws -> WipedBytes {
    try line(of: STDIN_FILENO) { Failure(.failed, "Standard input ended before the secret.") }
  }

  /// A whole file without the white space at its end.
  static func file(_ path: String) throws -> WipedBytes {
    let descriptor = try openSecretFile(path)
    defer { close(descriptor) }
    return try collect(
      descriptor, until: { _ in false }, orThrow: { Failure(.failed, "The file is empty: \(Printable.line(path)).") })
  }

  private static func openSecretFile(_ path: String) throws -> Int32 {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.file("The file cannot be read:", path, .last) }
    var status = stat()
    if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_mode & (S_IRGRP | S_IROTH) != 0, isatty(STDERR_FILENO) == 1
    {
      write("warning: others on this machine can read \(Printable.line(path)): chmod 600 it\n", to: STDERR_FILENO)
    }
    return descriptor
  }

  private static func line(of descriptor: Int32, orThrow empty: () -> Failure) throws -> WipedBytes {
    try collect(descriptor, until: { $0 == UInt8(ascii: "\n") }, orThrow: empty)
  }

  private static func collect(
    _ descriptor: Int32, until isEnd: (UInt8) -> Bool, orThrow empty: () -> Failure
  ) throws -> WipedBytes {
    var bytes: [UInt8] = []
    // A buffer that never grows leaves no copies behind.
    bytes.reserveCapacity(byteCountMax)
    defer { WipedBytes.wipe(&bytes) }
    var byte: UInt8 = 0
    let isTerminal = isatty(descriptor) == 1
    while true {
      if isTerminal { try waitForInput(descriptor) }
      let count = unsafe read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, !isEnd(byte) else { break }
      guard bytes.count < byteCountMax else {
        throw Failure(.invalid, "The secret is longer than \(byteCountMax) bytes.")
      }
      bytes.append(byte)
    }
    while let last = bytes.last, [0x20, 0x0A, 0x0D, 0x09].contains(last) { bytes.removeLast() }
    guard !bytes.isEmpty else { throw empty() }
    return WipedBytes(taking: &bytes)
  }

  /// A terminal may be left with Ctrl-C instead.
  private static func waitForInput(_ descriptor: Int32) throws {
    var watched = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: Interrupt.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while unsafe poll(&watched, 2, -1) < 0, errno == EINTR {}
    guard watched[1].revents != 0 else { return }
    Interrupt.clear()
    throw Failure.interrupted
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }
}
