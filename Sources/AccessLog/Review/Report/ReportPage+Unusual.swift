extension ReportPage {
  /// Items that are shown: beyond them, a list of everything is no list of the unusual any more.
  static let itemCountMax = 100

  func unusual(_ page: inout Markup) {
    guard !figures.unusual.isEmpty else {
      page.element(
        .p,
        text: figures.entryCount == 0
          ? "There are no entries in this period."
          : "No rule found anything far from what is usual. That is no proof that nothing was wrong: the rules and "
            + "what they do not see stand in docs/unusual-reading.md.")
      return
    }
    page.element(
      .p,
      text: "Strongest first. A question for the person or their supervisor, not an accusation.")
    page.element(.ol, .style("items")) { page in
      for (number, item) in figures.unusual.prefix(Self.itemCountMax).enumerated() {
        page.element(.li, .id(Self.anchor(number))) { self.item(&$0, number, item) }
      }
    }
    let hidden = figures.unusual.count - Self.itemCountMax
    if hidden > 0 {
      page.element(.p, text: "\(Words.count(hidden, "weaker item")) not shown: choose a shorter time.")
    }
  }

  static func anchor(_ number: Int) -> Markup.Anchor { Markup.Anchor("item", number + 1) }

  private func item(_ page: inout Markup, _ number: Int, _ item: UnusualItem) {
    page.element(.h3) { page in
      page.text("\(number + 1). ")
      switch item.subject {
      case .account: page.foreign(item.subject.text)
      case .peer: page.text("Somebody without an account, \(item.subject.text)")
      case .record:
        page.text("Record ")
        page.foreign(item.subject.text)
      }
      if let role = role(of: item.subject) {
        page.element(.span, .style("quiet")) { page in
          page.text(" (")
          page.foreign(role)
          page.text(")")
        }
      }
    }
    let isCrowd = if case .record = item.subject { true } else { false }
    for reason in item.reasons { self.reason(&page, reason, namesReader: isCrowd) }
  }

  private func role(of subject: ReviewSubject) -> String? {
    guard case .account = subject else { return nil }
    return roles[subject] ?? nil
  }

  private func reason(_ page: inout Markup, _ reason: UnusualReason, namesReader: Bool) {
    page.element(.h4, text: reason.rule.title)
    page.element(.p, text: reason.words)
    page.element(.dl, .style("figures")) { page in
      for figure in reason.figures {
        page.element(.div) { page in
          page.element(.dt, text: figure.name)
          page.element(.dd, text: ReviewNumber.text(figure.value))
        }
      }
    }
    page.element(.details) { page in
      page.element(
        .summary,
        text: "\(Words.count(reason.entryCount, "entry", "entries")): "
          + reason.indexText)
      page.element(.div, .style("scroll"), .scrolledGroup, .label("Entries behind this reason")) { page in
        sightings(&page, reason, namesReader: namesReader)
      }
    }
  }

  private func sightings(_ page: inout Markup, _ reason: UnusualReason, namesReader: Bool) {
    let hasPurpose = reason.sightings.contains { !$0.purpose.isEmpty }
    let hasRecord = reason.sightings.contains { $0.record != nil } && !namesReader
    page.element(.table) { page in
      let isCut = reason.entryCount > reason.sightings.count
      self.caption(
        &page, nil,
        (isCut
          ? "The first \(reason.sightings.count) of \(Words.number(reason.entryCount)) entries" : "The entries")
          + " behind “\(reason.rule.title)”, in the order of the log.")
      page.element(.thead) { page in
        page.element(.tr) { page in
          heading(&page, "Entry", .number)
          heading(&page, "Time")
          if namesReader { heading(&page, "Account") }
          if hasRecord { heading(&page, "Record") }
          heading(&page, "Action")
          if hasPurpose { heading(&page, "Purpose") }
          heading(&page, "Remarks")
        }
      }
      page.element(.tbody) { page in
        for sighting in reason.sightings {
          page.element(.tr) { page in
            page.element(.th, .scope(.row), .style("n"), text: String(sighting.index))
            page.element(.td, .style("w"), text: "\(sighting.day) \(LocalClock.text(minute: sighting.minute))")
            if namesReader { page.element(.td, .style("who")) { $0.foreign(sighting.subject.text) } }
            if hasRecord {
              page.element(.td, .style("w code")) { page in if let record = sighting.record { page.foreign(record) } }
            }
            page.element(.td, .style("w")) { $0.foreign(sighting.action) }
            if hasPurpose { page.element(.td, .style("w")) { $0.foreign(sighting.purpose) } }
            page.element(.td, .style("w"), text: remarks(sighting))
          }
        }
      }
    }
  }

  private func remarks(_ sighting: UnusualReason.Sighting) -> String {
    var remarks: [String] = []
    if sighting.isDenial { remarks.append("turned away") }
    if sighting.isOutside { remarks.append("outside assignment") }
    if sighting.isOffHours { remarks.append("off-hours") }
    if sighting.count > 1 { remarks.append("stands for \(Words.number(sighting.count))") }
    return remarks.joined(separator: ", ")
  }
}
