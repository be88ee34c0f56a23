import Testing
import sibyl

@Suite struct ProgressBarTests {
  private let plain = TerminalStyle(hasColours: false)

  @Test func saysHowFarTheJobIs() {
    let state = ProgressBar.State(done: 45_120, total: 100_000, cached: 5_120, computed: 40_000, seconds: 2)
    #expect(
      ProgressBar.line(state, columns: 100, style: plain)
        == "  45,120 of 100,000 rows [============>               ] 45%  20,000 rows/s  11% cached  0:03 left"
    )
  }

  @Test func saysThatItReads() {
    let state = ProgressBar.State(done: 1_234, total: nil, cached: 0, computed: 0, seconds: 0)
    #expect(ProgressBar.line(state, columns: 80, style: plain) == " reading: 1,234 rows")
  }

  /// A line that is as long as the terminal is wide would wrap and could not be drawn over.
  @Test(arguments: [1, 20, 40, 60, 80, 120, 300])
  func fitsTheTerminal(columns: Int) {
    for done in [0, 1, 99_999_999, 100_000_000] {
      let state = ProgressBar.State(
        done: done, total: 100_000_000, cached: done / 2, computed: done / 2, seconds: 9)
      #expect(ProgressBar.line(state, columns: columns, style: plain).count < columns)
    }
  }

  @Test(arguments: [
    (0.2, "0:01"), (59.5, "1:00"), (3599, "59:59"), (3661, "1:01:01"), (.infinity, "a long time"),
  ])
  func writesDurations(seconds: Double, text: String) {
    #expect(ProgressBar.duration(seconds) == text)
  }

  @Test func writesNumbers() {
    #expect(NumberText.grouped(0) == "0")
    #expect(NumberText.grouped(999) == "999")
    #expect(NumberText.grouped(-1_234_567) == "-1,234,567")
    #expect(NumberText.decimal(1.005, places: 2) == "1.00")
    #expect(NumberText.decimal(0.049, places: 1) == "0.0")
    #expect(NumberText.decimal(-2.96, places: 1) == "-3.0")
    #expect(NumberText.decimal(12, places: 0) == "12")
  }
}
