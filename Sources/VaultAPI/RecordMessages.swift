public import VaultModel

/// Answer of creating and of editing a record.
public struct RecordSaved: WireMessage, Equatable {
  public var id: String
  public var version: UInt64
  /// Fields that the form asks for and that are still empty.
  public var incomplete: [String]
  /// Ids of records that may be about the same person.
  public var possibleDuplicates: [String]

  public init(id: String, version: UInt64, incomplete: [String] = [], possibleDuplicates: [String] = []) {
    self.id = id
    self.version = version
    self.incomplete = incomplete
    self.possibleDuplicates = possibleDuplicates
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    version = try fields.size("version")
    incomplete = try fields.texts("incomplete")
    possibleDuplicates = try fields.texts("possibleDuplicates")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("version", version)
      json.member("incomplete", incomplete)
      json.member("possibleDuplicates", possibleDuplicates)
    }
  }
}

/// What the daemon sends of a record: sections are JSON already, and are copied into the answer as they are.
public struct RecordDocument: Sendable {
  public var id: String
  public var programme: String
  public var version: UInt64
  /// Each the bytes of one JSON object.
  public var sections: [(section: Section, json: [UInt8])]
  public var flags: [RecordFlag]
  /// When the reader's access ends, RFC 3339; nil for a member of its programme.
  public var until: String?

  public init(
    id: String, programme: String, version: UInt64, sections: [(section: Section, json: [UInt8])],
    flags: [RecordFlag] = [], until: String? = nil
  ) {
    self.id = id
    self.programme = programme
    self.version = version
    self.sections = sections
    self.flags = flags
    self.until = until
  }

  public var bytes: [UInt8] {
    // Room for all at once: growing would leave copies of plaintext behind in freed memory.
    var json = JSONText(capacity: 256 + sections.reduce(0) { $0 + $1.json.count + 32 })
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("programme", programme)
      json.member("version", version)
      json.member("flags", flags.map(\.rawValue))
      json.member("until", ifPresent: until)
      json.name("sections")
      json.object { (json: inout JSONText) in
        for (section, bytes) in sections { json.member(section.rawValue, raw: bytes) }
      }
    }
    return json.bytes
  }

  /// Overwrites the sections where they lie; nothing else may hold them.
  public mutating func wipe() {
    for index in sections.indices { WipedBytes.wipe(&sections[index].json) }
    sections = []
  }
}

/// A record as a client reads it.
public struct RecordAnswer: Sendable, Equatable {
  public var id: String
  public var programme: String
  public var version: UInt64
  public var sections: [String: JSONValue]
  public var flags: [RecordFlag]
  public var until: String?

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    programme = try fields.text("programme")
    version = try fields.size("version")
    flags = try fields.flags("flags")
    until = try fields.textIfPresent("until")
    guard case .object(let sections)? = fields.value("sections") else { throw fields.error(.missing, "sections") }
    self.sections = sections
  }
}

/// Row of `GET /v1/records`.
public struct RecordRow: WireMessage, Equatable {
  public var id: String
  public var programme: String
  public var version: UInt64
  public var flags: [RecordFlag]

  public init(id: String, programme: String, version: UInt64, flags: [RecordFlag] = []) {
    self.id = id
    self.programme = programme
    self.version = version
    self.flags = flags
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    programme = try fields.text("programme")
    version = try fields.size("version")
    flags = try fields.flags("flags")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("programme", programme)
      json.member("version", version)
      json.member("flags", flags.map(\.rawValue))
    }
  }
}

extension WireFields {
  /// Flags of a record; those that a newer daemon may send and this client does not know are passed over.
  func flags(_ name: String) throws(WireError) -> [RecordFlag] {
    try texts(name).compactMap { RecordFlag(rawValue: $0) }
  }
}

/// Answer of `GET /v1/records`.
public struct RecordsPage: WireMessage, Equatable {
  public var records: [RecordRow]
  /// Value of `after` for the next page; nil on the last.
  public var next: String?

  public init(records: [RecordRow], next: String? = nil) {
    self.records = records
    self.next = next
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    records = try fields.messages("records", RecordRow.self)
    next = try fields.textIfPresent("next")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("records", records)
      json.member("next", ifPresent: next)
    }
  }
}
