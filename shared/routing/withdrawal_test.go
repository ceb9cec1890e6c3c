package routing

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func word(id, at string, ids ...string) Withdrawal {
	return Withdrawal{Spoken: Spoken{clockAt(at), id}, IDs: ids, Heard: clockAt(at).Add(time.Second)}
}

func TestWithdraw(t *testing.T) {
	of := func(id, person string) Slot {
		s := slotAt(id, "p-"+id)
		s.Person = person
		return s
	}
	done, alone, mail := of("done", "email:ann"), of("alone", ""), of("mail", "email:ann")
	done.CompletedM = &Mark{At: clockAt("10:10")}
	alone.Account = "email:ann" // opened while the person was an account
	mail.Nurture = true
	it := &Item{Account: "account:a.example", Slots: []Slot{
		of("own", "email:ann"), of("other id", "contact:7"), of("colleague", "email:bea"), of("company", ""), done, alone, mail,
	}}
	w := word("t1", "10:20", "email:ann")
	var ended []string
	for range len(it.Slots) + 1 {
		e := it.Withdraw(w, []string{"contact:7", "email:ann"}, clockAt("10:21"))
		if e.Slot == nil {
			if e.Changed {
				t.Error("the word was kept before, and is to be written again")
			}
			break
		}
		ended = append(ended, e.Slot.ID)
		if r := e.Record; !e.Changed || !e.Released || e.Tell != TellClosed || r.Outcome != string(Recycled) || r.State != Recycled || r.End != EndUnworkable || r.Touch != "t1" ||
			r.Reason != "It may no longer be worked: consent was withdrawn on 4 Mar 2026 10:20 UTC." {
			t.Errorf("%s ended with %+v", e.Slot.ID, e)
		}
		if !e.Slot.Next().IsZero() {
			t.Errorf("%s is to be looked at again", e.Slot.ID)
		}
	}
	if want := []string{"own", "other id", "alone"}; !cmp.Equal(ended, want) {
		t.Errorf("ended %v; want %v", ended, want)
	}
}

// A word is kept as long as score may take to write it down, the latest few of an account.
func TestWithdrawalsAreKeptForATime(t *testing.T) {
	it := &Item{Account: "account:a.example"}
	if e := it.Withdraw(word("t0", "10:00", "email:ann"), nil, clockAt("10:01")); !e.Changed || e.Slot != nil {
		t.Errorf("the first word came to %+v; want one to be written", e)
	}
	if !it.Withdrew("email:ann", &GateState{}) || it.Withdrew("email:bea", &GateState{}) || !it.Withdrew("contact:7", &GateState{Known: []string{"email:ann"}}) {
		t.Error("it is Ann's word, by whichever id, and nobody else's")
	}
	if it.Withdrew("email:ann", &GateState{Consented: Spoken{clockAt("10:02"), "a"}}) || !it.Withdrew("email:ann", &GateState{Consented: Spoken{clockAt("09:59"), "a"}}) {
		t.Error("a consent counts if it was given later")
	}
	for i := range maxDrawn {
		w := word(fmt.Sprintf("t%d", i+1), "10:05", "email:bea")
		w.Heard = w.Heard.Add(time.Duration(i) * time.Second)
		it.Withdraw(w, nil, clockAt("10:10"))
	}
	if len(it.Withdrawn) != maxDrawn || it.Withdrew("email:ann", &GateState{}) {
		t.Errorf("%d words are kept; want the latest %d", len(it.Withdrawn), maxDrawn)
	}
	late := clockAt("10:20").Add(keepDrawn)
	w := Withdrawal{Spoken: Spoken{late, "last"}, IDs: []string{"email:cy"}, Heard: late}
	if it.Withdraw(w, nil, late); len(it.Withdrawn) != 1 {
		t.Errorf("a week later %d words are kept; want the last", len(it.Withdrawn))
	}
}

// Two words of one millisecond are told apart as registers are: by their touches.
func TestSpokenAfter(t *testing.T) {
	at := clockAt("10:00")
	for _, c := range []struct {
		a, b Spoken
		want bool
	}{
		{Spoken{at, "b"}, Spoken{at, "a"}, true},
		{Spoken{at, "a"}, Spoken{at, "b"}, false},
		{Spoken{at, "a"}, Spoken{at, "a"}, false},
		{Spoken{at, "a"}, Spoken{}, true},
		{Spoken{at.Add(time.Millisecond), "a"}, Spoken{at, "b"}, true},
		{Spoken{at.Add(time.Microsecond), "a"}, Spoken{at, "b"}, false},
	} {
		if got := c.a.After(c.b); got != c.want {
			t.Errorf("%v after %v: %t; want %t", c.a, c.b, got, c.want)
		}
	}
}
