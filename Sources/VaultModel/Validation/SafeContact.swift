/// What a contact section says about reaching the survivor: read before any number is shown.
public struct SafeContact: Hashable, Sendable {
  public enum Safety: String, CaseIterable, Hashable, Sendable {
    /// The survivor has said so.
    case yes
    case no
    /// Nobody has asked: do not call.
    case unknown
  }

  /// One way to reach the survivor. Whatever is absent or unreadable counts as unsafe, never as safe.
  public struct Method: Hashable, Sendable {
    public var kind: String
    public var value: String
    public var safety: Safety
    public var days: [String]
    public var from: String?
    public var to: String?
    public var timeZone: String?
    public var mayLeaveVoicemail: Bool
    public var sayCallerIs: String?
    public var codeWord: String?
    public var whoMayAnswer: String?
    public var confirmedAt: PartialDate?

    init(_ members: [String: JSONValue]) {
      func text(_ key: String) -> String? { members[key]?.stringValue }
      kind = text("kind") ?? "other"
      value = text("value") ?? ""
      safety = text("safe").flatMap(Safety.init(rawValue:)) ?? .unknown
      days = members["days"]?.arrayValue?.compactMap(\.stringValue) ?? []
      from = text("from")
      to = text("to")
      timeZone = text("timeZone")
      mayLeaveVoicemail = text("voicemail") == "yes"
      sayCallerIs = text("sayCallerIs")
      codeWord = text("codeWord")
      whoMayAnswer = text("whoMayAnswer")
      confirmedAt = text("confirmedAt").flatMap { try? PartialDate($0) }
    }
  }

  public let methods: [Method]
  /// What everyone must know first, in the caseworker's words.
  public let instructions: String?

  public init(contact: [String: JSONValue]) {
    methods = (contact["vault_ContactMethods"]?.arrayValue ?? []).compactMap(\.objectValue).map(Method.init)
    instructions = contact["vault_ContactInstructions"]?.stringValue
  }

  /// What to show before the record: nil only when every method is marked safe and there is one.
  public var warning: String? {
    if methods.isEmpty { return "do not call: no safe contact confirmed" }
    let safeCount = methods.count { $0.safety == .yes }
    if safeCount == methods.count { return nil }
    if safeCount > 0 { return "use only the contacts marked safe" }
    return methods.contains { $0.safety == .unknown }
      ? "do not call: unknown whether it is safe" : "do not call: not safe"
  }

  /// The warning for a contact section; see `warning`.
  public static func contactWarning(from contact: [String: JSONValue]) -> String? {
    SafeContact(contact: contact).warning
  }
}
