extension ReportPage {
  /// Weeks of the calendar: a year, with both of its ends.
  static let weekCountMax = 54

  func times(_ page: inout Markup) {
    guard figures.readings > 0 else {
      page.element(.p, text: "No record was read in this period.")
      return
    }
    hours(&page)
    calendar(&page)
  }

  private func hours(_ page: inout Markup) {
    let most = figures.readingsByHour.flatMap { $0 }.max() ?? 0
    page.element(.table, .style("heat")) { page in
      self.caption(
        &page, nil,
        "Readings by hour and weekday, in \(clock.zone); the colour goes in five steps up to \(Words.number(most)). "
          + "Framed are off-hours, outside \(figures.hours.text).")
      page.element(.thead) { page in
        page.element(.tr) { page in
          page.element(.th, .scope(.col), text: "Hour")
          for name in LocalDay.weekdayNames { weekday(&page, name) }
        }
      }
      page.element(.tbody) { page in
        for hour in 0..<24 {
          page.element(.tr) { page in
            page.element(.th, .scope(.row), text: LocalClock.text(minute: hour * 60))
            for weekday in 0..<7 {
              let count = figures.readingsByHour[weekday][hour]
              let isOff = !figures.hours.contains(weekday: weekday, hour: hour)
              page.element(.td, .style(Self.shade(count, most: most, isOff: isOff)), text: Words.number(count))
            }
          }
        }
      }
    }
  }

  private func calendar(_ page: inout Markup) {
    let counts = Dictionary(figures.readingsByDay.map { ($0.day, $0.readings) }) { $0 + $1 }
    guard let first = figures.readingsByDay.first?.day, let last = figures.readingsByDay.last?.day else { return }
    let firstMonday = Int(first.number) - first.weekday
    let weeks = (Int(last.number) - firstMonday) / 7 + 1
    // Where there are too many, the latest.
    let start = firstMonday + max(0, weeks - Self.weekCountMax) * 7
    let most = counts.values.max() ?? 0
    let cut = weeks > Self.weekCountMax ? " Only the last \(Self.weekCountMax) weeks." : ""
    page.element(.table, .style("heat days")) { page in
      self.caption(
        &page, nil,
        "Readings by day, week for week; the row names its Monday, small figures the day of the "
          + "month.\(cut)")
      page.element(.thead) { page in
        page.element(.tr) { page in
          page.element(.th, .scope(.col), text: "Week")
          for name in LocalDay.weekdayNames { weekday(&page, name) }
        }
      }
      page.element(.tbody) { page in
        for week in 0..<min(weeks, Self.weekCountMax) {
          let monday = LocalDay(number: Int32(clamping: start + week * 7))
          page.element(.tr) { page in
            page.element(.th, .scope(.row)) { page in
              page.element(.span, .style("long"), text: monday.description)
              page.element(.span, .style("short"), text: String(monday.description.suffix(5)))
            }
            for weekday in 0..<7 {
              day(&page, LocalDay(number: Int32(clamping: start + week * 7 + weekday)), counts, most)
            }
          }
        }
      }
    }
  }

  private func day(_ page: inout Markup, _ day: LocalDay, _ counts: [LocalDay: Int], _ most: Int) {
    guard days.contains(day) else {
      page.element(.td) { _ in }
      return
    }
    let count = counts[day] ?? 0
    let isOff = figures.hours.restDays.contains(day.weekday)
    page.element(.td, .style(Self.shade(count, most: most, isOff: isOff))) { page in
      page.element(.small, text: String(day.dayOfMonth))
      page.text(Words.number(count))
    }
  }

  private func weekday(_ page: inout Markup, _ name: String) {
    page.element(.th, .scope(.col)) { page in
      page.element(.span, .style("long"), text: name)
      page.element(.span, .style("short"), text: String(name.prefix(2)))
    }
  }

  /// Days that lie in the period, at least in part.
  private var days: ClosedRange<LocalDay> {
    let first = clock.minute(figures.period.lowerBound).day
    // The end is exclusive.
    let end = min(figures.period.upperBound, report.made)
    let last = clock.minute(end > .min ? end - 1 : end).day
    return first...max(first, last)
  }

  /// Five equal steps up to the most.
  static func level(_ count: Int, most: Int) -> Int {
    guard count > 0, most > 0 else { return 0 }
    return min(5, Int((5 * Double(count) / Double(most)).rounded(.up)))
  }

  private static func shade(_ count: Int, most: Int, isOff: Bool) -> StaticString {
    let inHours: [StaticString] = ["zero", "h1", "h2", "h3", "h4", "h5"]
    let offHours: [StaticString] = ["zero off", "h1 off", "h2 off", "h3 off", "h4 off", "h5 off"]
    return (isOff ? offHours : inHours)[level(count, most: most)]
  }
}
