import Glibc

/// Asks for one line on the terminal.
@MainActor enum Question {
  /// Bytes of an answer: a long narrative, typed in one line.
  static let byteCountMax = 80_000

  /// The answer without white space at its ends. Throws `interrupted` for Ctrl-C and Ctrl-D, `IdleTooLong` where
  /// nothing was typed for so long.
  static func line(_ question: String, idleSeconds: Int?) throws -> String {
    Terminal.write(question)
    var bytes: [UInt8] = []
    while true {
      switch KeyPress.next(idleSeconds: idleSeconds) {
      case .byte(UInt8(ascii: "\n")): return trimmed(String(decoding: bytes, as: UTF8.self))
      case .byte(let byte):
        if bytes.count < byteCountMax { bytes.append(byte) }
      case .end, .interrupted:
        Terminal.write("\n")
        throw Failure.interrupted
      case .idle: throw IdleTooLong()
      }
    }
  }

  /// The same, and takes the line off the screen again.
  static func passingLine(_ question: String, idleSeconds: Int?) throws -> String {
    let answer = try line(question, idleSeconds: idleSeconds)
    let rows = max(1, (TextWidth.of(question + answer) + Terminal.size.columns - 1) / Terminal.size.columns)
    Terminal.write("\u{1B}[\(rows)A\r\u{1B}[J")
    return answer
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

/// Nobody typed anything for the time that the prompt waits before it locks.
struct IdleTooLong: Error {}
