#!/usr/bin/env bash
# Puts the SAM CLI into .tools/sam, unless it is there, with everything that it needs pinned. Needs Python 3.9 or later
# with venv. Prints where sam is.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(sed -n 's/^aws-sam-cli==//p' tests/sam/requirements.txt)
target=.tools/sam
if ! { [ -x $target/bin/sam ] && $target/bin/sam --version 2>/dev/null | grep -qF "$version"; }; then
  command -v python3 >/dev/null || { echo "the SAM CLI cannot be installed: python3 is not on the PATH" >&2; exit 1; }
  rm -rf $target
  python3 -m venv $target
  $target/bin/pip install --quiet --disable-pip-version-check --requirement tests/sam/requirements.txt
fi
echo "$target/bin/sam"
