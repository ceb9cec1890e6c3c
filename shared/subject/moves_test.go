package subject

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestMoves(t *testing.T) {
	for _, c := range []struct {
		name  string
		world world
		id    string
		want  []Move
	}{
		{"another address at another company", world{}.link("user:7", "email:ann@initech.com", 3).link("user:7", "email:ann@globex.com", 20), "user:7",
			[]Move{{From: "account:initech.com", To: "account:globex.com", Was: "email:ann@initech.com", Is: "email:ann@globex.com", Time: at(20)}}},
		{"a device goes along", world{}.link("anon:web/1", "user:7", 3).link("user:7", "email:ann@initech.com", 3).link("user:7", "email:ann@globex.com", 20), "anon:web/1",
			[]Move{{From: "account:initech.com", To: "account:globex.com", Was: "email:ann@initech.com", Is: "email:ann@globex.com", Time: at(20)}}},
		{"another address at the same company", world{}.link("user:7", "email:ann@initech.com", 3).link("user:7", "email:lee@initech.com", 20), "user:7", nil},
		{"who was nobody's before", world{}.link("user:7", "email:ann@gmail.com", 3).link("user:7", "email:ann@globex.com", 20), "user:7", nil},
		{"who is at one company", world{}.link("user:7", "email:ann@initech.com", 3), "user:7", nil},
		{"a workspace is no employer", world{}.link("user:7", "group:1", 3).link("user:7", "group:2", 20), "user:7", nil},
		{"a company that is sold moves nobody", world{}.link("user:7", "crm:sf/1", 3).link("user:7", "crm:sf/1", 40).
			link("crm:sf/1", "account:initech.com", 3).link("crm:sf/1", "account:globex.com", 20), "user:7", nil},
	} {
		got, _, missing := c.world.resolver().Moves(c.id)
		if d := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Move{}, "Link")); d != "" || len(missing) > 0 {
			t.Errorf("%s: moves (-want +got), missing %v\n%s", c.name, missing, d)
		}
		for _, m := range got {
			if want := c.world["user:7"].List[1].ID; m.Link != want {
				t.Errorf("%s: told by %s, want %s", c.name, m.Link, want)
			}
		}
	}
}
