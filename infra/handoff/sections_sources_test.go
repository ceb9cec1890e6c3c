package main

import (
	"strings"
	"testing"
	"time"

	"handoff/infra/report"
)

func TestAnswersThatFitNothingAreTold(t *testing.T) {
	at := time.Date(2026, 3, 4, 20, 0, 0, 0, time.UTC)
	says := func(got string, want ...string) {
		t.Helper()
		fits(t, got)
		for _, w := range want {
			if flat := strings.Join(strings.Fields(got), " "); !strings.Contains(flat, w) {
				t.Errorf("it does not say %q:\n%s", w, got)
			}
		}
	}
	var b strings.Builder
	writeBrought(&b, &report.Sources{At: at, Lines: []report.SourceLine{{Channel: "email", Offered: 2}}, Unfit: report.Unfit{
		Count: 4, TooLate: 1, Plays: []report.UnfitPlay{{Play: "pql", Count: 3, Accounts: 2}, {Count: 1, Accounts: 1}},
	}})
	says(b.String(), "the last channel before it that is not direct, at most 90 days before; for direct only if nothing else is known",
		"Answers that fit no handoff: 4. They name pql 3 (2 accounts), no play 1 (1 account);", "Answers that came after their handoff was closed: 1.")

	b.Reset()
	writeBrought(&b, &report.Sources{At: at, Lines: []report.SourceLine{{Channel: "email", Offered: 2}}})
	if strings.Contains(b.String(), "Answers") {
		t.Errorf("where all fit, it says\n%s", b.String())
	}

	b.Reset()
	writeWork(&b, &report.Dossier{At: at, Handoffs: []report.Past{{Play: "seam", State: "open", OpenedAt: at.Add(-time.Hour)}},
		Unfit: []report.UnfitAnswer{{Kind: "first_outreach", Play: "pql", At: at}, {Kind: "handoff_completed", At: at.AddDate(0, 0, -1)}}})
	says(b.String(), "Answers that fit no handoff and stop no clock: first outreach of pql on 4 Mar, handoff completed on 3 Mar.")

	b.Reset()
	writeCompany(&b, &report.Dossier{At: at, Firmographic: []report.Fact{{Field: "owner", Value: "005Hn00000AnnIto1A", Name: "Ann Ito"}, {Field: "industry", Value: "SaaS"}}})
	says(b.String(), "owner Ann Ito", "industry SaaS")
}
