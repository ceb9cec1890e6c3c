package event_test

import (
	"encoding/json"
	"testing"

	"handoff/shared/event"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Pricing viewed 2 times.": "Pricing viewed 2 times.", `Ben "Benny" Smith`: "Ben ”Benny” Smith", `C:\temp`: "C:/temp",
		"one\ntwo\r\n\tthree\x00": "one two   three ", "Zoë's “own” <b> 日本": "Zoë's “own” <b> 日本",
	} {
		got := event.Plain(in)
		if got != want {
			t.Errorf("Plain(%q) is %q, want %q", in, got, want)
		}
		var back string
		if err := json.Unmarshal([]byte(`"`+got+`"`), &back); err != nil || back != got {
			t.Errorf("%q between quotes reads as %q, %v", got, back, err)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add(`"\` + "\n")
	f.Fuzz(func(t *testing.T, s string) {
		if got := event.Plain(s); !json.Valid([]byte(`"`+got+`"`)) || event.Plain(got) != got {
			t.Errorf("Plain(%q) is %q", s, got)
		}
	})
}
