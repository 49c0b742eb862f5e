public import VaultModel

/// Answer of `GET /v1/programmes/{programme}/pathway`, and what `pathway` of a request for another one looks like.
public struct PathwayDocument: WireMessage, Equatable {
  public struct Step: WireMessage, Equatable {
    public var name: String
    /// Days from the opening of a record.
    public var withinDays: UInt64?

    public init(name: String, withinDays: UInt64? = nil) {
      self.name = name
      self.withinDays = withinDays
    }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      try fields.allow(only: ["name", "withinDays"])
      name = try fields.text("name")
      withinDays = try fields.sizeIfPresent("withinDays")
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("name", name)
        if let withinDays { json.member("withinDays", withinDays) }
      }
    }
  }

  /// In their order; empty only in the answer for a programme that has no pathway yet.
  public var steps: [Step]

  public init(steps: [Step]) { self.steps = steps }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["steps"])
    steps = try fields.messages("steps", Step.self, countMax: Pathway.stepCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("steps", steps) }
  }
}
