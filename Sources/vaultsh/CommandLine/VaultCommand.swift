import ArgumentParser

/// One thing to ask of the vault, on a command line or at the prompt.
protocol VaultCommand: ParsableCommand {
  /// The global options among this command's own.
  var given: GivenOptions { get }
  @MainActor func run(in shell: Shell) async throws
}

/// A command that takes all global options.
protocol OrdinaryCommand: VaultCommand {
  var globals: GlobalOptions { get }
}

extension OrdinaryCommand {
  var given: GivenOptions { globals.given }
}
