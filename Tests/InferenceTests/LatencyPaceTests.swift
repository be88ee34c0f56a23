import Inference
import Testing

@Suite struct LatencyPaceTests {
  /// How many of the calls used the team, where passes take the times that `time` says.
  private func teamShare(
    _ pace: inout LatencyPace, calls: Int, tokens: (_ call: Int) -> Int = { _ in 24 },
    time: (_ call: Int, _ usedTeam: Bool) -> Double
  ) -> Double {
    var teams = 0
    for call in 0..<calls {
      let usesTeam = pace.choosesTeam()
      if usesTeam { teams += 1 }
      pace.note(nanoseconds: time(call, usesTeam), tokens: tokens(call), usedTeam: usesTeam)
    }
    return Double(teams) / Double(calls)
  }

  @Test func takesTheQuickerWay() {
    var idle = LatencyPace()
    #expect(teamShare(&idle, calls: 2_000) { $1 ? 20 : 30 } > 0.9)
    var busy = LatencyPace()
    #expect(teamShare(&busy, calls: 2_000) { $1 ? 60 : 30 } < 0.1)
  }

  @Test func anInterruptionNowAndThenChangesNothing() {
    var pace = LatencyPace()
    let share = teamShare(&pace, calls: 2_000) { call, usedTeam in
      call % 7 == 3 ? 500 : usedTeam ? 20 : 26
    }
    #expect(share > 0.9)
  }

  @Test func aChangeOfLengthsIsNoChangeOfPace() {
    var pace = LatencyPace()
    let lengths = { (call: Int) in (call / 50) % 2 == 0 ? 4 : 100 }
    let share = teamShare(&pace, calls: 4_000, tokens: lengths) { call, usedTeam in
      usedTeam ? 110 + 19 * Double(lengths(call)) : 150 + 35 * Double(lengths(call))
    }
    #expect(share > 0.9)
  }

  @Test func noticesWhenTheMachineBecomesBusyAndIdleAgain() {
    var pace = LatencyPace()
    _ = teamShare(&pace, calls: 1_000) { $1 ? 20 : 30 }
    _ = teamShare(&pace, calls: LatencyPace.longestInterval + 50) { $1 ? 90 : 30 }
    #expect(teamShare(&pace, calls: 1_000) { $1 ? 90 : 30 } < 0.1)
    _ = teamShare(&pace, calls: LatencyPace.longestInterval + 50) { $1 ? 20 : 30 }
    #expect(teamShare(&pace, calls: 1_000) { $1 ? 20 : 30 } > 0.9)
  }
}
