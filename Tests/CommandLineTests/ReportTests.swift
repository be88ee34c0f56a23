import Foundation
import TestSupport
import Testing

/// `sibyl run --report`: one page with what the run did, that needs nothing else.
@Suite struct ReportTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var notes = "id,body\n"
    for id in 1...120 {
      notes +=
        "\(id),\"\(id % 3 == 0 ? "I hate this, it broke" : "I love this, it works") & <b>\(id % 60)</b>\"\n"
    }
    try folder.write("notes.csv", notes.utf8)
  }

  private func run(_ arguments: String...) throws -> CommandRun {
    try CommandRun.Started(["run"] + arguments, in: folder).end()
  }

  private func page(_ name: String = "out.html") throws -> String {
    String(decoding: try folder.contents(name), as: UTF8.self)
  }

  @Test func tellsWhatTheRunDid() throws {
    let sql =
      "CREATE TABLE m AS SELECT ai_sentiment(body) AS mood, ai_classify(body, '[\"<praise>\",\"complaint\"]') AS kind FROM notes"
    let done = try run("--report", "out.html", "--csv", "notes.csv", "new.db", sql)
    #expect(done.status == 0, "\(done.errors)")
    let page = try page()
    // As often as the table says.
    let counts = try run("-q", "new.db", "SELECT mood, count(*) FROM m GROUP BY 1", "-o", "csv").output
    for line in counts.split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ",")
      #expect(
        page.contains("<span class=\"label\">\(parts[0])</span>")
          && page.contains("<span class=\"number\">\(parts[1])</span>"), "\(line)")
    }
    #expect(page.contains("<span class=\"label\">&lt;praise&gt;</span>"))
    #expect(
      page.contains("<dt>AI calls</dt><dd>240</dd>") && page.contains("<dt>different ones</dt><dd>120</dd>"))
    #expect(page.components(separatedBy: "<h3>Confidence</h3>").count == 3)
    #expect(page.contains("Least confident rows") && page.contains("Slowest rows"))
    // Texts of the data are text, whatever they hold.
    #expect(page.contains("&amp; &lt;b&gt;") && !page.contains("<b>"))
    #expect(page.contains("new.db") && page.contains("CREATE TABLE m AS SELECT ai_sentiment(body)"))
    // Nothing from anywhere else.
    for reference in ["http", "<script", "<link", "<img", "url(", "@import"] {
      #expect(!page.contains(reference))
    }
    #expect(page.contains("prefers-color-scheme: dark"))
  }

  @Test func tellsOfRunsWithoutWork() throws {
    _ = try run("--report", "out.html", "--csv", "notes.csv", "SELECT 1")
    #expect(try page().contains("<dt>AI calls</dt><dd>0</dd>"))
    _ = try run("--csv", "notes.csv", "SELECT ai_embed(body) FROM notes")
    _ = try run("--report", "out.html", "--csv", "notes.csv", "SELECT ai_embed(body) FROM notes")
    #expect(try page().contains("120 answers, 0 of them NULL"))
    #expect(try page().contains("<dt>from the cache</dt><dd>100%</dd>"))
  }

  @Test func aFolderThatIsMissingIsToldBeforeTheWork() throws {
    let failed = try run(
      "--report", "nowhere/out.html", "--csv", "notes.csv", "new.db",
      "CREATE TABLE m AS SELECT ai_sentiment(body) FROM notes")
    #expect(failed.status == 1)
    #expect(
      failed.errors.contains("The report nowhere/out.html can't be written: No such file or directory."))
    #expect(
      try run("-q", "new.db", "SELECT count(*) AS n FROM sqlite_schema", "-o", "csv").output == "n\r\n0\r\n")
  }

  private static let browser = [
    "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ].first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What a real browser draws: a page that differs between light and dark, and is not blank.
  @Test(.enabled(if: browser != nil, "SKIPPED: no Chromium or Chrome on this machine draws the report"))
  func aBrowserDrawsIt() throws {
    let browser = try #require(Self.browser)
    _ = try run("--report", "out.html", "--csv", "notes.csv", "SELECT ai_sentiment(body) FROM notes")
    var pictures: [[UInt8]] = []
    // 0 is dark, 1 is light.
    for scheme in ["0", "1"] {
      let picture = "picture\(scheme).png"
      let drawn = try CommandRun.Started(
        [
          "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=800,1200",
          "--user-data-dir=\(folder["browser"])", "--blink-settings=preferredColorScheme=\(scheme)",
          "--screenshot=\(folder[picture])", "file://\(folder["out.html"])",
        ], program: browser, in: folder
      ).end()
      #expect(drawn.status == 0, "\(drawn.errors)")
      pictures.append(try folder.contents(picture))
    }
    // A blank page of this size is a picture of some 5,000 bytes.
    #expect(pictures.allSatisfy { $0.count > 20_000 })
    #expect(pictures[0] != pictures[1])
  }
}
