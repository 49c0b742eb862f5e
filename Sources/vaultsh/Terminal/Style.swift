import Glibc

/// Bold, dim and colours, where the terminal shows them and nobody asked to leave them out.
struct Style: Sendable {
  enum Tone: String, Sendable {
    case bold = "1"
    case dim = "2"
    case good = "32"
    case careful = "33"
    case danger = "1;31"
    case heading = "1;36"
    /// White on red: must not be overlooked.
    case alarm = "1;97;41"
    /// Black on yellow.
    case notice = "30;43"
  }

  let isOn: Bool

  /// For what is written to `descriptor`. See no-color.org.
  init(for descriptor: Int32) {
    let noColour = Environment.value("NO_COLOR") ?? ""
    isOn = isatty(descriptor) == 1 && noColour.isEmpty && Environment.value("TERM") != "dumb"
  }

  func callAsFunction(_ tone: Tone, _ text: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
  }
}
