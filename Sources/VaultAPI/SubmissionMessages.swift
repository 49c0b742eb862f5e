public import VaultModel

/// Answer of `POST /v1/programmes/{programme}/submissions/slot`: an id for the next submission, and what to seal to.
public struct SlotAnswer: WireMessage, Equatable {
  public struct Part: WireMessage, Equatable {
    public var section: Section
    public var epoch: UInt64
    /// X25519, 32 bytes.
    public var key: [UInt8]

    public init(section: Section, epoch: UInt64, key: [UInt8]) {
      self.section = section
      self.epoch = epoch
      self.key = key
    }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      section = try fields.code("section", Section.self)
      epoch = try fields.size("epoch")
      key = try fields.bytes("key", countMax: 32)
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("section", section.rawValue)
        json.member("epoch", epoch)
        json.member("key", Base64.encode(key))
      }
    }
  }

  public var id: String
  /// Shows that the id was given; to be sent back.
  public var ticket: [UInt8]
  /// Id of the vault, in hexadecimal.
  public var vault: String
  /// What this service may submit.
  public var sections: [Part]

  public init(id: String, ticket: [UInt8], vault: String, sections: [Part]) {
    self.id = id
    self.ticket = ticket
    self.vault = vault
    self.sections = sections
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    ticket = try fields.bytes("ticket", countMax: SealedSubmission.ticketByteCount)
    vault = try fields.text("vault")
    sections = try fields.messages("sections", Part.self, countMax: Section.allCases.count)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("ticket", Base64.encode(ticket))
      json.member("vault", vault)
      json.member("sections", sections)
    }
  }
}

/// Body of `POST /v1/programmes/{programme}/submissions`: sections that the service has sealed and signed itself.
public struct SubmissionRequest: WireMessage, Equatable {
  public struct Part: WireMessage, Equatable {
    public var sealed: SealedSection

    public init(_ sealed: SealedSection) { self.sealed = sealed }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      try fields.allow(only: ["section", "epoch", "body", "sealedKey", "signature"])
      sealed = SealedSection(
        section: try fields.code("section", Section.self), epoch: try fields.size("epoch"),
        body: try fields.bytes("body", countMax: SealedSection.bodyByteCountMax),
        sealedKey: try fields.bytes("sealedKey", countMax: SealedSection.sealedKeyByteCount),
        signature: try fields.bytes("signature", countMax: 64))
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("section", sealed.section.rawValue)
        json.member("epoch", sealed.epoch)
        json.member("body", Base64.encode(sealed.body))
        json.member("sealedKey", Base64.encode(sealed.sealedKey))
        json.member("signature", Base64.encode(sealed.signature))
      }
    }
  }

  public var id: String
  public var ticket: [UInt8]
  public var sections: [Part]

  public init(id: String, ticket: [UInt8], sections: [Part]) {
    self.id = id
    self.ticket = ticket
    self.sections = sections
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["id", "ticket", "sections"])
    id = try fields.text("id")
    ticket = try fields.bytes("ticket", countMax: SealedSubmission.ticketByteCount)
    sections = try fields.messages("sections", Part.self, countMax: Section.allCases.count)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("ticket", Base64.encode(ticket))
      json.member("sections", sections)
    }
  }
}

/// Answer of `POST /v1/programmes/{programme}/submissions`.
public struct SubmissionReceipt: WireMessage, Equatable {
  public var id: String
  /// RFC 3339, UTC.
  public var received: String

  public init(id: String, received: String) {
    self.id = id
    self.received = received
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    received = try fields.text("received")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("state", "waiting")
      json.member("received", received)
    }
  }
}

/// Row of `GET /v1/submissions`.
public struct SubmissionRow: WireMessage, Equatable {
  public var id: String
  public var programme: String
  public var service: String
  /// RFC 3339, UTC.
  public var received: String
  public var sections: [String]
  /// As stored: padded and sealed.
  public var byteCount: UInt64

  public init(id: String, programme: String, service: String, received: String, sections: [String], byteCount: UInt64) {
    self.id = id
    self.programme = programme
    self.service = service
    self.received = received
    self.sections = sections
    self.byteCount = byteCount
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    programme = try fields.text("programme")
    service = try fields.text("service")
    received = try fields.text("received")
    sections = try fields.texts("sections")
    byteCount = try fields.size("bytes")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("programme", programme)
      json.member("service", service)
      json.member("received", received)
      json.member("sections", sections)
      json.member("bytes", byteCount)
    }
  }
}

