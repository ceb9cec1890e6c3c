#!/usr/bin/env bash
# gofmt, vet, staticcheck, govulncheck, cfn-lint. The Go tools are pinned and run from the module proxy.
set -u
cd "$(dirname "$0")/.."
bad=0
out=$(gofmt -l $(git ls-files '*.go')); [ -z "$out" ] || { echo "$out"; bad=1; }
for tags in "" aws; do
  go vet -tags "$tags" ./... || bad=1
  go run honnef.co/go/tools/cmd/staticcheck@v0.7.0 -tags "$tags" ./... || bad=1
done
go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./... || echo "govulncheck did not finish: it needs the vulnerability database" 
if command -v cfn-lint >/dev/null; then cfn-lint template.yaml || bad=1; else echo "cfn-lint is not installed: pip install cfn-lint==1.51.0"; fi
exit $bad
