import NIOCore
import Synchronization
import VaultAPI

/// Who is connected: counts in all and for each uid, and the way to reach every connection at the end.
final class ConnectionLedger: Sendable {
  enum Admission: Equatable {
    case admitted
    case refused(Problem)
  }

  private struct State {
    /// Refused ones too, which stay until they have read why.
    var channels: [ObjectIdentifier: any Channel] = [:]
    var admitted: Set<ObjectIdentifier> = []
    var countByUID: [UInt32: Int] = [:]
    var isDraining = false
  }

  private let limits: TransportLimits
  private let state = Mutex(State())

  init(limits: TransportLimits) { self.limits = limits }

  /// Counts a connection in, or says why not. Either has to `leave`.
  func admit(_ channel: any Channel, uid: UInt32) -> Admission {
    state.withLock { state in
      state.channels[ObjectIdentifier(channel)] = channel
      guard !state.isDraining else { return .refused(Problem(.busy, "The daemon is stopping.")) }
      let ofUID = state.countByUID[uid, default: 0]
      guard state.admitted.count < limits.connectionCountMax else {
        return .refused(
          Problem(.busy, "The daemon takes \(limits.connectionCountMax) connections at once.", retryAfterSeconds: 1))
      }
      guard ofUID < limits.connectionCountPerUIDMax else {
        return .refused(
          Problem(
            .tooManyConnections, "One user may have \(limits.connectionCountPerUIDMax) connections at once.",
            retryAfterSeconds: 1))
      }
      state.countByUID[uid] = ofUID + 1
      state.admitted.insert(ObjectIdentifier(channel))
      return .admitted
    }
  }

  func leave(_ channel: any Channel, uid: UInt32) {
    state.withLock { state in
      state.channels[ObjectIdentifier(channel)] = nil
      guard state.admitted.remove(ObjectIdentifier(channel)) != nil else { return }
      let left = state.countByUID[uid, default: 1] - 1
      state.countByUID[uid] = left > 0 ? left : nil
    }
  }

  /// Lets idle connections go at once and busy ones after their answer; closes what is left after the drain time.
  func drain() {
    for channel in startDraining() {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      let deadline = channel.eventLoop.scheduleTask(in: limits.drainTime) { channel.close(promise: nil) }
      channel.closeFuture.whenComplete { _ in deadline.cancel() }
    }
  }

  var count: Int { state.withLock { $0.admitted.count } }

  private func startDraining() -> [any Channel] {
    state.withLock { state in
      state.isDraining = true
      return Array(state.channels.values)
    }
  }
}
