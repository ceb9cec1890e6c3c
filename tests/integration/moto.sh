#!/usr/bin/env bash
# Puts moto's server, a stand-in for SQS, EventBridge and CloudFormation, into .tools, unless it is there: pinned with all
# it needs (moto.txt). Needs Python 3.11 or newer with pip. Prints the folder: PYTHONPATH=folder python3 -m moto.server.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=5.2.1
target=.tools/moto/$version

if [ ! -d "$target/moto" ]; then
  command -v python3 >/dev/null || { echo "moto cannot be fetched: python3 is not installed" >&2; exit 1; }
  mkdir -p .tools/moto
  work=$(mktemp -d .tools/moto/fetch.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$work/packages" -r tests/integration/moto.txt
  [ -d "$target" ] || mv "$work/packages" "$target" # one step: whole or not at all
fi
echo "$target"
