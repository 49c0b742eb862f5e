import VaultCrypto

/// One page for an auditor, in the order in which they need it: what is unusual, when and by whom was read, and whether
/// the log it rests on is whole.
struct ReportPage {
  let report: ReviewReport
  var figures: ReviewFigures { report.figures }
  var clock: LocalClock { report.figures.clock }

  init(_ report: ReviewReport) { self.report = report }

  private enum Place {
    static let unusual = Markup.Anchor("unusual")
    static let times = Markup.Anchor("when")
    static let people = Markup.Anchor("people")
    static let records = Markup.Anchor("records")
    static let actions = Markup.Anchor("actions")
    static let log = Markup.Anchor("log")
  }

  func bytes() -> [UInt8] {
    var page = Markup()
    page.element(.html, .lang("en")) { page in
      page.element(.head, content: head)
      page.element(.body) { page in
        page.element(.header, content: header)
        page.element(.main) { page in
          section(&page, Place.unusual, "Unusual first", unusual)
          section(&page, Place.times, "When records were read", times)
          section(&page, Place.people, "Accounts", accounts)
          section(&page, Place.records, "Records by readers", records)
          section(&page, Place.actions, "What was done, and why", actions)
          section(&page, Place.log, "The log, and how far review has come", log)
        }
        page.element(.footer, content: footer)
      }
    }
    return page.bytes
  }

  private func head(_ page: inout Markup) {
    page.leaf(.meta, .charset)
    let hash = Base64.encode(SHA256.hash(Array(ReportStyle.standard.text.utf8)))
    // Nothing is fetched, nothing runs, and no other style than ours applies, whatever the page should come to hold.
    page.leaf(
      .meta,
      .httpEquiv(
        "Content-Security-Policy",
        content: "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'"))
    page.leaf(.meta, .name("viewport", content: "width=device-width, initial-scale=1"))
    page.leaf(.meta, .name("color-scheme", content: "light dark"))
    page.leaf(.meta, .name("referrer", content: "no-referrer"))
    page.leaf(.meta, .name("robots", content: "noindex"))
    page.element(.title, text: "Review of the access log, \(periodText)")
    page.style(.standard)
  }

  // MARK: Head of the page

  private func header(_ page: inout Markup) {
    if report.isDemo {
      page.element(
        .p, .style("notice"), text: "DEMO: the keys of this vault are published. Nothing here is about a real person.")
    }
    if case .broken(let words) = report.log.verification {
      page.element(.p, .style("notice")) { page in
        page.text(
          "THE LOG DOES NOT VERIFY. \(words) Nothing below can be relied on; keep this page and the log as "
            + "they are.")
      }
    }
    page.element(.h1, text: "Review of the access log")
    page.element(.p) { page in
      page.element(.strong, text: periodText)
      page.text(" (times in \(clock.zone))")
    }
    page.element(.p, .style("quiet")) { page in
      page.text("Made \(clock.text(report.made)) by ")
      page.foreign(report.author)
      page.text(", from the access log of vault ")
      page.element(.code) { $0.foreign(String(report.vault.prefix(16))) }
      page.text(".")
    }
    facts(&page)
    page.element(.nav, .label("Contents")) { page in
      page.element(.ul) { page in
        for (place, title) in [
          (Place.unusual, "Unusual first"), (Place.times, "When"), (Place.people, "Accounts"),
          (Place.records, "Records"), (Place.actions, "What and why"), (Place.log, "Log and review"),
        ] {
          page.element(.li) { $0.element(.a, .link(place), text: title) }
        }
      }
    }
  }

