package main

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBuild(t *testing.T) {
	env := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "BUS_NAME": "handoff", "STRIPE_SECRET": "whsec_new, whsec_old",
		"HUBSPOT_SECRET": "", "WEBHOOK_URL": "https://hooks.example",
	}
	get := func(name string) string { return env[name] }
	h, err := build(get, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string][]string{"stripe": {"whsec_new", "whsec_old"}}, h.Secrets); d != "" || h.BaseURL != "https://hooks.example" {
		t.Errorf("base %q, secrets (-want +got)\n%s", h.BaseURL, d)
	}
	env = nil
	_, err = build(get, slog.New(slog.DiscardHandler))
	for _, want := range []string{"AWS_REGION is not set", "AWS_ACCESS_KEY_ID is not set", "AWS_SECRET_ACCESS_KEY is not set", "BUS_NAME is not set", "no tool has a secret"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
