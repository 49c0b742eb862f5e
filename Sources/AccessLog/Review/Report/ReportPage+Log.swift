extension ReportPage {
  /// Sign-offs that are shown, the newest: years of monthly ones.
  static let signOffCountMax = 120

  func actions(_ page: inout Markup) {
    guard !figures.actions.isEmpty else {
      page.element(.p, text: "There are no entries in this period.")
      return
    }
    page.element(.div, .style("scroll brief"), .scrolledGroup, .label("What was done")) { page in
      page.element(.table) { page in
        self.caption(
          &page, nil,
          "Entries by action and outcome. An entry that stands for several counts as so many.")
        page.element(.thead) { page in
          page.element(.tr) { page in
            heading(&page, "Action")
            heading(&page, "Allowed", .number)
            heading(&page, "Denied", .number)
            heading(&page, "Failed", .number)
          }
        }
        page.element(.tbody) { page in
          for action in figures.actions {
            page.element(.tr) { page in
              page.element(.th, .scope(.row), .style("w")) { $0.foreign(action.name) }
              number(&page, action.tally.allowed)
              number(&page, action.tally.denied)
              number(&page, action.tally.failed)
            }
          }
        }
      }
    }
    if !figures.purposes.isEmpty { purposes(&page) }
  }

  private func purposes(_ page: inout Markup) {
    page.element(.div, .style("scroll brief"), .scrolledGroup, .label("Purposes")) { page in
      page.element(.table) { page in
        self.caption(
          &page, nil, "Readings by the purpose that was given.")
        page.element(.thead) { page in
          page.element(.tr) { page in
            heading(&page, "Purpose")
            heading(&page, "Readings", .number)
          }
        }
        page.element(.tbody) { page in
          for (purpose, readings) in figures.purposes {
            page.element(.tr) { page in
              page.element(.th, .scope(.row), .style("w")) { page in
                if purpose.isEmpty { page.text("none given") } else { page.foreign(purpose) }
              }
              number(&page, readings)
            }
          }
        }
      }
    }
  }

  func log(_ page: inout Markup) {
    page.element(.h3, text: "Whether the log is whole")
    verification(&page)
    page.element(.dl, .style("pairs")) { page in
      for (name, value) in [
        ("Name", report.log.origin), ("Size", Words.count(report.log.size, "entry", "entries")),
        ("Root", report.log.root), ("Key", report.log.key),
      ] {
        page.element(.dt, text: name)
        page.element(.dd, .style("code")) { $0.foreign(value, scalarCountMax: 300) }
      }
    }
    page.element(
      .p, .style("quiet"),
      text: "The vault opened the entries for this page; a proof that one of them stands in the log exactly so, to be "
        + "checked without the vault, comes from vaultsh log prove. Compare size and root with a checkpoint that was "
        + "kept elsewhere.")
    page.element(.h3, text: "How far review has come")
    progress(&page)
    if report.signOffs.isEmpty {
      page.element(.p, text: "Nobody has signed off anything yet: vaultsh log signoff.")
    } else {
      signOffs(&page)
    }
  }

  private func verification(_ page: inout Markup) {
    switch report.log.verification {
    case .whole(let seenBefore):
      page.element(.p) { page in
        page.element(.span, .style("good"), text: "The log is whole.")
        page.text(
          " When this page was made, all \(Words.count(report.log.size, "entry", "entries")) gave the root that the "
            + "log's key has signed: none was changed, removed or reordered since it was signed.")
        if seenBefore > 0 {
          page.text(
            " It begins with the \(Words.count(seenBefore, "entry", "entries")) that this program had seen before.")
        }
      }
    case .broken(let words):
      page.element(.p) { page in
        page.element(.span, .style("alarm"), text: "The log does not verify.")
        page.text(" " + words)
      }
    }
  }

  private func progress(_ page: inout Markup) {
    let (size, reviewed) = (report.log.size, min(report.reviewed, report.log.size))
    let open = report.unreviewedInPeriod
    let ofPeriod =
      figures.entryCount == 0
      ? ""
      : open == 0
        ? " All entries of this period are among them."
        : " Of this period \(Words.number(open)) are "
          + "not."
    page.element(
      .p,
      text: "\(Words.number(reviewed)) of \(Words.count(size, "entry", "entries")) of the log are signed "
        + "off.\(ofPeriod)")
    let width = 300
    page.element(.svg, .size(width: width, height: 12), .decoration) { page in
      page.leaf(.rect, .style("range"), .number("width", Double(width)), .number("height", 12))
      let share = size == 0 ? 0 : Double(reviewed) / Double(size)
      page.leaf(.rect, .style("covered"), .number("width", Double(width) * share), .number("height", 12))
    }
  }

  private func signOffs(_ page: inout Markup) {
    page.element(.div, .style("scroll brief"), .scrolledGroup, .label("Sign-offs")) { page in
      page.element(.table) { page in
        let hidden = report.signOffs.count - Self.signOffCountMax
        self.caption(
          &page, nil,
          "Sign-offs, newest first. Each is a cosignature with the auditor's own key over the log up to that entry."
            + (hidden > 0 ? " \(Words.count(hidden, "older one")) not shown." : ""))
        page.element(.thead) { page in
          page.element(.tr) { page in
            heading(&page, "Time")
            heading(&page, "Auditor")
            heading(&page, "Entries", .number)
            heading(&page, "Cosignature")
            heading(&page, "Remark")
          }
        }
        page.element(.tbody) { page in
          for signOff in report.signOffs.suffix(Self.signOffCountMax).reversed() {
            page.element(.tr) { row(&$0, signOff) }
          }
        }
      }
    }
  }

  private func row(_ page: inout Markup, _ signOff: ReviewReport.SignOff) {
    page.element(.th, .scope(.row), .style("w"), text: clock.text(signOff.time))
    page.element(.td, .style("who")) { $0.foreign(signOff.account) }
    page.element(.td, .style("n"), text: Words.number(signOff.size))
    page.element(.td, .style("w")) { page in
      if signOff.isVerified {
        page.element(.span, .style("good"), text: "verified")
      } else {
        page.element(.span, .style("alarm"), text: "does not verify")
      }
    }
    page.element(.td, .style("names")) { page in
      if let remark = signOff.remark {
        page.foreign(remark, scalarCountMax: VisibleText.remarkScalarCountMax)
      }
    }
  }
}
