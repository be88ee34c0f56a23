import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// Workers that die at any moment, or sleep longer than their lease: no row is lost, and none is written twice.
@Suite(.serialized, .endToEnd) struct JobKillTests {
  private static let kills = 50

  @Test func everyRowIsWrittenOnce() throws {
    let bed = try JobBed(options: ["--job-workers", "0"])
    let rows = 5_000
    try bed.makeTexts("texts", rows)
    // As it should be.
    let calm = try WorkerProcess(dsn: bed.bed.dsn, name: "calm")
    try bed.run("SELECT sibyl.create_job('calm', 'SELECT * FROM texts', 'id', 'ai_sentiment_score')")
    try bed.wait("calm")
    calm.end()

    try bed.run(
      """
      CREATE TABLE insertions (target text, id bigint);
      CREATE FUNCTION log_insertion() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
        INSERT INTO insertions VALUES (TG_TABLE_NAME, NEW.id);
        -- So that workers are killed while they write, too.
        PERFORM pg_sleep(0.004);
        RETURN NEW;
      END$$
      """)
    var crew = try Crew(dsn: bed.bed.dsn, seed: 5)
    var round = 0
    repeat {
      round += 1
      let job = "stormy_\(round)"
      // Without a key nothing but the lease keeps rows from being written twice.
      try bed.run(
        """
        CREATE TABLE \(job) (id bigint, result double precision);
        CREATE TRIGGER log BEFORE INSERT ON \(job) FOR EACH ROW EXECUTE FUNCTION log_insertion();
        SELECT sibyl.create_job('\(job)', 'SELECT * FROM texts', 'id', 'ai_sentiment_score', target => '\(job)',
          chunk_rows => 40, lease => '1 second')
        """)
      var hasSlept = round > 2
      // Enough is enough: then the last ones may finish in peace.
      while try bed.state(of: job) == "running", crew.kills < Self.kills {
        crew.killOne()
        if !hasSlept {
          // One that is in the middle of a chunk sleeps until another one has it.
          hasSlept = try crew.oversleep(
            isAtWork: { name in
              try bed.connection.value(
                "SELECT number FROM sibyl.job_chunk WHERE state = 'leased' AND worker = $1", [.text(name)])
            },
            isTaken: { chunk in
              try bed.connection.integer(
                "SELECT attempts FROM sibyl.job_chunk WHERE job = (SELECT id FROM sibyl.job WHERE name = '\(job)') AND number = \(chunk)"
              ) > 1
            })
        }
        try crew.restart()
        crew.pause()
      }
      try bed.wait(job)
      #expect(
        try bed.connection.query(
          """
          SELECT j.rows, j.done, j.failed, j.skipped, (SELECT count(*) FROM \(job)), (SELECT count(DISTINCT id) FROM \(job)),
            (SELECT count(*) FROM insertions WHERE target = j.name),
            (SELECT count(DISTINCT id) FROM insertions WHERE target = j.name)
          FROM sibyl.jobs AS j WHERE name = '\(job)'
          """
        ).rows == [["\(rows)", "\(rows)", "0", "0", "\(rows)", "\(rows)", "\(rows)", "\(rows)"]])
      #expect(
        try bed.value(
          "SELECT count(*) FROM ((TABLE \(job) EXCEPT TABLE calm) UNION ALL (TABLE calm EXCEPT TABLE \(job))) AS d"
        ) == "0")
      #expect(hasSlept)
    } while crew.kills < Self.kills && round < 6
    print("workers killed: \(crew.kills), in \(round) jobs; put to sleep: \(crew.sleeps)")
    #expect(crew.kills >= Self.kills && crew.sleeps >= 1)
  }

  /// The same while rows are inserted, changed and deleted: when it is quiet again, every answer is that of the row as
  /// it is.
  @Test func columnsGetFreshWhateverHappens() throws {
    let bed = try JobBed(options: ["--job-workers", "0"])
    try bed.makeTexts("texts", 600)
    try bed.run(
      """
      SELECT sibyl.create_column('texts', 'score', 'ai_sentiment_score', ARRAY['body'], lease => '1 second');
      SELECT sibyl.create_column('texts', 'mood', 'ai_sentiment', ARRAY['body'], target => 'moods', lease => '1 second')
      """)
    let dsn = bed.bed.dsn
    let writers = (0..<2).map { number in
      Background { () -> String? in
        do {
          let connection = try PostgresConnection(PostgresDSN(dsn))
          var random = SplitMix(seed: UInt64(number + 7))
          for turn in 0..<500 {
            let id = random.next() % 900 + 1
            switch random.next() % 8 {
            case 0...2:
              try connection.query(
                "INSERT INTO texts VALUES (\(id), 'A new lamp \(turn) of writer \(number)') ON CONFLICT (id) DO UPDATE SET body = 'I hate it ' || excluded.body"
              )
            case 3...4:
              try connection.query(
                "UPDATE texts SET body = 'I love the lamp \(turn) of \(number)' WHERE id = \(id)")
            case 5:
              try connection.query("UPDATE texts SET body = body || '!' WHERE id BETWEEN \(id) AND \(id + 5)")
            case 6: try connection.query("DELETE FROM texts WHERE id BETWEEN \(id) AND \(id + 1)")
            default:
              try connection.query("DELETE FROM texts WHERE id = \(id)")
              try connection.query(
                "UPDATE texts SET id = \(id) WHERE id = (SELECT min(id) FROM texts WHERE id > \(id))")
            }
            usleep(10_000)
          }
          return nil
        } catch let error as PostgresError where error.sqlState == "40P01" {
          return "a writer got a deadlock: \(error)"
        } catch {
          return "\(error)"
        }
      }
    }
    var crew = try Crew(dsn: dsn, seed: 9)
    var hasSlept = false
    for _ in 0..<20 {
      crew.killOne()
      if !hasSlept {
        hasSlept = try crew.oversleep(
          isAtWork: { name in
            try bed.connection.value(
              "SELECT max(ai_column || ' ' || key) FROM sibyl.column_change WHERE worker = $1 AND lease IS NOT NULL",
              [.text(name)])
          },
          isTaken: { _ in true })
      }
      try crew.restart()
      crew.pause()
    }
    for writer in writers {
      if let failure = try #require(writer.wait()) { Issue.record("a writer failed: \(failure)") }
    }
    for column in ["score", "mood"] { try bed.waitUntilFresh(column) }
    #expect(try bed.connection.integer("SELECT count(*) FROM texts") > 100)
    let answers =
      "(SELECT unnest(array_agg(id)) AS id, unnest(ai_sentiment_score(array_agg(body))) AS score, "
      + "unnest(ai_sentiment(array_agg(body))) AS mood FROM texts) AS direct"
    #expect(
      try bed.value(
        "SELECT count(*) FROM texts FULL JOIN \(answers) USING (id) WHERE texts.score IS DISTINCT FROM direct.score"
      )
        == "0")
    #expect(
      try bed.value(
        "SELECT count(*) FROM moods FULL JOIN \(answers) USING (id) WHERE moods.mood IS DISTINCT FROM direct.mood"
      )
        == "0")
    #expect(try bed.connection.query("SELECT * FROM sibyl.column_failures").rows == [])
    print("workers killed: \(crew.kills); put to sleep: \(crew.sleeps)")
    #expect(crew.kills == 20 && hasSlept)
  }
}

