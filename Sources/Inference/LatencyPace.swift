/// Whether a lone caller is better served by all cores or by its own, learnt from how long passes took.
///
/// On an idle machine the team of cores wins. On a busy one a helper that the system has put aside in the
/// middle of its part keeps the caller waiting for milliseconds, and the caller alone is quicker. (Measured
/// on two cores, 26 tokens: 0.70 ms together and 0.85 ms alone when idle; 1.8 ms together and 1.0 ms alone
/// beside one busy process.) Answers are the same bits either way.
package struct LatencyPace {
  /// So many calls after a trial of the other way, it is tried again, …
  package static let callsBetweenTrials = 200
  /// … for so many calls in a row: a helper that has slept needs one to wake up.
  static let trialLength = 8
  /// Passes after a change of ways that say nothing yet.
  static let warmUp = 2
  /// How much the latest pass counts in the moving means.
  static let weight = 0.2

  private var together: Double?
  private var alone: Double?
  private var calls = 0
  private var lastUsedTeam = false
  private var callsSinceChange = 0

  package init() {}

  /// Whether the next pass should use the team.
  package mutating func choosesTeam() -> Bool {
    let isTeamBetter = (together ?? 0) <= (alone ?? .infinity)
    let isTrial = calls % Self.callsBetweenTrials < Self.trialLength
    calls &+= 1
    return isTeamBetter != isTrial
  }

  /// Notes how long a pass took.
  package mutating func note(nanosecondsPerToken pace: Double, usedTeam: Bool) {
    callsSinceChange = usedTeam == lastUsedTeam ? callsSinceChange + 1 : 0
    lastUsedTeam = usedTeam
    guard callsSinceChange >= Self.warmUp else { return }
    func moved(_ mean: Double?) -> Double { mean.map { $0 + (pace - $0) * Self.weight } ?? pace }
    if usedTeam { together = moved(together) } else { alone = moved(alone) }
  }
}