  private func facts(_ page: inout Markup) {
    page.element(.dl, .style("facts")) { page in
      fact(&page, "Unusual", Words.number(figures.unusual.count), figures.unusual.isEmpty ? "nothing stands out" : "")
      fact(&page, "Accounts active", Words.number(figures.peopleCount), "")
      fact(
        &page, "Records opened", Words.number(figures.recordCount),
        Words.count(figures.readings, "reading"))
      fact(&page, "Entries", Words.number(figures.entryCount), indexText)
      switch report.log.verification {
      case .whole: fact(&page, "Log", "whole", Words.count(report.log.size, "entry", "entries"))
      case .broken: fact(&page, "Log", "DOES NOT VERIFY", "", isAlarm: true)
      }
      let open = report.unreviewedInPeriod
      fact(
        &page, "Not signed off", Words.number(open),
        figures.entryCount == 0 ? "nothing to review" : open == 0 ? "all of it is reviewed" : "of this period")
    }
  }

  private func fact(_ page: inout Markup, _ name: String, _ value: String, _ more: String, isAlarm: Bool = false) {
    page.element(.div) { page in
      page.element(.dt, text: name)
      page.element(.dd) { page in
        if isAlarm { page.element(.span, .style("alarm"), text: value) } else { page.text(value) }
        if !more.isEmpty { page.element(.span, .style("more"), text: more) }
      }
    }
  }

  private var indexText: String {
    figures.indexes.map { "numbers \($0.lowerBound) to \($0.upperBound)" } ?? "none in this period"
  }

  /// The end is exclusive; a period without one ends when the page was made.
  private var periodText: String {
    let end = min(figures.period.upperBound, report.made)
    return "\(clock.text(figures.period.lowerBound)) to \(clock.text(max(end, figures.period.lowerBound)))"
  }

  private func footer(_ page: inout Markup) {
    page.element(.h2, text: "How to read this page")
    page.element(
      .p,
      text: "An unusual item is a question, not an accusation. Each rule compares a figure with what is usual: the "
        + "account's own earlier days, or colleagues in the same time; its mark is what the figure had to exceed. The "
        + "figures stand beside it, so that the comparison can be repeated. All rules with their marks stand in "
        + "docs/unusual-reading.md of the vault's software.")
    page.element(
      .p,
      text: "A reading is one opening of one record. Off-hours are outside \(figures.hours.text), in \(clock.zone). "
        + "Outside assignment means that the account was neither the owner of the record nor on its team. Record ids "
        + "are pseudonymous; reasons and search terms stay in the vault, where they can be erased, and are read there "
        + "with vaultsh log.")
    page.element(
      .p,
      text: "The page needs no network and no script. It says who works with whom: keep it as carefully as the log.")
  }

  // MARK: Parts

  private func section(
    _ page: inout Markup, _ place: Markup.Anchor, _ title: String, _ content: (inout Markup) -> Void
  ) {
    let heading = place.heading
    page.element(.section, .labelledBy(heading), .id(place)) { page in
      page.element(.h2, .id(heading), text: title)
      content(&page)
    }
  }
}

/// Figures in words.
enum Words {
  /// With thin spaces between thousands.
  static func number<Number: FixedWidthInteger>(_ value: Number) -> String {
    let digits = Array(String(value))
    guard digits.count > 4 else { return String(digits) }
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0, digits[place - 1] != "-" { text.append("\u{202F}") }
      text.append(digit)
    }
    return text
  }

  static func count<Number: FixedWidthInteger>(_ value: Number, _ one: String, _ many: String? = nil) -> String {
    value == 1 ? "1 \(one)" : "\(number(value)) \(many ?? one + "s")"
  }

  /// `1042–1081, 1090 and 3 more`: runs of indexes, at most `runCountMax`.
  static func indexes(_ indexes: [UInt64], of total: Int) -> String {
    var runs: [ClosedRange<UInt64>] = []
    var shown = 0
    for index in indexes {
      if let last = runs.last, last.upperBound < .max, index == last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...index
      } else {
        guard runs.count < runCountMax else { break }
        runs.append(index...index)
      }
      shown += 1
    }
    let text = runs.map { $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
      .joined(separator: ", ")
    return total > shown ? text + " and \(number(total - shown)) more" : text
  }

  /// One line on paper, or a few on a phone.
  private static let runCountMax = 8
}
