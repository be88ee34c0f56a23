#!/bin/sh
# What `make demo-postgres` runs: a PostgreSQL server of its own, thrown away at the end, the bridge, and two
# questions asked with psql. Servers that run on this machine already are left alone.
#
#   examples/demo-postgres.sh [COMMAND]     COMMAND is the command line, by default build/sibyl
set -eu
command=${1:-build/sibyl}
examples=$(cd "$(dirname "$0")" && pwd)

fail() {
  printf 'demo-postgres: %s\n' "$*" >&2
  exit 1
}

# The newest server that is installed: Debian keeps its programs out of the PATH.
programs=
for folder in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
  if [ -x "$folder/initdb" ]; then programs=$folder; fi
done
if [ -z "$programs" ] && command -v initdb >/dev/null; then programs=$(dirname "$(command -v initdb)"); fi
[ -n "$programs" ] || fail "there is no PostgreSQL server; run: make setup"

folder=$(mktemp -d "${TMPDIR:-/tmp}/sibyl-demo.XXXXXX")
bridge=
# A server refuses to run as root, so root's runs as the user that the package made.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_server() { (cd "$folder" && runuser -u postgres -- "$@"); }
else
  as_server() { "$@"; }
fi
end() {
  if [ -n "$bridge" ]; then kill -INT "$bridge" 2>/dev/null && wait "$bridge" 2>/dev/null || true; fi
  as_server "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM

as_server "$programs/initdb" -D "$folder/data" -U sibyl -A trust -E UTF8 --no-sync >"$folder/log" 2>&1 ||
  fail "initdb failed: $(cat "$folder/log")"
# Reached through a socket in the folder only, so that no port is taken.
as_server "$programs/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -s \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off" start ||
  fail "the server does not start: $(cat "$folder/data/log")"
chmod 755 "$folder"
address="host=$folder user=sibyl dbname=postgres"
ask() {
  printf '\n-- %s\n%s\n\n' "$1" "$2"
  "$programs/psql" -X -q -d "$address" -P pager=off -c "$2"
}

"$programs/psql" -X -q -d "$address" \
  -c 'CREATE TABLE reviews (id int PRIMARY KEY, product text, stars int, posted date, body text)' \
  -c "\\copy reviews FROM '$examples/reviews.csv' CSV HEADER" \
  -c 'CREATE TABLE tickets (id int PRIMARY KEY, opened timestamp, priority text, body text)' \
  -c "\\copy tickets FROM '$examples/tickets.csv' CSV HEADER"

printf '\n-- The bridge installs the functions and serves them\nsibyl bridge --dsn "%s"\n\n' "$address"
"$command" bridge --dsn "$address" --listen 127.0.0.1:0 &
bridge=$!
tries=0
until [ "$("$programs/psql" -X -A -t -d "$address" -c 'SELECT ok FROM sibyl.health()' 2>/dev/null)" = t ]; do
  kill -0 "$bridge" 2>/dev/null || fail "the bridge ended"
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail "the bridge does not answer"
  sleep 0.1
done

ask 'The mood of two hundred product reviews, against the stars that their authors gave' \
  'SELECT ai_sentiment(body) AS mood, count(*) AS reviews, round(avg(stars), 2) AS stars
FROM reviews GROUP BY mood ORDER BY stars;'

ask 'What are the support tickets about?' \
  "SELECT ai_classify(body, ARRAY['billing', 'shipping', 'product quality', 'account access']) AS topic,
       count(*) AS tickets
FROM tickets GROUP BY topic ORDER BY tickets DESC;"

ask 'What the bridge has done so far' \
  'SELECT version, models, requests, answered, sessions FROM sibyl.status;'
