public import VaultModel

/// Body of `POST /v1/audit/disclosures`.
public struct DisclosureRequest: WireMessage, Equatable {
  /// Of the entries to be disclosed, 1 to `WireLimit.disclosureCountMax`.
  public var indexes: [UInt64]

  public init(indexes: [UInt64]) { self.indexes = indexes }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["indexes"])
    indexes = try fields.sizes("indexes", countMax: WireLimit.disclosureCountMax)
    guard !indexes.isEmpty else { throw fields.error(.missing, "indexes") }
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("indexes", indexes) }
  }
}

/// One entry with the key that opens its leaf and no other.
public struct AuditDisclosure: WireMessage, Equatable {
  public var index: UInt64
  /// The single-entry key: 32 bytes, base64. An ordinary text on purpose: it opens only what stands beside it in the
  /// clear, and goes into a file for others next.
  public var key: String
  /// What the leaf says. Words beside the log are not in the leaf, so no key proves them: `reason` stays empty.
  public var entry: AuditEntry

  public init(index: UInt64, key: String, entry: AuditEntry) {
    self.index = index
    self.key = key
    self.entry = entry
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    index = try fields.size("index")
    key = try fields.text("key")
    guard let entry = fields.value("entry") else { throw fields.error(.missing, "entry") }
    self.entry = try AuditEntry(json: entry)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("index", index)
      json.member("key", key)
      json.name("entry")
      entry.write(into: &json)
    }
  }
}

/// Answer of `POST /v1/audit/disclosures`, in the order that was asked for.
public struct DisclosuresAnswer: WireMessage, Equatable {
  public var disclosures: [AuditDisclosure]

  public init(disclosures: [AuditDisclosure]) { self.disclosures = disclosures }

  public init(json: JSONValue) throws(WireError) {
    disclosures = try WireFields(json).messages(
      "disclosures", AuditDisclosure.self, countMax: WireLimit.disclosureCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("disclosures", disclosures) }
  }
}
