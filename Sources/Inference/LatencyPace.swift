/// Whether a lone caller is better served by all cores or by its own, learnt from how long passes took.
///
/// On an idle machine the team of cores wins. On a busy one a helper that the system has put aside in the
/// middle of its part keeps the caller waiting for milliseconds, and the caller alone is quicker. (Measured
/// on two cores, 24 tokens: 0.50 ms together and 0.89 ms alone when idle; beside one busy process the caller
/// alone.) Answers are the same bits either way.
///
/// The ways are compared by the median of their latest passes, all of one trial: a mean follows every
/// interruption, and with one the choice changed so often that an idle machine took 0.85 ms.
package struct LatencyPace {
  /// Calls from a change of ways to the first trial of the other one. Each trial that changes nothing
  /// doubles the distance to the next, …
  static let shortestInterval = 64
  /// … up to this.
  package static let longestInterval = 1_024
  /// Passes whose median counts.
  static let samples = 15
  /// Passes with the team after some without that say nothing yet: a core that has slept takes about ten
  /// milliseconds to reach its speed (measured: the first ten passes take a quarter longer than the rest).
  static let warmUp = 20
  /// A trial of the team ends before its warm-up where it is this much slower than the caller alone: that is a busy
  /// machine, and not a core that wakes.
  static let hopeless = 1.5
  /// The other way must be this much quicker to be taken. Idle or busy, the ways are far apart; in between, a wrong
  /// change costs more than none.
  static let margin = 0.9
  /// A pass reads all weights, however short its text: that takes as long as so many tokens.
  static let tokensOfWeights = 5

  private var usesTeam = true
  private var isTrial = false
  private var callsToTrial = Self.shortestInterval
  private var interval = Self.shortestInterval
  private var together = LatestPasses()
  private var alone = LatestPasses()
  private var passesOfTrial = 0
  private var warmingUp = LatestPasses()

  package init() {}

  /// Whether the next pass should use the team.
  package func choosesTeam() -> Bool { usesTeam != isTrial }

  /// Notes how long a pass over some tokens took.
  package mutating func note(nanoseconds: Double, tokens: Int, usedTeam: Bool) {
    let pace = nanoseconds / Double(max(tokens, 0) + Self.tokensOfWeights)
    if isTrial {
      guard usedTeam != usesTeam else { return }
      passesOfTrial += 1
      // The caller's own core is awake as it is.
      let warmUp = usedTeam ? Self.warmUp : 0
      guard passesOfTrial > warmUp else {
        warmingUp.add(pace)
        if passesOfTrial == Self.samples, warmingUp.median > alone.median * Self.hopeless { dropTrial() }
        return
      }
      add(pace, team: usedTeam)
      if passesOfTrial == warmUp + Self.samples { endTrial() }
    } else {
      add(pace, team: usedTeam)
      callsToTrial -= 1
      if callsToTrial <= 0 {
        isTrial = true
        passesOfTrial = 0
        warmingUp = LatestPasses()
      }
    }
  }

  private mutating func add(_ pace: Double, team: Bool) {
    if team { together.add(pace) } else { alone.add(pace) }
  }

  private mutating func endTrial() {
    isTrial = false
    let (current, other) = usesTeam ? (together, alone) : (alone, together)
    if other.median < current.median * Self.margin {
      usesTeam.toggle()
      interval = Self.shortestInterval
      callsToTrial = interval
    } else {
      dropTrial()
    }
  }

  /// The other way is no quicker.
  private mutating func dropTrial() {
    isTrial = false
    interval = min(interval * 2, Self.longestInterval)
    callsToTrial = interval
  }

  /// The last few passes of one way.
  private struct LatestPasses {
    private var paces: [Double] = []

    mutating func add(_ pace: Double) {
      if paces.count == LatencyPace.samples { paces.removeFirst() }
      paces.append(pace)
    }

    /// Infinite while there is none.
    var median: Double { paces.isEmpty ? .infinity : paces.sorted()[paces.count / 2] }
  }
}
