import ArgumentParser
import Glibc
import Logging
import ServiceLifecycle
import VaultEngine
import VaultModel
import VaultServer

/// Opens the vault and serves it until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve the vault on a Unix socket.")

  @Option(help: ArgumentHelp("Directory of the vault.", valueName: "dir")) var data: String
  @Option(help: ArgumentHelp("Path of the socket, in a directory of its own.", valueName: "path")) var socket: String?
  @OptionGroup var rootKey: RootKeyOptions
  @Flag(help: "Serve a demo vault, whose keys are published.") var demo = false
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?
  @Option(
    help: ArgumentHelp(
      "Journal on another medium or host: what a restore of an older backup must not undo.", valueName: "file"))
  var journal: String?
  @Option(
    help: ArgumentHelp(
      "Space kept back for the access log, in MiB; a sixteenth of the disk, at most 64, where none is named.",
      valueName: "mib"))
  var reserve: Int?
  @Option(
    name: .customLong("form"),
    help: ArgumentHelp("Form with an organisation's own fields; once for each.", valueName: "file"))
  var formFiles: [String] = []

  /// Connections that wait to be accepted.
  private static let backlog: Int32 = 128
  /// A reserve takes the log through days; a terabyte is a slip of the keys.
  private static let reserveMebibytesMax = 1 << 20

  func run() async throws {
    var environment: [String: String] = [:]
    for name in ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID"] {
      if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
    }
    let root = try rootKey.load(besides: data)
    let listening = try listener(environment)
    var options = Vault.Options()
    options.allowsDemo = demo
    options.anchorPath = anchor
    options.journalPath = journal
    if let journal, DataPlace.isInside(journal, data: data) {
      throw Failure(
        Failure.usage, "A journal inside the data directory is lost with it.",
        hint: "Name a file on another medium, or on a drive of another host.")
    }
    if let reserve {
      guard 0...ServeCommand.reserveMebibytesMax ~= reserve else {
        throw Failure(
          Failure.usage, "--reserve is not a size in MiB.", hint: "Name 0 to \(ServeCommand.reserveMebibytesMax).")
      }
      options.reserveByteCount = reserve << 20
    }
    options.forms = try FormFiles.load(formFiles)
    let vault: Vault
    do {
      vault = try await Vault.open(directory: data, root: root, options: options)
    } catch {
      if case .leased(let lease) = listening { lease.release() }
      throw error
    }
    var logger = Logger(label: "vaultd") { _ in StreamLogHandler.standardError(label: "vaultd") }
    logger.logLevel = .info
    if vault.isDemo { logger.warning("DEMO: the keys of this vault are published") }
    Upkeep.tell(vault.healthChanges(), to: logger)
    if vault.isInsecure { logger.warning("this vault was founded insecurely") }
    let server = VaultListener(
      service: EngineService(vault), socket: listening, environment: environment, logger: logger)
    var configuration = ServiceGroupConfiguration(
      services: [
        .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
        .init(service: Upkeep(vault: vault, logger: logger), successTerminationBehavior: .ignore),
      ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch {
      await vault.close()
      throw Failure(error) ?? Failure(1, "The daemon had to stop serving.", hint: "Its log above says what happened.")
    }
    await vault.close()
  }

  private func listener(_ environment: [String: String]) throws -> VaultListener<EngineService>.Socket {
    if let descriptor = try ServiceManager.activatedSocket(environment: environment) { return .activated(descriptor) }
    guard let socket else {
      throw Failure(
        Failure.usage, "There is no socket to serve on.",
        hint: "Give --socket PATH, or let the service manager pass one.")
    }
    return .leased(try SocketLease(path: socket, backlog: ServeCommand.backlog))
  }
}

/// Forgets the log key, moves the anchor, ends sessions, looks at the store again and says how the host does, in time.
struct Upkeep: Service {
  /// The log key lives for a second and the anchor may lag by one: four looks a second keep both.
  private static let interval = Duration.milliseconds(250)

  /// How long bytes that somebody wrote past SQLite can be served before all metadata is looked at again. A look at a
  /// hundred thousand records takes about a second of one core, so this is less than a five-hundredth of it.
  private static let lookInterval = Duration.seconds(600)

  let vault: Vault
  let logger: Logger

  static func tell(_ notices: [HealthNotice], to logger: Logger) {
    for notice in notices {
      let (text, isTrouble) = notice.words
      logger.log(level: isTrouble ? .warning : .notice, "\(text)")
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      // Apart from each other: a disk that does not answer must not keep keys alive.
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await repeatedly { vault.forget() } }
        group.addTask {
          await repeatedly {
            vault.maintain()
            Upkeep.tell(vault.healthChanges(), to: logger)
          }
        }
        group.addTask { await repeatedly { await vault.answerNotices() } }
        group.addTask { await repeatedly { await vault.endExceptions() } }
        group.addTask { await repeatedly { await vault.continueRekey() } }
        // The opening has just looked.
        group.addTask {
          while (try? await Task.sleep(for: Upkeep.lookInterval)) != nil { await vault.lookAgain() }
        }
      }
    }
  }

  private func repeatedly(_ body: () async -> Void) async {
    while !Task.isCancelled {
      await body()
      try? await Task.sleep(for: Upkeep.interval)
    }
  }
}

/// Forms of an organisation, read at start.
enum FormFiles {
  /// A form of some hundred fields with help texts.
  private static let byteCountMax = 1 << 20

  static func load(_ paths: [String]) throws -> FormSet {
    guard !paths.isEmpty else { return .builtIn }
    let forms = try paths.map { path in
      guard let file = unsafe fopen(path, "re") else { throw Failure(4, "A form file cannot be read.", hint: path) }
      defer { unsafe fclose(file) }
      var bytes = [UInt8](repeating: 0, count: byteCountMax + 1)
      let count = unsafe fread(&bytes, 1, bytes.count, file)
      guard count <= byteCountMax else { throw Failure(1, "A form file is too long.", hint: path) }
      do {
        return try Form.load(Array(bytes.prefix(count)))
      } catch {
        throw Failure(1, "A form file is not valid: \(error)", hint: path)
      }
    }
    do { return try FormSet(adding: forms) } catch {
      throw Failure(1, "The forms do not fit together: \(error)", hint: "Each organisation uses a prefix of its own.")
    }
  }
}
