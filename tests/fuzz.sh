#!/usr/bin/env bash
# Runs every fuzz target of the project for the time given.
set -eu
cd "$(dirname "$0")/.."
for dir in $(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do
  for target in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | sed 's/func //' | sort -u); do
    echo "== ./$dir $target"
    go test "./$dir" -run '^$' -fuzz "^$target\$" -fuzztime "${1:-20s}"
  done
done
