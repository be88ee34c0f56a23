import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Several processes at the jobs of one database.
@Suite(.serialized, .endToEnd) struct JobWorkerTests {
  @Test func workersShareAJobBesideTheBridge() throws {
    let bed = try JobBed(options: ["--job-workers", "0"])
    try bed.makeTexts("reviews", 3_000)
    let workers = try ["first", "second"].map { try WorkerProcess(dsn: bed.bed.dsn, name: $0) }
    for worker in workers { #expect(eventually { worker.log.contains("working on jobs") }, "\(worker.log)") }
    try bed.run(
      "SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment', chunk_rows => 50)")
    // The bridge was not told of them, and answers as before.
    #expect(try bed.value("SELECT ai_sentiment('What a lovely kettle')") == "positive")
    try bed.wait("moods")
    #expect(
      try bed.value("SELECT string_agg(DISTINCT worker, ',' ORDER BY worker) FROM sibyl.job_chunk")
        == "first,second")
    #expect(try bed.value("SELECT count(*) FROM moods WHERE result IS NOT NULL") == "3000")
    for worker in workers {
      let ending = worker.end()
      #expect(ending.status == 0, "\(ending.errors)")
    }
    #expect(try bed.value("SELECT ok FROM sibyl.health()") == "t")
  }

  /// A worker that is stopped gives back what it is at: nobody has to wait for its lease.
  @Test func aWorkerThatIsStoppedGivesItsChunksBack() throws {
    let bed = try JobBed(options: ["--job-workers", "0"])
    try bed.makeTexts("reviews", 30_000)
    try bed.run(
      "SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment', chunk_rows => 10000, lease => '1 hour')"
    )
    let worker = try WorkerProcess(dsn: bed.bed.dsn, name: "stopped")
    #expect(try eventually { try bed.value("SELECT workers FROM sibyl.jobs") == "1" })
    #expect(worker.end().status == 0)
    #expect(
      try bed.value(
        "SELECT count(*) FROM sibyl.job_chunk WHERE state = 'leased' OR attempts > 0 AND state = 'waiting'")
        == "0")
  }

  @Test func aWorkerNeedsAnInstallationOfItsOwnVersion() throws {
    let server = try ThrowawayPostgres.shared.get()
    let database = try BridgeDatabase()
    func refusal() throws -> String {
      let ending = try WorkerProcess(dsn: server.dsn(database: database.name), name: "none").endByItself()
      #expect(ending.status == 1)
      return ending.errors
    }
    #expect(try refusal().contains("error: sibyl is not installed in the database \"\(database.name)\""))
    _ = try database.schema.install(
      schema: "public", address: BridgeDatabase.nowhere, rotatesPassword: false, migrations: 2)
    #expect(
      try refusal().contains("have the version 2, and this worker needs 5: start this version's sibyl bridge")
    )
    try database.install()
    try database.connection.query("INSERT INTO sibyl.schema_version (version, name) VALUES (99, 'later')")
    #expect(try refusal().contains("have the version 99, and this worker knows versions up to 5"))
  }

  /// A machine without the model spoils nothing: it says so, and others do the work.
  @Test func aWorkerWithoutTheModelLeavesTheWorkToOthers() throws {
    let bed = try JobBed(options: ["--job-workers", "0"])
    try bed.makeTexts("reviews", 200)
    try bed.run(
      "SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment', chunk_rows => 50)")
    let poor = try WorkerProcess(
      dsn: bed.bed.dsn, name: "poor", environment: ["SIBYL_HOME": bed.bed.folder + "/empty"])
    #expect(
      try eventually {
        try bed.value("SELECT last_error LIKE '%minilm%(worker poor)' AND state = 'running' FROM sibyl.jobs")
          == "t"
      }, "\(poor.log)")
    #expect(try bed.value("SELECT max(attempts) FROM sibyl.job_chunk WHERE state = 'waiting'") == "0")
    let rich = try WorkerProcess(dsn: bed.bed.dsn, name: "rich")
    try bed.wait("moods")
    #expect(try bed.value("SELECT done || ' ' || failed FROM sibyl.jobs") == "200 0")
    #expect(poor.isRunning && rich.isRunning)
  }

  /// Neither a worker nor its job minds that the database goes away for a while.
  @Test func theDatabaseGoesAndComesBack() throws {
    let bed = try EndToEnd(options: ["--job-workers", "0"])
    let worker = try WorkerProcess(dsn: bed.dsn, name: "patient")
    var connection = try bed.connect()
    try connection.runScript(
      """
      CREATE TABLE reviews (id bigint PRIMARY KEY, body text);
      INSERT INTO reviews SELECT i, 'The kettle number ' || i || ' is lovely' FROM generate_series(1, 4000) AS i;
      CREATE TABLE moods (id bigint, result text);
      SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment', chunk_rows => 200, lease => '2 seconds')
      """)
    for _ in 0..<2 {
      #expect(
        try eventually {
          try connection.integer("SELECT count(*) FROM sibyl.job_chunk WHERE state = 'leased'") > 0
        })
      try bed.server.restart()
      #expect(
        eventually {
          guard let new = try? bed.connect() else { return false }
          connection = new
          return true
        })
    }
    #expect(
      try eventually { try connection.value("SELECT state FROM sibyl.jobs") == "finished" }, "\(worker.log)")
    #expect(try connection.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM moods") == "4000 4000")
    #expect(worker.isRunning)
  }
}

extension WorkerProcess {
  /// Waits for one that ends without being told to.
  func endByItself() -> ChildProcess.Ending {
    _ = eventually { !isRunning }
    return end(0)
  }
}
