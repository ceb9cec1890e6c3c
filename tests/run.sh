#!/usr/bin/env bash
# make test: everything that can be tested on this machine. What an absent tool makes it skip is named at the end; in CI
# a skip is a failure.
set -u
cd "$(dirname "$0")/.."
skipped=()
failed=()

step() { printf '\n== %s\n' "$1"; }
run() { # name, command…
  local name=$1; shift
  step "$name"
  if ! "$@"; then failed+=("$name"); fi
}

# What waits for the network, or is one slow process, runs beside vet; await tells what each said and how it ended.
said=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$said"' EXIT
names=()
pids=()
beside() { # name, command…
  names+=("$1"); shift
  "$@" >"$said/${#pids[@]}" 2>&1 &
  pids+=($!)
}
await() {
  local i=0
  while [ $i -lt ${#pids[@]} ]; do
    wait "${pids[$i]}"
    local status=$?
    step "${names[$i]}"
    cat "$said/$i"
    if [ $status -ne 0 ]; then failed+=("${names[$i]}"); fi
    i=$((i + 1))
  done
}

installed_lint() { # installs cfn-lint first
  python3 -m venv .tools/venv && .tools/venv/bin/pip install --quiet cfn-lint==1.51.0 && .tools/venv/bin/cfn-lint template.yaml
}

if command -v cfn-lint >/dev/null 2>&1; then
  beside "template (cfn-lint)" cfn-lint template.yaml
elif [ -x .tools/venv/bin/cfn-lint ]; then
  beside "template (cfn-lint)" .tools/venv/bin/cfn-lint template.yaml
elif [ "${CI:-}" = true ] && command -v python3 >/dev/null 2>&1; then
  beside "install cfn-lint; template (cfn-lint)" installed_lint
else
  skipped+=("template: cfn-lint is not installed (pip install cfn-lint==1.51.0)")
fi
if [ "${CI:-}" = true ]; then
  beside "fetch DynamoDB Local" tests/integration/dynamodb-local.sh
  beside "install the AWS CLI" tests/integration/awscli.sh
  beside "install moto" tests/integration/moto.sh
  beside "install the SAM CLI" tests/sam/install.sh
fi

step "format"
unformatted=$(gofmt -l $(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))
if [ -n "$unformatted" ]; then printf 'not gofmt-clean:\n%s\n' "$unformatted"; failed+=("format"); fi

run "vet" go vet ./...
run "vet, the command for deployed stacks" go vet -tags aws ./infra/handoff
await

# Twice: under the race detector, and without it what was left to that, see tests/phase.
if ! go run ./tests/phase/run; then failed+=("go test"); fi

echo
if [ ${#skipped[@]} -gt 0 ]; then
  echo "Skipped:"
  printf '  %s\n' "${skipped[@]}"
  if [ "${CI:-}" = true ]; then failed+=("skipped checks, in CI"); fi
fi
if [ ${#failed[@]} -gt 0 ]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
echo "All passed."
