import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Synchronization

/// A database that answers as the bridge does, for tests of what is on this side of the wire: dblink can't
/// tell the difference.
///
/// Its functions take what SQL sends and do what the text says: `slow MS …` takes so long and hands out
/// tickets, `fail SQLSTATE …` fails, `die …` ends the connection once, `null …` is NULL, anything else is
/// answered with what was asked.
final class StandInBridge {
  let address: BridgeAddress
  private let connection: PostgresConnection

  /// - Parameter server: where the stand-in's database is to be, for all tests that use the server.
  init(on server: ThrowawayPostgres) throws {
    address = BridgeAddress(host: "127.0.0.1", port: server.port)
    connection = try Self.made.withLock { made in
      if made.insert(server.folder).inserted {
        try server.connect().query("CREATE ROLE sibyl LOGIN SUPERUSER")
        try server.connect().query("CREATE DATABASE sibyl OWNER sibyl")
        try server.connect(database: "sibyl").runScript(Self.sql)
      }
      return try server.connect(database: "sibyl")
    }
  }

  /// The servers that have a stand-in.
  private static let made = Mutex<Set<String>>([])

  /// What was asked so far with a text in it, one line a call: `ai_sentiment|a|…`.
  func asked(_ text: String) throws -> [String] {
    try connection.query(
      "SELECT what FROM asked WHERE strpos(what, $1) > 0 ORDER BY number", [.text(text)]
    ).rows.map { $0[0] ?? "" }
  }

  /// When somebody last waited for the call with a text in it.
  func lastAsked(_ text: String) throws -> String? {
    try connection.query("SELECT max(last) FROM tickets WHERE strpos(what, $1) > 0", [.text(text)]).first
  }

  /// How long ago somebody last waited for the call with a text in it.
  func millisecondsSinceLastAsked(_ text: String) throws -> Double? {
    try connection.query(
      "SELECT extract(epoch FROM clock_timestamp() - max(last)) * 1000 FROM tickets WHERE strpos(what, $1) > 0",
      [.text(text)]
    ).first.flatMap { Double($0) }
  }

