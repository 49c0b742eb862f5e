import VaultCrypto
public import VaultModel

/// Which actions need two people, which roles may ask for them and which approve them: data, kept in row `meta/policy`,
/// that only two people change. What it does not state is as in `standard`.
public struct ApprovalPolicy: Equatable, Sendable {
  public struct Rule: Equatable, Sendable {
    public var needsTwoPeople: Bool
    public var askers: Set<Role>
    public var approvers: Set<Role>

    public init(needsTwoPeople: Bool = true, askers: Set<Role>, approvers: Set<Role>) {
      self.needsTwoPeople = needsTwoPeople
      self.askers = askers
      self.approvers = approvers
    }
  }

  static let byteCountMax = 4096

  public let stated: [SensitiveAction.Kind: Rule]

  /// States nothing.
  public static let standard = ApprovalPolicy(stating: [:])

  public init(stating rules: [SensitiveAction.Kind: Rule]) { stated = rules }

  public func rule(for kind: SensitiveAction.Kind) -> Rule { stated[kind] ?? ApprovalPolicy.standardRule(for: kind) }

  /// What holds in a vault that has never changed it. The administrator asks for what belongs to the host and its
  /// accounts; whoever works with records asks about them; a supervisor is the second pair of eyes.
  private static func standardRule(for kind: SensitiveAction.Kind) -> Rule {
    switch kind {
    case .reinstate, .policy: Rule(askers: [.administrator, .supervisor], approvers: [.supervisor])
    case .recoveryRecipients: Rule(askers: [.supervisor], approvers: [.supervisor])
    case .export: Rule(askers: [.supervisor], approvers: [.supervisor])
    case .disclose, .erase, .breakGlass, .pathway: Rule(askers: [.officer, .supervisor], approvers: [.supervisor])
    case .restoreAccept: Rule(askers: [.supervisor, .auditor], approvers: [.supervisor, .auditor])
    }
  }

  // MARK: The floor

  /// The most that any policy can allow. Every kind needs two people; the administrator, who holds the host already,
  /// approves nothing, and nobody approves who could not answer for the survivors' safety.
  static func floor(of kind: SensitiveAction.Kind) -> Rule {
    switch kind {
    case .reinstate, .policy, .recoveryRecipients:
      Rule(askers: [.administrator, .supervisor, .auditor], approvers: [.supervisor])
    case .export, .disclose, .erase, .breakGlass, .pathway:
      Rule(askers: [.officer, .supervisor], approvers: [.supervisor])
    case .restoreAccept: Rule(askers: [.supervisor, .auditor], approvers: [.supervisor, .auditor])
    }
  }

  /// `invalid` where a rule allows more than the floor, or nobody at all.
  func demandFloor() throws(VaultError) {
    for kind in SensitiveAction.Kind.allCases {
      let rule = rule(for: kind)
      let floor = ApprovalPolicy.floor(of: kind)
      guard rule.needsTwoPeople || !floor.needsTwoPeople else {
        throw VaultError(
          .invalid, "This always needs two people.", hint: "No policy can lower that.",
          field: "rules.\(kind.rawValue).twoPeople")
      }
      for (name, roles, allowed) in [
        ("ask", rule.askers, floor.askers), ("approve", rule.approvers, floor.approvers),
      ] {
        guard !roles.isEmpty, roles.isSubset(of: allowed) else {
          throw VaultError(
            .invalid, "The roles here are one or more of: \(ApprovalPolicy.words(allowed)).",
            hint: "No policy can allow more.", field: "rules.\(kind.rawValue).\(name)")
        }
      }
    }
    // One of each role signs; a policy under which they cannot would close the vault for good after a restore.
    let restore = rule(for: .restoreAccept)
    guard
      (restore.askers.contains(.supervisor) && restore.approvers.contains(.auditor))
        || (restore.askers.contains(.auditor) && restore.approvers.contains(.supervisor))
    else {
      throw VaultError(
        .invalid, "A restore is accepted by a supervisor and an auditor, one of whom asks and the other approves.",
        hint: "Let both roles do both.", field: "rules.restore-accept.approve")
    }
  }

  static func words(_ roles: Set<Role>) -> String { roles.map(\.rawValue).sorted().joined(separator: ", ") }

  // MARK: Encoding

  var hash: [UInt8] { SHA256.hash(bytes) }

  /// E("policy"; list of E("policy-rule"; kind, 1 or 0, list of roles that ask, list of roles that approve)), everything
  /// ascending.
  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("policy")
    encoding.append(
      list: stated.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, rule in
        var item = CanonicalEncoding("policy-rule")
        item.append(kind.rawValue)
        item.append(rule.needsTwoPeople ? 1 : 0)
        item.append(list: rule.askers.map(\.rawValue).sorted().map { Array($0.utf8) })
        item.append(list: rule.approvers.map(\.rawValue).sorted().map { Array($0.utf8) })
        return item.bytes
      })
    return encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "policy")
    var rules: [SensitiveAction.Kind: Rule] = [:]
    for _ in 0..<(try decoder.count(limit: SensitiveAction.Kind.allCases.count)) {
      var item = try CanonicalDecoder(decoder.field(limit: 1024), purpose: "policy-rule")
      guard let kind = SensitiveAction.Kind(rawValue: try item.text(limit: 32)) else {
        throw CryptoError(.malformed, "unknown kind of action")
      }
      let needsTwo = try item.integer() == 1
      rules[kind] = Rule(
        needsTwoPeople: needsTwo, askers: try ApprovalPolicy.roles(&item), approvers: try ApprovalPolicy.roles(&item))
      try item.finish()
    }
    try decoder.finish()
    self.init(stating: rules)
    guard self.bytes == bytes else { throw CryptoError(.malformed, "another spelling of a policy") }
  }

  private static func roles(_ decoder: inout CanonicalDecoder) throws -> Set<Role> {
    var roles: Set<Role> = []
    for _ in 0..<(try decoder.count(limit: Role.allCases.count)) {
      guard let role = Role(rawValue: try decoder.text(limit: 32)) else {
        throw CryptoError(.malformed, "unknown role")
      }
      roles.insert(role)
    }
    return roles
  }
}
