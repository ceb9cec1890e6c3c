package attribution

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/span"
	"handoff/shared/touch"
)

func TestValidateReportsEverything(t *testing.T) {
	c := policy()
	c.Models = []string{First, "best", First}
	c.HalfLife = 90 * span.Minute
	c.VisitGap = 2 * span.Day
	c.Conversions = map[string]Conversion{
		"new": {LookBack: 9999 * span.Day, Source: Opportunity}, "renewal": {Source: "gut"}, "upsell": {Source: Invoice},
	}
	c.Touches.Marketing = []string{"ad_click", touch.MeetingBooked, touch.AdClicked, touch.AdClicked}
	c.Channels = Channels{Direct: []string{""}, ByKind: map[string]string{"webinar": "x", touch.AdClicked: ""}}
	var got []string
	for _, p := range c.Validate() {
		got = append(got, p.Path)
	}
	want := []string{
		"$.attribution.models[1]", "$.attribution.models[2]", "$.attribution.half_life", "$.attribution.visit_gap",
		"$.attribution.conversions.new.look_back", "$.attribution.conversions", "$.attribution.conversions.renewal.source",
		"$.attribution.conversions.upsell", "$.attribution.touches.marketing[0]", "$.attribution.touches.marketing[3]",
		"$.attribution.touches.sales[0]", "$.attribution.channels.direct[0]", "$.attribution.channels.by_kind.ad_clicked",
		"$.attribution.channels.by_kind.webinar",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	_, err := New(c)
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "did you mean ad_clicked?") || !strings.Contains(err.Error(), "upsell") {
		t.Errorf("New = %v, want ErrInvalid with every problem", err)
	}
	if _, err := New(Config{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("New of nothing = %v, want ErrInvalid", err)
	}
}

func TestDefaults(t *testing.T) {
	c := policy()
	c.Conversions["new"] = Conversion{Source: Opportunity}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Names, m.Names()); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	if got := len(m.decay); got != 7*24 {
		t.Errorf("half-life = %d hours, want 168", got)
	}
	for typ, want := range map[string]time.Duration{"new": 90 * 24 * time.Hour, "renewal": 30 * 24 * time.Hour, "other": 90 * 24 * time.Hour} {
		if got := m.LookBack(typ); got != want {
			t.Errorf("look-back of %s = %v, want %v", typ, got, want)
		}
	}
	if m.Source("renewal") != Invoice || m.Source("other") != Opportunity {
		t.Errorf("sources = %s, %s; want invoice for a renewal and new's for a type unheard of", m.Source("renewal"), m.Source("other"))
	}
}

func TestShippedPolicyIsValid(t *testing.T) {
	b, err := os.ReadFile("../../infra/policy/attribution.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Attribution Config `yaml:"attribution"`
	}
	if err := yaml.UnmarshalWithOptions(b, &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	m, err := New(file.Attribution)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.LookBack("new"); got != 90*24*time.Hour {
		t.Errorf("look-back of new = %v, want 90 days", got)
	}
	if len(m.Names()) != len(Names) || len(m.decay) != 168 {
		t.Errorf("the default runs %v at a half-life of %d h, want all models at 168", m.Names(), len(m.decay))
	}
}
