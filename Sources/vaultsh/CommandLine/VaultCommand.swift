import ArgumentParser

/// One thing to ask of the vault, on a command line or at the prompt.
protocol VaultCommand: ParsableCommand {
  /// The global options among this command's own.
  var given: GivenOptions { get }
  /// False where it works without a vault: on files, on another machine.
  var needsVault: Bool { get }
  @MainActor func run(in shell: Shell) async throws
}

extension VaultCommand {
  var needsVault: Bool { true }
}

/// A command that takes all global options.
protocol OrdinaryCommand: VaultCommand {
  var globals: GlobalOptions { get }
}

extension OrdinaryCommand {
  var given: GivenOptions { globals.given }
}
