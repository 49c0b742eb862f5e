import VaultAPI
import VaultModel

/// Which programme a command is about, where it may be left unsaid.
@MainActor enum GivenProgramme {
  /// The one that was given, or the only one that the session's account is in.
  static func id(_ given: String?, _ session: OpenSession) throws -> String {
    if let given { return try ProgrammeID(given).description }
    guard session.programmes.count == 1 else {
      throw Failure.usage(
        "It is not said which programme this is about.",
        hint: session.programmes.isEmpty
          ? "You have no programme yet: ask a supervisor for a grant."
          : "Give --programme with one of: \(session.programmes.joined(separator: ", ")).", field: "--programme")
    }
    return session.programmes[0]
  }
}
