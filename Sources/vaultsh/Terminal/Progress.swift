import Glibc

/// A bar on standard error, while long work goes on; nothing where that is no terminal.
@MainActor final class Progress {
  private static let barWidth = 24

  private let label: String
  private let total: UInt64
  private let isOn: Bool
  private var shownPercent: UInt64?

  init(_ label: String, total: UInt64, isOn: Bool) {
    self.label = label
    self.total = total
    self.isOn = isOn && total > 0 && isatty(STDERR_FILENO) == 1
  }

  /// - Parameter note: what else there is to say, such as the number of rows.
  func update(_ done: UInt64, note: String = "") {
    guard isOn else { return }
    let percent = min(100, done * 100 / total)
    guard percent != shownPercent else { return }
    shownPercent = percent
    let filled = Int(percent) * Self.barWidth / 100
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
    Terminal.write("\r\(label) \(bar) \(percent)% \(note)\u{1B}[K", to: STDERR_FILENO)
  }

  /// Takes the bar off the screen.
  func end() {
    guard isOn, shownPercent != nil else { return }
    Terminal.write("\r\u{1B}[K", to: STDERR_FILENO)
  }
}
