public import VaultModel

/// Body of `POST /v1/search`.
public struct SearchRequest: WireMessage, Equatable {
  public var terms: String
  public var programme: String?
  /// A year or a range: `1999` or `1998..2002`.
  public var born: String?
  public var limit: Int?

  public init(terms: String, programme: String? = nil, born: String? = nil, limit: Int? = nil) {
    self.terms = terms
    self.programme = programme
    self.born = born
    self.limit = limit
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["terms", "programme", "born", "limit"])
    terms = try fields.text("terms", byteCountMax: WireLimit.textByteCountMax)
    programme = try fields.textIfPresent("programme")
    born = try fields.textIfPresent("born")
    limit = try fields.numberIfPresent("limit", in: 1...Int64(WireLimit.pageCountMax)).map { Int($0) }
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("terms", terms)
      json.member("programme", ifPresent: programme)
      json.member("born", ifPresent: born)
      if let limit { json.member("limit", limit) }
    }
  }
}

/// One hit of a search.
public struct SearchMatch: WireMessage, Equatable {
  public var id: String
  public var programme: String
  public var name: String
  public var yearOfBirth: Int?
  /// Why it matched, in words for people: `name`, `name in another script`, `phone`.
  public var matchedOn: [String]
  /// What to heed before contacting this person; nil when nothing is known against it.
  public var contactWarning: String?
  public var flags: [RecordFlag]

  public init(
    id: String, programme: String, name: String, yearOfBirth: Int?, matchedOn: [String], contactWarning: String?,
    flags: [RecordFlag] = []
  ) {
    self.id = id
    self.programme = programme
    self.name = name
    self.yearOfBirth = yearOfBirth
    self.matchedOn = matchedOn
    self.contactWarning = contactWarning
    self.flags = flags
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    programme = try fields.text("programme")
    name = try fields.text("name", byteCountMax: WireLimit.textByteCountMax)
    yearOfBirth = try fields.numberIfPresent("yearOfBirth").map { Int($0) }
    matchedOn = try fields.texts("matchedOn")
    contactWarning = try fields.textIfPresent("contactWarning", byteCountMax: WireLimit.textByteCountMax)
    flags = try fields.flags("flags")
  }

  /// Members without a value are written as null: scripts can rely on all of them.
  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("programme", programme)
      json.member("name", name)
      json.name("yearOfBirth")
      if let yearOfBirth { json.number(yearOfBirth) } else { json.null() }
      json.member("matchedOn", matchedOn)
      json.name("contactWarning")
      if let contactWarning { json.string(contactWarning) } else { json.null() }
      json.member("flags", flags.map(\.rawValue))
    }
  }
}

/// Answer of `POST /v1/search`.
public struct SearchAnswer: WireMessage, Equatable {
  public var matches: [SearchMatch]

  public init(matches: [SearchMatch]) { self.matches = matches }

  public init(json: JSONValue) throws(WireError) {
    matches = try WireFields(json).messages("matches", SearchMatch.self)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("matches", matches) }
  }
}
