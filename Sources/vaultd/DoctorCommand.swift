import ArgumentParser
import Glibc
import VaultCrypto
import VaultEngine

/// Looks at the host: what weakens a promise, in words.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look for what weakens the vault's promises on this host.")

  @Option(help: ArgumentHelp("Directory of the vault.", valueName: "dir")) var data: String
  @Option(help: ArgumentHelp("Socket that is served, to look at its mode.", valueName: "path")) var socket: String?
  @OptionGroup var rootKey: RootKeyOptions
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?

  @Option(help: ArgumentHelp("Off-host journal, as `serve` is given it.", valueName: "file")) var journal: String?

  /// A reader's index of 100,000 cards, and the keys of a dozen sessions.
  private static let lockedByteCountWanted = 32 << 20

  func run() async throws {
    var findings = 0
    func check(_ isFine: Bool, _ fine: String, _ trouble: String) {
      Output.line(isFine ? "ok    \(fine)" : "WARN  \(trouble)")
      if !isFine { findings += 1 }
    }
    guard let directory = FileState(data) else {
      throw Failure(4, "There is no data directory.", hint: "Check --data; `vaultd init` makes a vault.")
    }
    check(
      directory.permissions == 0o700 && directory.owner == geteuid(), "the data directory is for this user alone",
      "the data directory is open to others: chmod 700, and chown it to the daemon's user")
    check(
      LockedMemory.canLock(byteCount: DoctorCommand.lockedByteCountWanted), "enough memory can be locked",
      "32 MiB cannot be locked, so keys may reach swap: raise RLIMIT_MEMLOCK (LimitMEMLOCK=)")
    check(!Swap.isOn, "no swap is in use", "swap is on: encrypt it, or what is not locked may be written there")
    let space = try VaultInspection.space(of: data)
    let sizes =
      "\(space.freeByteCount >> 20) MiB free, \(space.reserveByteCount >> 20) MiB kept back for the access log"
    check(
      space.state == .ok, "there is room: \(sizes)",
      "the disk is nearly full (\(sizes)): records are refused first, reading when the reserve is used up")
    check(
      VaultInspection.hasAnchor(of: data, at: anchor), "there is an anchor (vaultd verify holds it against the data)",
      "there is no anchor: a rollback cannot be noticed by this host, only by clients and auditors who kept a checkpoint"
    )
    let anchorDirectory = StagedVault.parent(of: anchor ?? Vault.anchorPath(besides: data))
    check(
      unsafe access(anchorDirectory, W_OK) == 0, "the anchor can be moved on",
      "the anchor's directory cannot be written: the anchor falls behind, and a rollback to it goes unnoticed here")
    if let journal {
      let directory = StagedVault.parent(of: journal)
      check(
        unsafe access(journal, F_OK) == 0 ? unsafe access(journal, W_OK) == 0 : unsafe access(directory, W_OK) == 0,
        "the journal can be written",
        "the journal cannot be written: a restore would not repeat what is suspended, revoked or erased")
      check(
        !RootKeyPlace(data: data).sharesFileSystem(with: unsafe access(journal, F_OK) == 0 ? journal : directory),
        "the journal lies on a file system of its own",
        "the journal lies on the file system of the data: what loses one loses both")
    } else {
      Output.line("note  give --journal to look at the off-host journal, if one is kept")
    }
    if let socket {
      let state = FileState(socket)
      check(
        state.map { $0.permissions & 0o007 == 0 } ?? false, "the socket is closed to others",
        "the socket is missing, or open to every user of this host")
    }
    let place = RootKeyPlace(data: data)
    check(
      place.keysInside == 0, "no root key in the data directory",
      "a root key lies in the data directory: whoever copies the directory can open what it protects; move it away")
    if let path = rootKey.path {
      check(
        !rootKey.isOpenToOthers, "the root key is for its owner alone",
        "others than its owner can read the root key: chmod 600, and make a new one with vaultd rotate-root-key")
      check(
        !place.sharesFileSystem(with: path), "the root key lies on a file system of its own",
        "the root key lies in the clear on the file system of the data: one stolen disk holds both; use the service manager's encrypted credentials, or another medium"
      )
    } else {
      Output.line("note  give --root-key-file to look at where the root key lies")
    }
    switch try VaultInspection.inspect(directory: data) {
    case .inUse: Output.line("note  a daemon has the vault open; stop it to look at how it was founded")
    case .facts(let facts):
      check(
        !facts.isInsecure, "founded by one-time codes", "founded insecurely: one process saw every founder's passphrase"
      )
      check(!facts.isDemo, "no demo vault", "a DEMO vault: its keys are published")
      for time in facts.recoveries {
        Output.line("note  recovery shares were used, and replaced, at \(time.text): the log says for whom")
      }
      check(
        facts.hasEscrow, "recovery shares were made",
        "no recovery shares, and none can be made later: a lost root key loses every record, lost passphrases lose what they opened"
      )
    }
    Output.line(findings == 0 ? "nothing weakens the promises here" : "\(findings) to look at")
  }
}

private struct FileState {
  let permissions: mode_t
  let owner: uid_t

  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    permissions = status.st_mode & 0o777
    owner = status.st_uid
  }
}

private enum Swap {
  /// The kernel lists swaps in a table with one heading line.
  static var isOn: Bool {
    guard let file = unsafe fopen("/proc/swaps", "re") else { return false }
    defer { unsafe fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe fread(&buffer, 1, buffer.count, file)
    return buffer.prefix(count).filter { $0 == UInt8(ascii: "\n") }.count > 1
  }
}
