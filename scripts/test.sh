#!/usr/bin/env bash
# Runs all tests. Everything they print goes to build/test.log; the terminal gets what a reader wants: one line a
# suite, every failure as it happens, how many tests ran, and at the end the failures once more, so that the last screen
# says what broke.
#
# Usage: scripts/test.sh EXTENSION COMMAND [what `swift test` takes, such as --filter Wire]
set -euo pipefail
cd "$(dirname "$0")/.."

export SIBYL_EXTENSION=$1 SIBYL_COMMAND=$2
shift 2
log=build/test.log
mkdir -p build

status=0
# Tests are compiled with other flags than products; in a folder of their own, neither makes the other compile anew.
"${SWIFT:-swift}" test -c release --scratch-path .build/tests --disable-xctest "$@" 2>&1 | tee "$log" \
  | grep --line-buffered -vE 'started\.$|^(◇|↳|✔ Test (case |"|[^ ]+\()|\[[0-9]+/[0-9]+\] )' || status=${PIPESTATUS[0]}
[ "$status" -eq 0 ] && exit 0

echo
echo "make test: failed (exit status $status). All that was printed is in $log; what broke:"
# A crash ends the run in the middle: the tests that had begun and not ended are the suspects.
awk '
  function name(line) {
    sub(/^[^ ]+ Test (case passing [0-9]+ arguments? )?/, "", line)
    sub(/ (started|passed after|failed after|recorded).*/, "", line)
    return line
  }
  /^✘|recorded an issue|^error:|: error: |Fatal error|unexpected signal|Sanitizer/ {
    if (shown++ < 80) print "  " substr($0, 1, 600)
  }
  /^◇ Test .* started\.$/ { running[name($0)]++ }
  /^(✔|✘) Test .*(passed|failed) after/ { running[name($0)]-- }
  /^(✔|✘) Test run with/ { finished = 1 }
  END {
    if (!finished) for (test in running) if (running[test] > 0) print "  had begun and did not end: " test
  }' "$log"
exit "$status"
