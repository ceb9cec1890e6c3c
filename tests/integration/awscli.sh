#!/usr/bin/env bash
# Puts the AWS CLI and boto3 into .tools, unless they are there: pinned, and checked against their digests (awscli.txt).
# Needs Python 3.9 or later with venv, and a package index. Prints where they are.
set -euo pipefail
cd "$(dirname "$0")/../.."

pins=tests/integration/awscli.txt
version=$(sed -n 's/^awscli==\([^ ]*\).*/\1/p' "$pins")
target=.tools/awscli/$version

if [ ! -x "$target/bin/aws" ]; then
  command -v python3 >/dev/null || { echo "the AWS CLI cannot be installed: python3 is not installed" >&2; exit 1; }
  mkdir -p .tools/awscli
  work=$(mktemp -d .tools/awscli/install.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  python3 -m venv "$work"
  "$work/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --target "$work/site" -r "$pins"
  mkdir -p "$work/whole/bin"
  mv "$work/site" "$work/whole/site"
  cat >"$work/whole/bin/aws" <<'RUN'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
PYTHONPATH="$here/site" exec python3 -m awscli "$@"
RUN
  chmod +x "$work/whole/bin/aws"
  [ -d "$target" ] || mv "$work/whole" "$target" # one step: whole or not at all
fi
echo "$target/bin/aws"
