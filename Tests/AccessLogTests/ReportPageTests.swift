import Testing
import VaultCrypto

@testable import AccessLog

@Suite("The page of a report") struct ReportPageTests {
  // MARK: Structure

  @Test(arguments: SampleReport.allCases)
  func `it is well-formed, and needs nothing from outside`(sample: SampleReport) throws {
    let bytes = sample.report.html()
    let page = try ReadMarkup(bytes)
    let names = Set(page.elements.map(\.name))
    #expect(names.isDisjoint(with: ["script", "link", "img", "iframe", "object", "embed", "form", "input", "base"]))
    for element in page.elements {
      for (name, value) in element.attributes {
        #expect(!name.hasPrefix("on") && name != "style" && name != "src", "\(element.name) \(name)")
        if name == "href" { #expect(value.hasPrefix("#")) }
      }
    }
    #expect(!String(decoding: bytes, as: UTF8.self).contains("url("))
    #expect(!String(decoding: bytes, as: UTF8.self).contains("@import"))
  }

  @Test func `its policy forbids everything but its own style sheet`() throws {
    let page = try ReadMarkup(SampleReport.one.report.html())
    let policy = try #require(
      page.all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?.attributes["content"])
    let sheet = try #require(page.styles.first)
    let hash = Base64.encode(SHA256.hash(Array(sheet.utf8)))
    #expect(
      policy == "default-src &#39;none&#39;; style-src &#39;sha256-\(hash)&#39;; base-uri &#39;none&#39;; "
        + "form-action &#39;none&#39;")
    #expect(page.styles.count == 1)
    // Before anything that it is to hold for.
    let order = page.elements.map(\.name)
    let place = try #require(
      page.elements.firstIndex { $0.attributes["http-equiv"] == "Content-Security-Policy" })
    #expect(place < (order.firstIndex(of: "style") ?? 0))
  }

  @Test(arguments: SampleReport.allCases)
  func `headings are in order, tables have captions, headings have scopes, links have goals`(
    sample: SampleReport
  ) throws {
    let page = try ReadMarkup(sample.report.html())
    #expect(page.all("html").first?.attributes["lang"] == "en")
    #expect(page.all("h1").count == 1 && page.all("main").count == 1)
    var level = 0
    for heading in page.elements where ["h1", "h2", "h3", "h4"].contains(heading.name) {
      let next = Int(String(heading.name.dropFirst())) ?? 0
      #expect(next <= level + 1, "\(heading)")
      level = next
    }
    let tables = page.all("table")
    #expect(page.all("caption").count == tables.count)
    for heading in page.all("th") { #expect(["col", "row"].contains(heading.attributes["scope"])) }
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    let goals = page.elements.compactMap { $0.attributes["href"].map { String($0.dropFirst()) } }
    let labels = page.elements.compactMap { $0.attributes["aria-labelledby"] }
    #expect(Set(goals + labels).isSubset(of: ids))
    for group in page.elements where group.attributes["role"] == "group" {
      #expect(group.attributes["tabindex"] == "0")
      #expect(group.attributes["aria-label"] != nil || group.attributes["aria-labelledby"] != nil)
    }
    for picture in page.all("svg") { #expect(picture.attributes["aria-hidden"] == "true") }
  }

  // MARK: Hostile values

  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "&lt;b&gt;", "]]><!--",
    "\u{202E}lagel\u{2066}", "\u{200F}שרה", "ليلى", "\u{338}e\u{301}\u{302}", "a\u{0}b\u{1B}[2J\u{85}",
    "দিব্যা \u{200D}", "दिव्या", "Ștefănescu", "\u{E000}\u{FEFF}", String(repeating: "x", count: 5_000),
    "e" + String(repeating: "\u{301}", count: 5_000), "", "</style><style>*{display:none}</style>",
  ]

  @Test(arguments: hostile)
  func `no value becomes markup, wherever it stands`(value: String) throws {
    let bytes = SampleReport.report(withEverywhere: value).html()
    let page = try ReadMarkup(bytes)
    let usual = try ReadMarkup(SampleReport.report(withEverywhere: "asha").html())
    // The same elements with the same attributes, in whatever order names sort: the value is text and nothing else.
    func names(_ page: ReadMarkup) -> [String] { page.elements.map(\.name).filter { $0 != "bdi" }.sorted() }
    #expect(names(page) == names(usual))
    #expect(Set(page.elements.flatMap { $0.attributes.keys }) == Set(usual.elements.flatMap { $0.attributes.keys }))
    #expect(page.styles == usual.styles)
    #expect(bytes.count < 300_000)
    for scalar in page.text.unicodeScalars {
      let isHidden = [0x202E, 0x2066, 0x200F, 0xFEFF, 0xE000, 0x85, 0x1B, 0].contains(scalar.value)
      #expect(!isHidden, "U+\(String(scalar.value, radix: 16))")
    }
  }

  @Test func `names of every script are shown as they are, each shut off from its surroundings`() throws {
    for value in ["দিব্যা", "दिव्या", "Ștefănescu", "ليلى"] {
      let page = String(decoding: SampleReport.report(withEverywhere: value).html(), as: UTF8.self)
      #expect(page.contains("<bdi>\(value)</bdi>"))
    }
    let turned = String(decoding: SampleReport.report(withEverywhere: "a\u{202E}b").html(), as: UTF8.self)
    #expect(turned.contains("<bdi>a⟨U+202E⟩b</bdi>"))
    let clinging = String(decoding: SampleReport.report(withEverywhere: "\u{338}b").html(), as: UTF8.self)
    #expect(clinging.contains("<bdi>\u{25CC}\u{338}b</bdi>"))
  }

  @Test func `figures of any size do not stop it`() throws {
    var review = ReadingReview(period: .min..<(.max))
    for time: Int64 in [.min, -1, 0, 86_400_000 * 800, .max - 1] {
      var entry = ReviewedEntry(
        index: .max, time: time, account: "asha", action: "record.read", record: "bab", purpose: "emergency")
      entry.count = .max
      review.add(entry)
      entry.outcome = .denied
      review.add(entry)
    }
    for made in [Int64.min, 0, .max] {
      var report = SampleReport.one.report
      report.figures = review.figures()
      report.made = made
      report.log.size = .max
      report.signOffs = [.init(size: .max, account: "auditor", time: made, remark: nil, isVerified: true)]
      _ = try ReadMarkup(report.html())
      report.signOffs = []
      #expect(report.unreviewedInPeriod == 1)
    }
  }

  @Test func `the page is bounded, however many people, records and sign-offs there are`() throws {
    var review = ReadingReview(period: ReviewMonth.period)
    for number in 0..<40_000 {
      let time = ReviewMonth.start + Int64(number) * 60_000
      review.add(
        ReviewedEntry(
          index: UInt64(number), time: time, account: "person-\(number % 2_000)", action: "record.read",
          record: "record-\(number)", purpose: "emergency", assignment: LogEntry.Assignment.none))
    }
    var report = SampleReport.one.report
    report.figures = review.figures()
    report.signOffs = (0..<10_000).map {
      .init(size: UInt64($0), account: "auditor", time: 0, remark: "quiet", isVerified: true)
    }
    #expect(report.figures.unusual.count == 2_000 && report.figures.accounts.count == 2_000)
    let bytes = report.html()
    #expect(bytes.count < 1_500_000)
    let page = try ReadMarkup(bytes)
    #expect(page.elements.filter { $0.name == "li" && $0.path.last == "ol" }.count == ReportPage.itemCountMax)
    #expect(page.text.contains("1900 weaker items not shown"))
    #expect(page.text.contains("1500 more accounts with fewer records"))
    #expect(page.text.contains("9880 older ones not shown"))
  }

  // MARK: What it says

  @Test func `the browsing officer stands first, with reasons in words and the entries behind them`() throws {
    let report = SampleReport.fifty.report
    let first = try #require(report.figures.unusual.first)
    #expect(first.subject == .account("dipa.2"))
    let text = try ReadMarkup(report.html()).text
    let unusual = try #require(text.range(of: "Unusual first  "))
    let accounts = try #require(text.range(of: "Accounts by different records opened"))
    #expect(unusual.lowerBound < accounts.lowerBound)
    for reason in first.reasons {
      #expect(text.contains(reason.words))
      #expect(reason.sightings.count == min(reason.entryCount, UnusualReason.sightingCountMax))
      #expect(zip(reason.sightings, reason.entries).allSatisfy { $0.index == $1 })
    }
  }

  @Test func `the heat maps hold every reading, as text`() throws {
    let figures = SampleReport.fifty.report.figures
    #expect(figures.readings > 2_000)
    #expect(figures.readingsByDay.reduce(0) { $0 + $1.readings } == figures.readings)
    let page = String(decoding: SampleReport.fifty.report.html(), as: UTF8.self)
    for hour in figures.readingsByHour.flatMap({ $0 }) where hour > 0 { #expect(page.contains(">\(hour)</td>")) }
  }

  @Test func `a log that does not verify is said at the very top`() throws {
    var report = SampleReport.fifty.report
    report.log.verification = .broken("The leaves are not those of the checkpoint.")
    let text = try ReadMarkup(report.html()).text
    let alarm = try #require(text.range(of: "THE LOG DOES NOT VERIFY. The leaves are not those of the checkpoint."))
    let title = try #require(text.range(of: "Review of the access log", range: alarm.upperBound..<text.endIndex))
    #expect(alarm.lowerBound < title.lowerBound)
    #expect(!text.contains("The log is whole."))
  }

  @Test func `review has come as far as the newest sign-off that verifies`() throws {
    var report = SampleReport.fifty.report
    let indexes = try #require(report.figures.indexes)
    #expect(report.reviewed == 12_000)
    #expect(report.unreviewedInPeriod == indexes.upperBound - 11_999)
    report.signOffs.append(.init(size: 5_000, account: "auditor", time: 0, remark: nil, isVerified: false))
    #expect(report.reviewed == 12_000)
    report.signOffs.append(
      .init(size: indexes.upperBound + 1, account: "auditor", time: 0, remark: nil, isVerified: true))
    #expect(report.unreviewedInPeriod == 0)
    #expect(try ReadMarkup(report.html()).text.contains("All entries of this period are among them."))
  }

  @Test(arguments: [([], 0, ""), ([7], 1, "7"), ([1, 2, 3, 9], 4, "1–3, 9"), ([1, 2], 10, "1–2 and 8 more")])
  func `indexes are told as runs`(indexes: [UInt64], total: Int, text: String) {
    #expect(Words.indexes(indexes, of: total) == text)
  }

  @Test(arguments: [(0, 100, 0), (1, 100, 1), (100, 100, 5), (20, 100, 1), (21, 100, 2), (1, 1, 5), (0, 0, 0)])
  func `the colour deepens with the count`(count: Int, most: Int, level: Int) {
    #expect(ReportPage.level(count, most: most) == level)
  }
}