/// Three workers, one of which is killed again and again.
private struct Crew {
  private let dsn: String
  private var workers: [WorkerProcess]
  private var random: SplitMix
  private var started = 3
  private(set) var kills = 0
  private(set) var sleeps = 0

  init(dsn: String, seed: UInt64) throws {
    self.dsn = dsn
    random = SplitMix(seed: seed)
    workers = try (1...3).map { try WorkerProcess(dsn: dsn, name: "worker \($0)") }
  }

  /// Kills one, as a power cut would.
  mutating func killOne() {
    guard workers.count == 3 else { return }
    workers.remove(at: Int(random.next() % 3)).end(SIGKILL)
    kills += 1
  }

  /// Starts another one in its place.
  mutating func restart() throws {
    guard workers.count < 3 else { return }
    started += 1
    workers.append(try WorkerProcess(dsn: dsn, name: "worker \(started)"))
  }

  /// Long enough for workers to get to any point of their work.
  mutating func pause() { usleep(UInt32(random.next() % 200_000)) }

  /// Stops a worker that is in the middle of something for longer than its lease, and lets it go on.
  /// - Returns: false where none was.
  mutating func oversleep(isAtWork: (String) throws -> String?, isTaken: (String) throws -> Bool) throws
    -> Bool
  {
    for worker in workers {
      worker.send(SIGSTOP)
      if let work = try isAtWork(worker.name) {
        sleeps += 1
        try restart()
        usleep(1_500_000)
        let isSo = try eventually(within: 10) { try isTaken(work) }
        worker.send(SIGCONT)
        // Time to find out that the lease is lost, and to do what it must not.
        usleep(300_000)
        return isSo
      }
      worker.send(SIGCONT)
    }
    return false
  }
}
