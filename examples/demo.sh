#!/bin/sh
# What `make demo` runs: three questions to two CSV files, answered by the model on this machine.
#
#   examples/demo.sh [COMMAND]     COMMAND is the command line, by default build/sibyl
set -eu
command=${1:-build/sibyl}
folder=$(dirname "$0")

ask() {
  file=$1
  title=$2
  sql=$3
  printf '\n-- %s\n%s\n\n' "$title" "$sql"
  "$command" run --csv "$folder/$file" "$sql"
}

ask reviews.csv 'The mood of two hundred product reviews, against the stars that their authors gave' \
  'SELECT ai_sentiment(body) AS mood, count(*) AS reviews, round(avg(stars), 2) AS stars
FROM reviews GROUP BY mood ORDER BY stars;'

ask tickets.csv 'What are the support tickets about?' \
  "SELECT ai_classify(body, '[\"billing\", \"shipping\", \"product quality\", \"account access\"]') AS topic,
       count(*) AS tickets
FROM tickets GROUP BY topic ORDER BY tickets DESC;"

ask tickets.csv 'Which tickets are closest to a question?' \
  "SELECT round(ai_similarity('refund my money', body), 3) AS similarity, body
FROM tickets ORDER BY similarity DESC LIMIT 5;"
