extension ReportPage {
  /// Rows of the table of accounts: an organisation that has outgrown one page reads the figures as JSON.
  static let accountCountMax = 500

  var roles: [ReviewSubject: String?] {
    Dictionary(figures.accounts.map { ($0.subject, $0.role) }) { first, _ in first }
  }

  func accounts(_ page: inout Markup) {
    guard !figures.accounts.isEmpty else {
      page.element(.p, text: "Nobody read, searched or was turned away in this period.")
      return
    }
    let places = Dictionary(
      figures.unusual.prefix(Self.itemCountMax).enumerated().map { ($0.element.subject, $0.offset) }
    ) { first, _ in first }
    let scale = figures.accounts.map { max($0.habit?.limit ?? 0, Double($0.fullestDayRecords)) }.max() ?? 0
    let caption = Markup.Anchor("accounts-table")
    page.element(.div, .style("scroll"), .scrolledGroup, .labelledBy(caption)) { page in
      page.element(.table) { page in
        self.caption(
          &page, caption,
          "Accounts by different records opened. The habit is that of the account itself: what it usually opens on a "
            + "day on which it opens anything, and the limit above which a day would be far from it; earlier weeks "
            + "count too. In the picture the bar ends at the limit, the line is the usual day, the dot the day with "
            + "the most.")
        page.element(.thead) { page in
          page.element(.tr) { page in
            page.element(.th, .scope(.col), .style("first"), text: "Account")
            heading(&page, "Records", .number)
            heading(&page, "Readings", .number)
            heading(&page, "Active days", .number)
            heading(&page, "Usual a day", .number)
            heading(&page, "Limit a day", .number)
            heading(&page, "Most on a day", .number)
            heading(&page, "That day")
            heading(&page, "Habit")
            heading(&page, "Outside assignment", .number)
            heading(&page, "Off-hours", .number)
            heading(&page, "Searches", .number)
            heading(&page, "Denials", .number)
          }
        }
        page.element(.tbody) { page in
          for account in figures.accounts.prefix(Self.accountCountMax) {
            page.element(.tr) { row(&$0, account, place: places[account.subject], scale: scale) }
          }
        }
      }
    }
    let hidden = figures.accounts.count - Self.accountCountMax
    if hidden > 0 { page.element(.p, text: "\(Words.count(hidden, "more account")) with fewer records.") }
  }

  private func row(_ page: inout Markup, _ account: ReviewFigures.Account, place: Int?, scale: Double) {
    page.element(.th, .scope(.row), .style("first who")) { page in
      if case .account = account.subject { page.foreign(account.subject.text) } else { page.text(account.subject.text) }
      if let role = account.role {
        page.text(" ")
        page.element(.span, .style("quiet")) { $0.foreign(role) }
      }
      if let place {
        page.text(" ")
        page.element(.a, .link(Self.anchor(place)), text: "see item \(place + 1)")
      }
    }
    number(&page, account.records)
    number(&page, account.readings)
    number(&page, account.activeDays)
    page.element(.td, .style("n"), text: account.habit.map { ReviewNumber.text($0.median) } ?? "–")
    page.element(.td, .style("n"), text: account.habit.map { ReviewNumber.text($0.limit) } ?? "–")
    page.element(.td, .style("n"), text: account.fullestDay == nil ? "–" : Words.number(account.fullestDayRecords))
    page.element(.td, .style("w"), text: account.fullestDay?.description ?? "–")
    page.element(.td) { page in
      if let habit = account.habit { picture(&page, habit, fullest: account.fullestDayRecords, scale: scale) }
    }
    number(&page, account.recordsOutside)
    number(&page, account.offHoursRecords)
    number(&page, account.searches)
    number(&page, account.denials)
  }

  private func picture(_ page: inout Markup, _ habit: Habit, fullest: Int, scale: Double) {
    let (width, height) = (110, 18)
    // The dot stays within the picture at both ends.
    let unit = (Double(width) - 10) / max(scale, 1)
    func x(_ value: Double) -> Double { 5 + min(value, scale) * unit }
    page.element(.svg, .size(width: width, height: height), .decoration) { page in
      page.leaf(
        .rect, .style("range"), .number("x", x(0)), .number("y", 6), .number("width", max(1, x(habit.limit) - x(0))),
        .number("height", 6))
      page.leaf(
        .line, .style("tick"), .number("x1", x(habit.median)), .number("x2", x(habit.median)), .number("y1", 3),
        .number("y2", 15))
      guard fullest > 0 else { return }
      let isFar = Double(fullest) > habit.limit
      page.leaf(
        .circle, .style(isFar ? "dot far" : "dot"), .number("cx", x(Double(fullest))), .number("cy", 9), .number("r", 4)
      )
    }
  }

  func records(_ page: inout Markup) {
    guard !figures.records.isEmpty else {
      page.element(.p, text: "No record was read in this period.")
      return
    }
    let caption = Markup.Anchor("records-table")
    page.element(.div, .style("scroll"), .scrolledGroup, .labelledBy(caption)) { page in
      page.element(.table) { page in
        let isCut = figures.recordCount > figures.records.count
        self.caption(
          &page, caption,
          (isCut
            ? "The \(figures.records.count) records with the most readers, of \(Words.number(figures.recordCount))"
            : "Records with the most readers first") + "; the account that opened it most often is named first.")
        page.element(.thead) { page in
          page.element(.tr) { page in
            page.element(.th, .scope(.col), .style("first"), text: "Record")
            heading(&page, "Readers", .number)
            heading(&page, "Readings", .number)
            heading(&page, "Outside assignment", .number)
            heading(&page, "Who")
          }
        }
        page.element(.tbody) { page in
          for record in figures.records {
            page.element(.tr) { page in
              page.element(.th, .scope(.row), .style("first w code")) { $0.foreign(record.id) }
              number(&page, record.readerCount)
              number(&page, record.readings)
              number(&page, record.readingsOutside)
              page.element(.td, .style("names")) { readers(&$0, record) }
            }
          }
        }
      }
    }
  }

  private func readers(_ page: inout Markup, _ record: ReviewFigures.Record) {
    for (place, name) in record.readers.enumerated() {
      if place > 0 { page.text(", ") }
      page.foreign(name)
    }
    let hidden = record.readerCount - record.readers.count
    if hidden > 0 { page.text(" and \(Words.number(hidden)) more") }
  }

  // MARK: Cells

  /// Within the view where the table is wider.
  func caption(_ page: inout Markup, _ place: Markup.Anchor?, _ text: String) {
    page.element(.caption) { page in
      if let place {
        page.element(.span, .style("said"), .id(place), text: text)
      } else {
        page.element(.span, .style("said"), text: text)
      }
    }
  }

  enum Alignment { case text, number }

  func heading(_ page: inout Markup, _ title: String, _ alignment: Alignment = .text) {
    switch alignment {
    case .text: page.element(.th, .scope(.col), text: title)
    case .number: page.element(.th, .scope(.col), .style("h"), text: title)
    }
  }

  func number(_ page: inout Markup, _ value: Int) { page.element(.td, .style("n"), text: Words.number(value)) }
}
