#!/usr/bin/env bash
# Runs the benchmarks, each in a process of its own, and prints the machine and the input with the results.
#
#   tests/bench/run.sh                        all
#   tests/bench/run.sh Batches HalfYear       some, by name
#   HANDOFF_BENCH_EVENTS=300000 tests/bench/run.sh Batches
#   HANDOFF_BENCH_AT_ONCE=1 tests/bench/run.sh DynamoDBLocal   each event alone, instead of ten at a time
#
# Processor time (cpu-µs) says more than the clock on a machine that does other things too; the load is printed for that.
set -euo pipefail
cd "$(dirname "$0")/../.."
go=${GO:-go}
events=${HANDOFF_BENCH_EVENTS:-100000}
export HANDOFF_BENCH_EVENTS=$events

machine() {
  if [ -r /proc/cpuinfo ]; then
    awk -F': ' '/^model name/ {m=$2; n++} END {printf "%s, %d processors", m, n}' /proc/cpuinfo
    awk '/^MemTotal/ {printf ", %.0f GB", $2 / 1048576}' /proc/meminfo
  else
    uname -mp | tr '\n' ' '
  fi
}
load() { uptime | sed 's/.*load average[s]*: //'; }

echo "machine  $(machine); $(uname -s) $(uname -r)"
echo "build    $($go version | cut -d' ' -f3), $(git describe --always --dirty 2>/dev/null || echo unknown)"
echo "input    $events generated events of $((events / 60)) accounts over six months (seed 20260105); HalfYear, Cost, DynamoDBLocal: the bundled journey"
echo "store    embedded, in ${TMPDIR:-/tmp}, durable except HalfYear (as make run is)"
echo

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
$go test -c -o "$bin/bench.test" ./tests/bench

run() { # name, -benchtime
  echo "load     $(load)"
  echo "command  go test ./tests/bench -run '^\$' -bench '^Benchmark$1\$' -benchtime $2"
  (cd tests/bench && "$bin/bench.test" -test.run '^$' -test.bench "^Benchmark$1\$" -test.benchtime "$2" -test.timeout 60m) |
    awk '/^Benchmark/ { n = $1; sub(/-[0-9]+$/, "", n); printf "  %s\n", n
           for (i = 3; i + 1 <= NF; i += 2) printf "    %15s %s\n", $i, $(i + 1) }
         /^  / && !/_test.go/ # what it prints besides
         /^(---|FAIL|panic)/ || /_test.go/ { print; bad = 1 }
         END { exit bad }'
  echo
}

# What it prints is its result; how long it takes is not.
cost() {
  echo "command  go test ./tests/bench -run '^\$' -bench '^BenchmarkCost\$' -benchtime 1x"
  (cd tests/bench && "$bin/bench.test" -test.run '^$' -test.bench '^BenchmarkCost$' -test.benchtime 1x -test.timeout 60m) |
    awk '/^(---|FAIL|panic)/ || /_test.go/ { bad = 1 } !/^(goos|goarch|pkg|cpu|PASS|Benchmark)/ { print } END { exit bad }'
}

names=("$@")
[ ${#names[@]} -gt 0 ] || names=(Batches Singles HalfYear Ingest Score Decode TouchOnAccount Cost DynamoDBLocal Start)
for name in "${names[@]}"; do
  case $name in
    Cost) cost ;;
    Decode) run "$name" 20000x ;;
    Start) run "$name" 40x ;;
    TouchOnAccount) run "$name" 3000x ;;
    *) run "$name" 1x ;;
  esac
done
