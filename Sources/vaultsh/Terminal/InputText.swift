import Glibc

/// Files and standard input, read under a bound.
enum InputText {
  /// Bytes of a record's JSON: what the daemon takes in one request.
  static let documentByteCountMax = 2 << 20

  /// - Parameter path: `-` for standard input.
  static func read(_ path: String, byteCountMax: Int = documentByteCountMax) throws -> [UInt8] {
    guard path != "-" else { return try collect(STDIN_FILENO, "standard input", byteCountMax) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.file("The file cannot be read:", path, .last) }
    defer { close(descriptor) }
    return try collect(descriptor, path, byteCountMax)
  }

  /// All of standard input as one line of text: search terms, a reason.
  static func line(byteCountMax: Int) throws -> String {
    let bytes = try collect(STDIN_FILENO, "standard input", byteCountMax)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.invalid, "What stands on standard input is not UTF-8.")
    }
    let words = text.split { $0.isWhitespace || $0.isNewline }
    return words.joined(separator: " ")
  }

  private static func collect(_ descriptor: Int32, _ name: String, _ byteCountMax: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe block.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { throw Failure.interrupted }
        throw Failure.file("Cannot read", name, .last)
      }
      bytes += block[..<count]
      guard bytes.count <= byteCountMax else {
        throw Failure(.invalid, "There is more than \(byteCountMax) bytes in \(Printable.line(name)).")
      }
    }
  }
}
