/// Colours of the report, in both themes; the ratios between them are tested.
struct ReportPalette: Sendable {
  /// sRGB, eight bits a channel.
  struct Colour: Hashable, Sendable {
    let value: UInt32

    init(_ value: UInt32) { self.value = value }

    var text: String {
      let digits = String(value, radix: 16)
      return "#" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
  }

  /// A surface and what is written on it.
  struct Shade: Hashable, Sendable {
    let surface: Colour
    let ink: Colour
  }

  let page: Colour
  /// Behind headings of tables and boxes.
  let panel: Colour
  let ink: Colour
  /// What is said beside the point; still text that has to be read.
  let quiet: Colour
  let line: Colour
  let link: Colour
  let alarm: Colour
  let good: Colour
  /// Around the box of something that must not be overlooked.
  let notice: Shade
  /// One hue that only grows darker, or on a dark page lighter: told apart without seeing colours, and on paper.
  let heat: [Shade]

  static let light = ReportPalette(
    page: Colour(0xffffff), panel: Colour(0xf5f3ef), ink: Colour(0x1d1b19), quiet: Colour(0x5a5650),
    line: Colour(0xcfcac2), link: Colour(0x1a568a), alarm: Colour(0xa3201d), good: Colour(0x1d6637),
    notice: Shade(surface: Colour(0xfce8e6), ink: Colour(0x7d1512)),
    heat: [
      Shade(surface: Colour(0xfdeed9), ink: Colour(0x1d1b19)), Shade(surface: Colour(0xf8cf9d), ink: Colour(0x1d1b19)),
      Shade(surface: Colour(0xeba55c), ink: Colour(0x1d1b19)), Shade(surface: Colour(0xad5210), ink: Colour(0xffffff)),
      Shade(surface: Colour(0x732c05), ink: Colour(0xffffff)),
    ])

  static let dark = ReportPalette(
    page: Colour(0x171513), panel: Colour(0x24211e), ink: Colour(0xeceae6), quiet: Colour(0xb3ada4),
    line: Colour(0x4a453f), link: Colour(0x93c4f0), alarm: Colour(0xff9d94), good: Colour(0x86d49c),
    notice: Shade(surface: Colour(0x4a1512), ink: Colour(0xffd9d5)),
    heat: [
      Shade(surface: Colour(0x33261a), ink: Colour(0xeceae6)), Shade(surface: Colour(0x573714), ink: Colour(0xf4f2ee)),
      Shade(surface: Colour(0x81500f), ink: Colour(0xffffff)), Shade(surface: Colour(0xdd9340), ink: Colour(0x171513)),
      Shade(surface: Colour(0xffd29a), ink: Colour(0x171513)),
    ])
}
