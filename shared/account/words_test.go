package account

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Whatever the strings of an item are, they are read back.
func TestStringsSurviveTheirBytes(t *testing.T) {
	text := rapid.OneOf(
		rapid.String(), rapid.StringMatching("[0-9a-f]{0,20}"), rapid.SampledFrom(words),
		rapid.StringMatching("(email:|user:|customer:stripe/cus_|invoice:stripe/in_1)?[a-z0-9@.]{0,9}(initech.example)?"),
	)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(text, 0, 12).Draw(t, "strings")
		own := rapid.SampledFrom([]string{"", "x", "initech.example"}).Draw(t, "own")
		w := newWriter(own)
		w.strings(want)
		b := w.bytes(nil)
		w.free()
		r := newReader(b, own)
		got := r.strings()
		if err := r.end(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestWordsAreShort(t *testing.T) {
	tests := []struct {
		name, own, text string
		want            int // bytes
	}{
		{"nothing", "", "", 1},
		{"a word", "", "email:", 1},
		{"a later word", "", "KNOWN_LEAD", 2},
		{"a digest", "", "0123456789abcdef", 1 + 8},
		{"digits of an odd number", "", "0123456789abcde", 1 + 15},
		{"a colleague", "initech.example", "email:ann@initech.example", 1 + 1 + 4},
		{"somebody else", "initech.example", "email:ann@globex.example", 1 + 1 + 18},
		{"the company's own domain", "initech.example", "initech.example", 1 + 1},
		{"an invoice", "", "invoice:stripe/in_1CcmUJI8LRpPKN20zExSHfPL", 1 + 1 + 23},
		{"plain", "", "Globex", 1 + 6},
		{"too short to say again in less", "", "yo", 1 + 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWriter(tt.own)
			defer w.free()
			if w.string(tt.text); len(w.body) != tt.want {
				t.Errorf("%q takes %d bytes, want %d", tt.text, len(w.body), tt.want)
			}
			if w.string(tt.text); len(w.body) > tt.want+min(tt.want, 3) {
				t.Errorf("%q said again takes %d bytes more", tt.text, len(w.body)-tt.want)
			}
		})
	}
}
