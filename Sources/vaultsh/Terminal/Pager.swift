import Glibc

/// Shows a sheet a screen at a time on the alternate screen, and takes it away again.
@MainActor enum Pager {
  private static let keys = "q back · space next · b previous · j/k line"

  /// - Parameter idleSeconds: throws `IdleTooLong` when no key was pressed for so long.
  static func show(_ sheet: Sheet, isDemo: Bool, idleSeconds: Int?) throws {
    let wasOn = Terminal.isOnAlternateScreen
    Terminal.enterAlternateScreen()
    defer { if wasOn { Terminal.clear() } else { Terminal.leaveAlternateScreen() } }
    try TerminalMode.withKeys { try page(sheet, isDemo: isDemo, idleSeconds: idleSeconds) }
  }

  private static func page(_ sheet: Sheet, isDemo: Bool, idleSeconds: Int?) throws {
    var first = 0
    while true {
      let height = max(1, Terminal.size.rows - 1)
      let lastFirst = max(0, sheet.lines.count - height)
      first = min(max(0, first), lastFirst)
      draw(sheet, from: first, height: height, isDemo: isDemo)
      switch KeyPress.next(idleSeconds: idleSeconds) {
      case .byte(UInt8(ascii: "q")), .byte(4), .end: return
      case .byte(UInt8(ascii: "\n")), .byte(UInt8(ascii: "j")): first += 1
      case .byte(UInt8(ascii: "k")): first -= 1
      case .byte(UInt8(ascii: " ")), .byte(UInt8(ascii: "f")):
        // On the last page, one more space leaves, as in other pagers.
        if first == lastFirst { return }
        first += height
      case .byte(UInt8(ascii: "b")): first -= height
      case .byte(UInt8(ascii: "g")): first = 0
      case .byte(UInt8(ascii: "G")): first = lastFirst
      case .byte(0x1B): first += arrow(height)
      case .byte: continue
      case .interrupted: return
      case .idle: throw IdleTooLong()
      }
    }
  }

  /// The rest of an escape sequence: arrows and page keys.
  private static func arrow(_ height: Int) -> Int {
    guard case .byte(UInt8(ascii: "[")) = KeyPress.next(idleSeconds: 0),
      case .byte(let key) = KeyPress.next(idleSeconds: 0)
    else { return 0 }
    switch key {
    case UInt8(ascii: "A"): return -1
    case UInt8(ascii: "B"): return 1
    case UInt8(ascii: "5"), UInt8(ascii: "6"):
      _ = KeyPress.next(idleSeconds: 0)
      return key == UInt8(ascii: "5") ? -height : height
    default: return 0
    }
  }

  private static func draw(_ sheet: Sheet, from first: Int, height: Int, isDemo: Bool) {
    let end = min(sheet.lines.count, first + height)
    var text = "\u{1B}[H\u{1B}[2J"
    for line in sheet.lines[first..<end] { text += line + "\r\n" }
    let place = sheet.lines.count <= height ? "all" : "\(end) of \(sheet.lines.count)"
    let demo = isDemo ? sheet.style(.notice, " DEMO ") + " " : ""
    let room = Terminal.size.columns - 1 - (isDemo ? 7 : 0)
    text += "\u{1B}[\(height + 1);1H" + demo + sheet.style(.dim, TextWidth.clipped("\(place) · \(keys)", to: room))
    Terminal.write(text)
  }
}
