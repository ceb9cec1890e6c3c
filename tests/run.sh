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

step "format"
unformatted=$(gofmt -l $(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))
if [ -n "$unformatted" ]; then printf 'not gofmt-clean:\n%s\n' "$unformatted"; failed+=("format"); fi

run "vet" go vet ./...
run "vet, the command for deployed stacks" go vet -tags aws ./infra/handoff

if command -v cfn-lint >/dev/null 2>&1; then
  run "template (cfn-lint)" cfn-lint template.yaml
elif [ -x .tools/venv/bin/cfn-lint ]; then
  run "template (cfn-lint)" .tools/venv/bin/cfn-lint template.yaml
elif [ "${CI:-}" = true ] && command -v python3 >/dev/null 2>&1; then
  step "install cfn-lint"
  python3 -m venv .tools/venv && .tools/venv/bin/pip install --quiet cfn-lint==1.51.0
  run "template (cfn-lint)" .tools/venv/bin/cfn-lint template.yaml
else
  skipped+=("template: cfn-lint is not installed (pip install cfn-lint==1.51.0)")
fi

if [ "${CI:-}" = true ] && [ -x tests/integration/dynamodb-local.sh ]; then
  run "fetch DynamoDB Local" tests/integration/dynamodb-local.sh
  run "install the AWS CLI" tests/integration/awscli.sh
  run "install moto" tests/integration/moto.sh
fi

if [ "${CI:-}" = true ] && [ -x tests/sam/install.sh ]; then
  run "install the SAM CLI" tests/sam/install.sh
fi

long='TestOutages|TestOnDynamoDB|TestMeter|TestPoliciesOnDynamoDB|TestNewPolicy.*|TestCrashWhileThePolicyReachesAccounts'
race=-race
if [ "$(go env CGO_ENABLED)" != 1 ] || ! command -v "$(go env CC)" >/dev/null 2>&1; then
  race=
  skipped+=("race detector: it needs cgo and a C compiler")
fi
step "tests${race:+ with the race detector}: unit, conformance, contract, pipeline, crash tables, fuzz seeds, the README's commands"
log=$(mktemp)
# -v, because go test hides the reason of a skip in a package that passes.
# What is long and has no goroutines that the other tests have not is left to the run without the race detector below.
go test -v $race -timeout 40m ${race:+-skip "^($long)$"} ./... >"$log" 2>&1
passed=$?
grep -E '^(ok|FAIL|panic:|\?|#)[[:space:]]|^[[:space:]]*--- (FAIL|SKIP)' "$log" | grep -vE 'no test files|no tests to run'
counts=$(printf 'tests: %s passed, %s failed, %s skipped' "$(grep -cE '^[[:space:]]*--- PASS' "$log")" \
  "$(grep -cE '^[[:space:]]*--- FAIL' "$log")" "$(grep -cE '^[[:space:]]*--- SKIP' "$log")")
if [ $passed -ne 0 ]; then
  failed+=("go test")
  echo "-- what failed, from the log:"
  grep -nE -A40 '^[[:space:]]*--- FAIL|^panic:|WARNING: DATA RACE|^FAIL.*build failed|^#' "$log" | head -400
fi

# A skip names its reason on the lines after it.
while IFS= read -r line; do skipped+=("$line"); done < <(grep -hE -A1 '^[[:space:]]*--- SKIP' "$log" | grep -vE '^--$' | sed 's/^[[:space:]]*//' | paste -d' ' - - | sort -u)
rm -f "$log"

# Under the race detector the pipeline's tests play a part of the bundled journey and of the crash table; here all of it,
# and what is long.
if [ -n "$race" ]; then
  run "the whole journey and crash table, without the race detector" go test -timeout 40m ./tests/pipeline
fi

echo
if [ ${#skipped[@]} -gt 0 ]; then
  echo "Skipped:"
  printf '  %s\n' "${skipped[@]}"
  if [ "${CI:-}" = true ]; then failed+=("skipped checks, in CI"); fi
fi
echo "$counts"
if [ ${#failed[@]} -gt 0 ]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
echo "All passed."
