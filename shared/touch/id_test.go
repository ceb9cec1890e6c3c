package touch_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"handoff/shared/touch"
)

type tuple struct {
	source, kind, id string
	ordinal          int
}

func (u tuple) ID() touch.ID { return touch.NewID(u.source, u.kind, u.id, u.ordinal) }

// Ids are for ever: these were computed by another program, from the text of NewID's comment.
func TestIDsAreFrozen(t *testing.T) {
	for _, c := range []struct {
		of   tuple
		want string
	}{
		{tuple{"segment", "track", "ajs-next-123", 0}, "52crbseqxk7h9wwb"},
		{tuple{"stripe", "invoice.paid", "evt_1Né", 2}, "xfc5ffcp5ddtv5jy"},
		{tuple{}, "6x3ghzzqe6exb5wy"},
	} {
		if got := c.of.ID().String(); got != c.want {
			t.Errorf("id of %+v: got %s, want %s", c.of, got, c.want)
		}
	}
}

// Fields that run together alike are different tuples.
func TestIDsOfNeighboursDiffer(t *testing.T) {
	seen := map[touch.ID]tuple{}
	for _, u := range []tuple{
		{"a", "bc", "d", 0}, {"ab", "c", "d", 0}, {"a", "b", "cd", 0}, {"abc", "d", "", 0}, {"", "abc", "d", 0}, {"", "", "abcd", 0}, {"abcd", "", "", 0},
		{"a", "bc", "d", 1}, {"a", "bc", "d1", 0}, {"a", "bc", "d", 256}, {"a", "bc", "d\x00\x00\x00\x00", 0},
		{"A", "bc", "d", 0}, {"a", "d", "bc", 0}, {"a\x00\x00\x00\x02bc", "", "d", 0},
	} {
		if other, ok := seen[u.ID()]; ok {
			t.Errorf("%+v and %+v have one id", u, other)
		}
		seen[u.ID()] = u
	}
}

func TestIDsDifferAsTuplesDo(t *testing.T) {
	// Few letters and short fields, so that concatenations often agree.
	field := rapid.StringOfN(rapid.RuneFrom([]rune("ab\x00\x01")), 0, 4, -1)
	draw := func(t *rapid.T, name string) tuple {
		return tuple{field.Draw(t, name+" source"), field.Draw(t, name+" type"), field.Draw(t, name+" id"), rapid.IntRange(0, 2).Draw(t, name+" ordinal")}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		if same := a.ID() == b.ID(); same != (a == b) {
			t.Errorf("%+v and %+v: same id %v", a, b, same)
		}
	})
}

func TestIDText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id touch.ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), len(id), len(id)).Draw(t, "id"))
		s := id.String()
		if len(s) != 16 {
			t.Errorf("%q has %d characters, want 16", s, len(s))
		}
		if got, err := touch.ParseID(s); err != nil || got != id {
			t.Errorf("ParseID(%q): got %v, %v", s, got, err)
		}
		b, err := json.Marshal(map[touch.ID]touch.ID{id: id})
		if want := `{"` + s + `":"` + s + `"}`; err != nil || string(b) != want {
			t.Errorf("in JSON: got %s, %v, want %s", b, err, want)
		}
		var back map[touch.ID]touch.ID
		if err := json.Unmarshal(b, &back); err != nil || back[id] != id {
			t.Errorf("from JSON: got %v, %v", back, err)
		}
	})
}

func TestParseIDRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":             "",
		"too short":           "52crbseqxk7h9ww",
		"too long":            "52crbseqxk7h9wwb0",
		"upper case":          "52CRBSEQXK7H9WWB",
		"a letter not in use": "52crbseqxk7h9wwu",
		"padding":             "52crbseqxk7h9ww=",
		"a space":             "52crbseqxk7h9ww ",
		"a line end after":    "52crbseqxk7h9wwb\n",
		"a line end within":   "52crbseq\r\nxk7h9wwb",
		"not ASCII":           "52crbseqxk7h9wé",
	} {
		id, err := touch.ParseID(s)
		if !errors.Is(err, touch.ErrInvalid) || id != (touch.ID{}) {
			t.Errorf("%s: ParseID(%q): got %v, %v, want ErrInvalid", name, s, id, err)
		}
	}
	var u touch.ID
	if err := json.Unmarshal([]byte(`"x"`), &u); !errors.Is(err, touch.ErrInvalid) {
		t.Errorf("from JSON: got %v, want ErrInvalid", err)
	}
}

// Every kind is listed once, and what route hears are kinds.
func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range touch.Kinds {
		if seen[k] {
			t.Errorf("kind %s is listed twice", k)
		}
		seen[k] = true
	}
	for _, k := range touch.RouteKinds {
		if !seen[k] {
			t.Errorf("kind %s, which route hears, is no kind", k)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("52crbseqxk7h9wwb")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := touch.ParseID(s); err == nil && id.String() != s {
			t.Errorf("ParseID(%q) accepts what String would write as %q", s, id)
		}
	})
}
