package stories

import (
	"path/filepath"
	"strings"
	"testing"

	"handoff/tests/phase"
)

// least is how many stories there are at least: that none is lost unseen.
const least = 60

// all reads every story.
func all(t testing.TB) []*Story {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.story")
	if err != nil {
		t.Fatal(err)
	}
	var out []*Story
	for _, path := range paths {
		s, err := Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		out = append(out, s)
	}
	return out
}

func name(s *Story) string { return strings.TrimSuffix(s.File, ".story") }

// Every story comes to what it expects.
func TestStories(t *testing.T) {
	stories := all(t)
	if len(stories) < least {
		t.Errorf("there are %d stories, want %d", len(stories), least)
	}
	for _, s := range stories {
		t.Run(name(s), func(t *testing.T) {
			t.Parallel()
			Play(t, s, Once)
		})
	}
}

// Every story comes to the very same where each event is delivered twice.
func TestStoriesToldTwice(t *testing.T) {
	part := phase.Part(t, "every eighth story, as all are told once")
	for i, s := range all(t) {
		if part && i%8 != 0 {
			continue
		}
		t.Run(name(s), func(t *testing.T) {
			t.Parallel()
			Play(t, s, Twice)
		})
	}
}
