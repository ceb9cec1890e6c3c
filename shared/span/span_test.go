package span

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0":     0,
		"90m":   90 * time.Minute,
		"48h":   48 * time.Hour,
		"7d":    168 * time.Hour,
		"1w":    168 * time.Hour,
		"1w1d":  192 * time.Hour,
		"1d12h": 36 * time.Hour,
		" 2h ":  2 * time.Hour,
		"3650d": 87600 * time.Hour,
	} {
		got, err := Parse(text)
		if err != nil || got.Duration() != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got.Duration(), err, want)
		}
	}
	for _, bad := range []string{"", "7", "d", "-1d", "1.5h", "7 d", "1h1d", "1d1d", "5s", "1y", "3651d", "99999999999999999999h", "7дн"} {
		if got, err := Parse(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("Parse(%q) = %v, %v; want ErrInvalid", bad, got, err)
		}
	}
}

func TestString(t *testing.T) {
	for s, want := range map[Span]string{0: "0", 90 * Minute: "1h30m", Week: "7d", Day + 12*Hour: "1d12h"} {
		if got := s.String(); got != want {
			t.Errorf("String of %d minutes = %q, want %q", s/Minute, got, want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Span(rapid.Int64Range(0, int64(Max/Minute)).Draw(t, "minutes")) * Minute
		got, err := Parse(want.String())
		if err != nil || got != want {
			t.Fatalf("Parse(%q) = %v, %v", want.String(), got, err)
		}
	})
}

func TestTextForms(t *testing.T) {
	var v struct {
		A Span `yaml:"a" json:"a"`
		B Span `yaml:"b" json:"b"`
		C Span `yaml:"c" json:"c"`
	}
	if err := yaml.Unmarshal([]byte("a: 7d\nb: 0\nc: \"90m\"\n"), &v); err != nil {
		t.Fatal(err)
	}
	if v.A != Week || v.B != 0 || v.C != 90*Minute {
		t.Errorf("from YAML: %v %v %v", v.A, v.B, v.C)
	}
	b, err := json.Marshal(v)
	if want := `{"a":"7d","b":"0","c":"1h30m"}`; err != nil || string(b) != want {
		t.Errorf("to JSON: %s, %v; want %s", b, err, want)
	}
	if err := yaml.Unmarshal([]byte("a: soon\n"), &v); err == nil {
		t.Error("a: soon was read without an error")
	}
}
