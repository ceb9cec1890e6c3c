package touch

import "testing"

func TestEveryKindHasWords(t *testing.T) {
	for _, k := range Kinds {
		if Did(k) == "" {
			t.Errorf("nothing says what %s is", k)
		}
	}
	if len(did) != len(Kinds) {
		t.Errorf("%d words for %d kinds", len(did), len(Kinds))
	}
}
