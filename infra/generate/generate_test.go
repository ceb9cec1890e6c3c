package generate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// small is a journey that is quick to make and still has every tale.
func small(seed uint64) Config {
	c := Bundled()
	c.Seed, c.Events, c.Accounts = seed, 3000, 60
	return c
}

// digest of everything that sink is shown, in order.
func digest(t *testing.T, c Config, limit int) (string, Summary) {
	t.Helper()
	h := sha256.New()
	sum, err := generate(context.Background(), c, limit, func(*company) error { return nil }, func(tool string, line []byte, at time.Time) error {
		h.Write([]byte(tool))
		h.Write(line)
		h.Write([]byte(at.Format(time.RFC3339Nano)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil)), sum
}

func TestSameSeedSameBytes(t *testing.T) {
	one, sum := digest(t, small(7), runBytes)
	again, sum2 := digest(t, small(7), runBytes)
	if one != again {
		t.Error("the same configuration made two journeys")
	}
	if d := cmp.Diff(sum, sum2); d != "" {
		t.Errorf("summaries differ:\n%s", d)
	}
	spilled, _ := digest(t, small(7), 8<<10) // some 300 runs: they are merged twice
	if spilled != one {
		t.Error("sorting on disk changed the journey")
	}
	if other, _ := digest(t, small(8), runBytes); other == one {
		t.Error("another seed made the same journey")
	}
}

// line is what every line of a journey holds.
type line struct {
	Source     string          `json:"source"`
	DetailType string          `json:"detail-type"`
	Time       time.Time       `json:"time"`
	Detail     json.RawMessage `json:"detail"`
}

func TestDeliveriesComeInOrder(t *testing.T) {
	c := small(3)
	var last time.Time
	perTool, n := map[string]int{}, 0
	sum, err := Generate(context.Background(), c, func(tool string, b []byte, at time.Time) error {
		var l line
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&l); err != nil {
			t.Fatalf("line %d: %v\n%s", n, err, b)
		}
		if !l.Time.Equal(at) || l.Source == "" || l.DetailType == "" || len(l.Detail) == 0 || l.Detail[0] != '{' {
			t.Fatalf("line %d is no entry at %s: %s", n, at, b)
		}
		if at.Before(last) {
			t.Fatalf("line %d: %s after %s", n, at, last)
		}
		if at.Before(c.Start) || !at.Before(c.End()) {
			t.Fatalf("line %d: %s lies outside the journey", n, at)
		}
		last = at
		perTool[tool]++
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != sum.Events || !sum.Last.Equal(last) {
		t.Errorf("sink saw %d events to %s, the summary says %d to %s", n, last, sum.Events, sum.Last)
	}
	if d := cmp.Diff(perTool, sum.Tools); d != "" {
		t.Errorf("per tool (-sink +summary):\n%s", d)
	}
}

func TestEventsIsNearlyMet(t *testing.T) {
	for _, tc := range []struct{ events, accounts int }{{3000, 60}, {8000, 150}, {6000, 20}} {
		c := Bundled()
		c.Events, c.Accounts = tc.events, tc.accounts
		_, sum := digest(t, c, runBytes)
		if sum.Events < tc.events*95/100 || sum.Events > tc.events*110/100 {
			t.Errorf("%d events of %d accounts wanted, %d made", tc.events, tc.accounts, sum.Events)
		}
	}
}

func TestBundledHasEveryCase(t *testing.T) {
	_, sum := halfYear()
	if sum.Events < 20_000 {
		t.Errorf("%d events: at least 20,000 are promised", sum.Events)
	}
	for _, tool := range Tools {
		if sum.Tools[tool] == 0 {
			t.Errorf("no event of %s", tool)
		}
	}
	for _, c := range []string{
		CaseDuplicate, CaseRetried, CaseLateHours, CaseLateWeeks, CaseOutOfOrder, CaseRenamed, CaseRenameBreaks, CaseNoID, CaseBadTime,
		CaseWrongType, CaseNoSubject, CaseFuture, CaseIDReused, CaseIgnored, CaseTestMode, CaseGap, CaseTestLead, CaseCompetitor, CaseUnsubscribed, CaseBounced,
		CaseConsent, CaseJobChange, CaseSharedDevice, CaseWon, CaseLost, CaseAmountEdited, CaseRefund, CaseChurn, CaseHandRaise,
		CaseAccepted, CaseRejected, CaseOutreach, CaseUsageFalls, CaseReturns, CaseRenewal, CaseReferenceLead, CaseThursday, CaseAnonymousFirst,
	} {
		if sum.Cases[c] == 0 {
			t.Errorf("the journey has no case of %s", c)
		}
	}
	for _, m := range []motion{visitors, individual, nurture, salesLed, productLed, hybrid, customer, rival, tester, fixed} {
		if sum.Motions[string(m)] == 0 {
			t.Errorf("the journey has no account of motion %s", m)
		}
	}
	if sum.Cases[CaseDuplicate]*100 > sum.Events*5 || sum.Cases[CaseRenameBreaks]*100 > sum.Events*5 {
		t.Errorf("special cases drown the journey: %v", sum.Cases)
	}
	if sum.Last.Sub(sum.First) < 178*24*time.Hour {
		t.Errorf("from %s to %s are no six months", sum.First, sum.Last)
	}
}

func TestValidate(t *testing.T) {
	ok := Bundled()
	for _, tc := range []struct {
		name   string
		change func(*Config)
		says   string
	}{
		{"bundled", func(*Config) {}, ""},
		{"no start", func(c *Config) { c.Start = time.Time{} }, "start is not set"},
		{"start at noon", func(c *Config) { c.Start = c.Start.Add(12 * time.Hour) }, "midnight"},
		{"no months", func(c *Config) { c.Months = 0 }, "months is 0"},
		{"no events", func(c *Config) { c.Events = -1 }, "events is -1"},
		{"no accounts", func(c *Config) { c.Accounts = 0 }, "accounts is 0"},
		{"too many accounts", func(c *Config) { c.Accounts = MaxAccounts + 1 }, "accounts is 10000001"},
	} {
		c := ok
		tc.change(&c)
		err := c.Validate()
		if tc.says == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			continue
		}
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: got %v, want it to say %q", tc.name, err, tc.says)
		}
	}
	if err := (Config{}).Validate(); strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("not every problem is reported at once: %v", err)
	}
}

func TestWriteDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journey")
	c := small(1)
	sum, err := WriteDir(context.Background(), c, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range Tools {
		b, err := os.ReadFile(filepath.Join(dir, tool+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte("\n")); n != sum.Tools[tool] {
			t.Errorf("%s has %d lines, the summary says %d", tool, n, sum.Tools[tool])
		}
	}
	companies, err := os.ReadFile(filepath.Join(dir, CompaniesFile))
	if err != nil {
		t.Fatal(err)
	}
	if want := "domain,name,industry,employees,country,region,revenue,technologies\nmeridianloom.example,Meridian Loom,SaaS,620,"; !bytes.HasPrefix(companies, []byte(want)) {
		t.Errorf("companies.csv begins %.120q", companies)
	}
	if rows := bytes.Count(companies, []byte("\n")) - 1; rows*100 < sum.Accounts*75 || rows*100 > sum.Accounts*95 {
		t.Errorf("%d rows for %d companies, want about 85 in 100", rows, sum.Accounts)
	}
	if _, err := WriteDir(context.Background(), c, dir); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("written over an older journey: %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, CompaniesFile)); !bytes.Equal(b, companies) {
		t.Error("the refused call touched the older journey")
	}
}

func TestCanceled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := WriteDir(ctx, small(1), dir); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files left behind", len(left))
	}
}

func TestSinkErrorStops(t *testing.T) {
	full := errors.New("disk full")
	n := 0
	_, err := Generate(context.Background(), small(1), func(string, []byte, time.Time) error {
		if n++; n == 10 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 10 {
		t.Errorf("got %v after %d events, want the sink's error after 10", err, n)
	}
}