  /// Ends the connections of the sessions that ask.
  func endConnections(of application: String) throws {
    try connection.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'sibyl' AND pid <> pg_backend_pid() "
        + "AND strpos(query, $1) > 0 AND state = 'idle'", [.text(application)])
  }

  private static let sql = """
    CREATE CAST (jsonb AS text) WITH INOUT AS IMPLICIT;
    CREATE CAST (bigint AS text) WITH INOUT AS IMPLICIT;
    CREATE CAST (real[] AS text) WITH INOUT AS IMPLICIT;
    CREATE UNLOGGED TABLE asked (number bigserial, what text);
    CREATE UNLOGGED TABLE tickets (ticket text, what text, answers text[], done timestamptz, last timestamptz);

    -- What a function answers to a text.
    CREATE FUNCTION answer_to(name text, body text, others text) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
      IF body LIKE 'fail %' THEN
        RAISE EXCEPTION USING ERRCODE = split_part(body, ' ', 2), MESSAGE = name || ': does not like ' || body,
          DETAIL = 'because', HINT = 'try another';
      END IF;
      RETURN CASE
        WHEN body LIKE 'null %' THEN NULL
        WHEN name IN ('ai_sentiment_score', 'ai_similarity', 'ai_score') THEN (length(body) / 8.0)::text
        WHEN name = 'ai_count_tokens' THEN length(body)::text
        WHEN name = 'ai_embed' THEN format('{%s,0.5,-1e-07}', length(body))
        WHEN name = 'ai_cache_stats' THEN '{"hits": 5}'
        ELSE concat_ws('|', name, body, nullif(others, '')) END;
    END $$;

    CREATE FUNCTION reply(name text, answers text[], what text) RETURNS TABLE (ticket text, answer text)
    LANGUAGE plpgsql AS $$
    DECLARE
      milliseconds int := substring(what FROM 'slow (\\d+)');
    BEGIN
      IF milliseconds IS NULL THEN
        RETURN QUERY SELECT NULL::text, a FROM unnest(answers) AS a;
        RETURN;
      END IF;
      RETURN QUERY INSERT INTO tickets VALUES (gen_random_uuid(), what, answers,
        clock_timestamp() + make_interval(secs => milliseconds / 1000.0), clock_timestamp())
        RETURNING tickets.ticket, NULL::text;
    END $$;

    CREATE FUNCTION note(what text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF what !~ '[|](die|fail)' THEN
        INSERT INTO asked (what) VALUES ($1);
        RETURN;
      END IF;
      -- The note must outlive the transaction.
      PERFORM dblink_exec('dbname=sibyl user=postgres port=' || current_setting('port')
        || ' host=' || current_setting('unix_socket_directories'), format('INSERT INTO asked (what) VALUES (%L)', $1));
      IF what LIKE '%|die%' AND (SELECT count(*) FROM asked AS a WHERE a.what = $1) < 2 THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(1);
      END IF;
    END $$;
    CREATE EXTENSION dblink;

    CREATE FUNCTION sibyl_call(name text, VARIADIC others text[] DEFAULT '{}')
    RETURNS TABLE (ticket text, answer text) LANGUAGE plpgsql AS $$
    DECLARE
      what text := concat_ws('|', name, nullif(array_to_string(others, '|', 'NULL'), ''));
    BEGIN
      PERFORM note(what);
      IF name = 'ai_chunk' THEN
        RETURN QUERY SELECT NULL::text, jsonb_build_object(
          'position', n - 1, 'text', 'piece ' || n, 'start', n * 10, 'length', others[2]::int)::text
          FROM generate_series(1, length(others[1])) AS n;
      ELSIF name = 'ai_functions' THEN
        RETURN QUERY VALUES
          (NULL::text, '{"name": "a", "signature": "a()", "returns": "text", "examples": "[1, 2]", "kind": "scalar"}'),
          (NULL::text, '{"name": "b", "signature": "b()", "returns": null, "examples": [3], "kind": "table"}');
      ELSE
        RETURN QUERY SELECT * FROM reply(name,
          ARRAY[answer_to(name, others[1], array_to_string(others[2:], '|'))], what);
      END IF;
    END $$;

    CREATE FUNCTION sibyl_call(name text, elements text[], VARIADIC others text[] DEFAULT '{}')
    RETURNS TABLE (ticket text, answer text) LANGUAGE plpgsql AS $$
    DECLARE
      what text := concat_ws('|', name, elements::text, nullif(array_to_string(others, '|', 'NULL'), ''));
    BEGIN
      PERFORM note(what);
      RETURN QUERY SELECT * FROM reply(name,
        ARRAY(SELECT answer_to(name, e, array_to_string(others, '|'))
          FROM unnest(elements) WITH ORDINALITY AS u (e, n) ORDER BY n),
        what);
    END $$;

    CREATE FUNCTION sibyl_wait(asked_ticket text) RETURNS TABLE (ticket text, answer text) LANGUAGE plpgsql AS $$
    DECLARE
      it tickets;
    BEGIN
      UPDATE tickets AS t SET last = clock_timestamp() WHERE t.ticket = asked_ticket RETURNING * INTO STRICT it;
      PERFORM pg_sleep(greatest(least(extract(epoch FROM it.done - clock_timestamp()), 0.05), 0));
      IF clock_timestamp() < it.done THEN
        RETURN QUERY VALUES (asked_ticket, NULL::text);
      ELSE
        RETURN QUERY SELECT NULL::text, a FROM unnest(it.answers) AS a;
      END IF;
    END $$;

    CREATE FUNCTION sibyl_status() RETURNS TABLE (
      version text, started timestamptz, uptime double precision, models text[], queue_length bigint,
      requests bigint, answered bigint, cache_hits bigint, rows_per_second double precision, sessions bigint)
    LANGUAGE sql AS $$
      SELECT '0.1.0', '2030-01-02 03:04:05Z'::timestamptz, 3661.5, ARRAY['minilm', 'other'], 1, 2, 3, 4, 5.5, 6
    $$;
    """
}
