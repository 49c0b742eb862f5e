import Testing

@testable import AccessLog

@Suite("Colours of a report") struct ReportPaletteTests {
  /// WCAG 2.2, success criterion 1.4.3: text of ordinary size.
  private static let ratioMin = 4.5
  /// 1.4.11: what is no text but has to be seen.
  private static let shapeRatioMin = 3.0

  @Test func `the ratio is the one that WCAG defines`() {
    #expect(abs(ratio(.init(0x000000), .init(0xffffff)) - 21) < 0.001)
    #expect(abs(ratio(.init(0x777777), .init(0xffffff)) - 4.478) < 0.001)
    #expect(ratio(.init(0x336699), .init(0x336699)) == 1)
  }

  @Test(arguments: [("light", ReportPalette.light), ("dark", ReportPalette.dark)])
  func `every text can be read on its surface`(name: String, palette: ReportPalette) {
    for surface in [palette.page, palette.panel] {
      for text in [palette.ink, palette.quiet, palette.link, palette.alarm, palette.good] {
        #expect(ratio(text, surface) >= Self.ratioMin, "\(name): \(text.text) on \(surface.text)")
      }
    }
    for shade in palette.heat + [palette.notice] {
      #expect(ratio(shade.ink, shade.surface) >= Self.ratioMin, "\(name): \(shade.ink.text) on \(shade.surface.text)")
    }
    // The dot and the line of a habit lie on its bar.
    for shape in [palette.link, palette.alarm, palette.ink] {
      #expect(ratio(shape, palette.line) >= Self.shapeRatioMin, "\(name): \(shape.text) on \(palette.line.text)")
    }
  }

  @Test(arguments: [ReportPalette.light, ReportPalette.dark])
  func `the steps of heat go one way, and each can be told from the one before`(palette: ReportPalette) {
    let steps = palette.heat.map { luminance($0.surface) }
    let isRising = luminance(palette.page) < 0.5
    for (step, next) in zip(steps, steps.dropFirst()) {
      #expect(isRising ? next > step : next < step)
      #expect((max(step, next) + 0.05) / (min(step, next) + 0.05) >= 1.25)
    }
  }

  @Test func `the style sheet uses no colour of its own`() {
    let rules = ReportStyle.standard.text.split(separator: "}").filter { !$0.contains("color-scheme") }
    #expect(!rules.isEmpty)
    #expect(rules.allSatisfy { rule in !rule.contains("#") })
    #expect(!ReportStyle.standard.text.contains("<"))
  }

  private func ratio(_ first: ReportPalette.Colour, _ second: ReportPalette.Colour) -> Double {
    let (one, other) = (luminance(first), luminance(second))
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
  }

  private func luminance(_ colour: ReportPalette.Colour) -> Double {
    let channels = [16, 8, 0].map { shift -> Double in
      let share = Double(colour.value >> UInt32(shift) & 0xff) / 255
      return share <= 0.04045 ? share / 12.92 : raised((share + 0.055) / 1.055)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  /// To the power of 2.4, which is the fifth root of the twelfth power, by Newton's rule.
  private func raised(_ base: Double) -> Double {
    let target = (0..<12).reduce(1.0) { product, _ in product * base }
    var root = 1.0
    for _ in 0..<100 { root -= (root * root * root * root * root - target) / (5 * root * root * root * root) }
    return root
  }
}
