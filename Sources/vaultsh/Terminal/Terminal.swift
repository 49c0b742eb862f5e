import Glibc

/// The terminal of the person at it: its size, its keys, and what stays on it.
@MainActor enum Terminal {
  static let fallbackWidth = 80
  static let fallbackHeight = 24

  /// Whether somebody sits there: keys come in and text goes out on terminals.
  static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// Columns and rows of the terminal that standard output or standard error is; 80 × 24 where neither is one.
  static var size: (columns: Int, rows: Int) {
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var window = winsize()
      if unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 {
        return (Int(window.ws_col), Int(window.ws_row))
      }
    }
    return (fallbackWidth, fallbackHeight)
  }

  static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
    write(Array(text.utf8), to: descriptor)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        guard errno == EINTR else { return }
        continue
      }
      rest = rest.dropFirst(count)
    }
  }

  // MARK: The alternate screen: what is shown there leaves with it, and never enters the scrollback.

  private(set) static var isOnAlternateScreen = false

  static func enterAlternateScreen() {
    guard !isOnAlternateScreen else { return }
    isOnAlternateScreen = true
    write("\u{1B}[?1049h\u{1B}[H\u{1B}[2J")
  }

  /// Clears it first: some terminals keep the alternate screen's content.
  static func leaveAlternateScreen() {
    guard isOnAlternateScreen else { return }
    isOnAlternateScreen = false
    write("\u{1B}[H\u{1B}[2J\u{1B}[?1049l")
  }

  static func clear() { write("\u{1B}[H\u{1B}[2J\u{1B}[3J") }
}

/// One byte from the keyboard, or why there is none.
enum KeyPress: Equatable {
  case byte(UInt8)
  case end
  case interrupted
  /// Nothing was typed for the time given.
  case idle

  /// Waits up to `idleSeconds`.
  static func next(from descriptor: Int32 = STDIN_FILENO, idleSeconds: Int?) -> KeyPress {
    var watched = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      // A negative descriptor is passed over.
      pollfd(fd: Interrupt.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let ready = unsafe poll(&watched, 2, idleSeconds.map { Int32(clamping: $0 * 1000) } ?? -1)
    if ready == 0 { return .idle }
    if ready < 0 { return errno == EINTR ? .interrupted : .end }
    if watched[1].revents != 0 {
      Interrupt.clear()
      return .interrupted
    }
    var byte: UInt8 = 0
    let count = unsafe read(descriptor, &byte, 1)
    if count == 1 { return .byte(byte) }
    return count < 0 && errno == EINTR ? .interrupted : .end
  }
}

/// Settings of a terminal line, put back when `body` is done.
enum TerminalMode {
  /// Keys one by one, without echo; Ctrl-C still interrupts.
  static func withKeys<R>(_ descriptor: Int32 = STDIN_FILENO, _ body: () throws -> R) rethrows -> R {
    try with(descriptor, clearing: tcflag_t(ICANON) | tcflag_t(ECHO), body)
  }

  /// Whole lines, without echo: for secrets.
  static func withoutEcho<R>(_ descriptor: Int32, _ body: () throws -> R) rethrows -> R {
    try with(descriptor, clearing: tcflag_t(ECHO), body)
  }

  private static func with<R>(_ descriptor: Int32, clearing flags: tcflag_t, _ body: () throws -> R) rethrows -> R {
    var before = termios()
    guard unsafe tcgetattr(descriptor, &before) == 0 else { return try body() }
    var changed = before
    changed.c_lflag &= ~flags
    _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &changed)
    defer { _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &before) }
    return try body()
  }
}