/// Answer of `GET /v1/submissions`, oldest first.
public struct SubmissionsAnswer: WireMessage, Equatable {
  public var submissions: [SubmissionRow]
  /// All that wait, also where the list is shorter.
  public var waiting: UInt64

  public init(submissions: [SubmissionRow], waiting: UInt64) {
    self.submissions = submissions
    self.waiting = waiting
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    submissions = try fields.messages("submissions", SubmissionRow.self)
    waiting = try fields.size("waiting")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("submissions", submissions)
      json.member("waiting", waiting)
    }
  }
}

/// What is wrong with a field of a submission.
public struct FaultRow: WireMessage, Equatable {
  /// Dotted path, section first.
  public var field: String
  public var detail: String

  public init(field: String, detail: String) {
    self.field = field
    self.detail = detail
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    field = try fields.text("field")
    detail = try fields.text("detail", byteCountMax: WireLimit.textByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("field", field)
      json.member("detail", detail)
    }
  }
}

/// What the daemon sends of an opened submission; sections are JSON already.
public struct SubmissionDocument: Sendable {
  public var row: SubmissionRow
  public var sections: [(section: Section, json: [UInt8])]
  public var faults: [FaultRow]
  public var possibleDuplicates: [String]

  public init(
    row: SubmissionRow, sections: [(section: Section, json: [UInt8])], faults: [FaultRow], possibleDuplicates: [String]
  ) {
    self.row = row
    self.sections = sections
    self.faults = faults
    self.possibleDuplicates = possibleDuplicates
  }

  public var bytes: [UInt8] {
    // Room for all at once: growing would leave copies of plaintext behind in freed memory.
    var json = JSONText(capacity: 4096 + faults.count * 1024 + sections.reduce(0) { $0 + $1.json.count + 32 })
    json.object { (json: inout JSONText) in
      json.member("id", row.id)
      json.member("programme", row.programme)
      json.member("service", row.service)
      json.member("received", row.received)
      json.name("sections")
      json.object { (json: inout JSONText) in
        for (section, bytes) in sections { json.member(section.rawValue, raw: bytes) }
      }
      json.member("faults", faults)
      json.member("possibleDuplicates", possibleDuplicates)
    }
    return json.bytes
  }
}

/// An opened submission as a client reads it.
public struct SubmissionAnswer: Sendable, Equatable {
  public var id: String
  public var programme: String
  public var service: String
  public var received: String
  public var sections: [String: JSONValue]
  public var faults: [FaultRow]
  public var possibleDuplicates: [String]

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    programme = try fields.text("programme")
    service = try fields.text("service")
    received = try fields.text("received")
    guard case .object(let sections)? = fields.value("sections") else { throw fields.error(.missing, "sections") }
    self.sections = sections
    faults = try fields.messages("faults", FaultRow.self)
    possibleDuplicates = try fields.texts("possibleDuplicates")
  }
}

/// Body of `POST /v1/submissions/{id}/acceptance`.
public struct AcceptanceRequest: WireMessage, Equatable {
  /// Record to add it to, whose version stands in `If-Match`; nil makes a record of its own.
  public var into: String?
  /// Merge patch of the sections: what the officer corrects.
  public var corrections: JSONValue?

  public init(into: String? = nil, corrections: JSONValue? = nil) {
    self.into = into
    self.corrections = corrections
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["into", "sections"])
    into = try fields.textIfPresent("into")
    corrections = fields.value("sections")
    if let corrections, corrections.objectValue == nil { throw fields.error(.notAnObject, "sections") }
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("into", ifPresent: into)
      if let corrections { json.member("sections", raw: corrections.canonicalBytes()) }
    }
  }
}

/// Body of `POST /v1/submissions/{id}/rejection`.
public struct RejectionRequest: WireMessage, Equatable {
  public var reason: String

  public init(reason: String) { self.reason = reason }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["reason"])
    reason = try fields.text("reason", byteCountMax: WireLimit.textByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("reason", reason) }
  }
}
