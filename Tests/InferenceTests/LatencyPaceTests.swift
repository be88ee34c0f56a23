import Inference
import Testing

@Suite struct LatencyPaceTests {
  /// Passes that take the given times; how many of them used the team.
  private func teamShare(together: Double, alone: Double, calls: Int) -> Double {
    var pace = LatencyPace()
    var teams = 0
    for _ in 0..<calls {
      let usesTeam = pace.choosesTeam()
      if usesTeam { teams += 1 }
      pace.note(nanosecondsPerToken: usesTeam ? together : alone, usedTeam: usesTeam)
    }
    return Double(teams) / Double(calls)
  }

  @Test func takesTheQuickerWay() {
    #expect(teamShare(together: 20, alone: 30, calls: 1000) > 0.9)
    #expect(teamShare(together: 60, alone: 30, calls: 1000) < 0.1)
  }

  @Test func noticesWhenTheMachineBecomesBusyAndIdleAgain() {
    var pace = LatencyPace()
    func run(_ calls: Int, together: Double) -> Bool {
      var last = false
      for _ in 0..<calls {
        last = pace.choosesTeam()
        pace.note(nanosecondsPerToken: last ? together : 30, usedTeam: last)
      }
      return last
    }
    #expect(run(400, together: 20))
    #expect(!run(400, together: 90))
    #expect(run(2_000, together: 20))
  }
}
