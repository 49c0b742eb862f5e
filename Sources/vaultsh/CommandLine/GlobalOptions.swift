import ArgumentParser
import VaultModel

/// Which vault, and in which form the answer is wanted.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Socket of the vault. Default: $VAULT_SOCKET.", valueName: "path"), completion: .file())
  var socket: String?

  @Flag(help: "One JSON document on standard output; on failure none, and a problem document on standard error.")
  var json = false
}

struct AccountOption: ParsableArguments {
  @Option(help: ArgumentHelp("Account to work as. Default: the one that logged in last.", valueName: "name"))
  var account: String?
}

/// With one of these, a single command logs in, works and logs out.
struct CredentialOptions: ParsableArguments {
  @Option(help: ArgumentHelp("File whose first line is the passphrase.", valueName: "file"), completion: .file())
  var passphraseFile: String?

  @Option(help: ArgumentHelp("Key file of the account.", valueName: "file"), completion: .file())
  var keyFile: String?
}

/// Why records are read; stands in the access log.
struct PurposeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Why you read; stands in the access log. A single command that names none says what `login` was given, else "
        + "casework; the prompt asks once.",
      valueName: "code"))
  var purpose: Purpose?

  @Option(
    help: ArgumentHelp(
      "In your own words, needed for an emergency. `-` asks on a terminal or reads a line of standard input, so that it "
        + "need not stand in the command line.", valueName: "text"))
  var reason: String?
}

/// Everything that may stand before COMMAND, and after it wherever a command has no option of the same name.
struct GlobalOptions: ParsableArguments {
  @OptionGroup(title: "Vault") var connection: ConnectionOptions
  @OptionGroup(title: "Account") var account: AccountOption
  @OptionGroup(title: "Account") var credentials: CredentialOptions
  @OptionGroup(title: "Purpose") var purpose: PurposeOptions

  var given: GivenOptions {
    GivenOptions(connection: connection, account: account, credentials: credentials, purpose: purpose)
  }
}

/// What was given of the global options, wherever it stood.
struct GivenOptions: Sendable {
  var socket: String?
  var json = false
  var account: String?
  var passphraseFile: String?
  var keyFile: String?
  var purpose: Purpose?
  var reason: String?

  init() {}

  init(
    connection: ConnectionOptions, account: AccountOption? = nil, credentials: CredentialOptions? = nil,
    purpose: PurposeOptions? = nil
  ) {
    socket = connection.socket
    json = connection.json
    self.account = account?.account
    passphraseFile = credentials?.passphraseFile
    keyFile = credentials?.keyFile
    self.purpose = purpose?.purpose
    reason = purpose?.reason
  }

  /// These, and from `earlier` what is missing in them.
  func over(_ earlier: GivenOptions) -> GivenOptions {
    var merged = self
    merged.socket = socket ?? earlier.socket
    merged.json = json || earlier.json
    merged.account = account ?? earlier.account
    merged.passphraseFile = passphraseFile ?? earlier.passphraseFile
    merged.keyFile = keyFile ?? earlier.keyFile
    merged.purpose = purpose ?? earlier.purpose
    merged.reason = reason ?? earlier.reason
    return merged
  }
}

extension Purpose: ExpressibleByArgument {}
extension Role: ExpressibleByArgument {}
extension Section: ExpressibleByArgument {}
