package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"handoff/shared/embedded"
	"handoff/shared/store"
)

const childEnv = "HANDOFF_EMBEDDED_CRASH_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// child writes for ever and prints a line per acknowledgement, until it is killed.
func child(dir string) {
	db, err := embedded.Open(dir, embedded.Options{})
	if err == nil {
		var mu sync.Mutex
		err = writeAll(context.Background(), db, func(kind string, n int) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Printf("%s %d\n", kind, n) // one system call a line: os.Stdout has no buffer
		})
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

const batch = 16

func key(partition string, n int) store.Key {
	return store.Key{Partition: partition, Sort: fmt.Sprintf("%08d", n)}
}

// count is how many items a partition has.
func count(db *embedded.DB, partition string) (n int, err error) {
	q := store.Query{Partition: partition}
	for {
		page, err := db.Table("ledger").Query(context.Background(), q)
		if err != nil {
			return 0, err
		}
		for _, r := range page.Records {
			if r.Key != key(partition, n) || string(r.Body) != r.Sort {
				return n, fmt.Errorf("item %d of %s is %+v with body %q: a hole, or damaged", n, partition, r.Key, r.Body)
			}
			n++
		}
		if q.Cursor = page.Cursor; q.Cursor == "" {
			return n, nil
		}
	}
}

// writeAll runs one writer per kind of write until one fails or ctx ends. Each goes on from what stands there, and
// calls acked with the number of what was acknowledged so far.
func writeAll(ctx context.Context, db *embedded.DB, acked func(kind string, n int)) error {
	ledger, accounts, space := db.Table("ledger"), db.Table("accounts"), db.Space("queue")
	writers := map[string]func(n int) error{
		"rows": func(n int) error {
			k := key("rows", n)
			return ledger.Put(ctx, store.Record{Key: k, Body: []byte(k.Sort)})
		},
		"many": func(n int) error {
			rs := make([]store.Record, batch)
			for i := range rs {
				k := key("many", n*batch+i)
				rs[i] = store.Record{Key: k, Body: []byte(k.Sort)}
			}
			return errors.Join(ledger.PutMany(ctx, rs)...)
		},
		"pair": func(n int) error {
			a := store.Record{Key: store.Key{Partition: "left", Sort: "item"}, Version: int64(n), Due: int64(n + 1)}
			b := store.Record{Key: store.Key{Partition: "right", Sort: "item"}, Version: int64(n)}
			return accounts.PutPair(ctx, a, b)
		},
		"space": func(n int) error {
			return space.Apply(ctx, []embedded.Op{{Key: fmt.Appendf(nil, "x%08d", n)}, {Key: fmt.Appendf(nil, "y%08d", n)}}, true)
		},
	}
	done, err := standing(db)
	if err != nil {
		return err
	}
	errs := make(chan error, len(writers))
	for kind, write := range writers {
		go func() {
			for n := done[kind]; ; n++ {
				if err := write(n); err != nil {
					errs <- fmt.Errorf("%s %d: %w", kind, n, err)
					return
				}
				acked(kind, n+1)
			}
		}()
	}
	for range writers {
		err = errors.Join(err, <-errs)
	}
	return err
}

// standing counts what the folder holds of each kind, and is an error if a pair or a batch is half there.
func standing(db *embedded.DB) (map[string]int, error) {
	ctx := context.Background()
	rows, err := count(db, "rows")
	if err != nil {
		return nil, err
	}
	many, err := count(db, "many")
	if err != nil {
		return nil, err
	}
	if many%batch != 0 {
		return nil, fmt.Errorf("%d items of batches of %d: one is half there", many, batch)
	}
	pair, err := db.Table("accounts").GetMany(ctx, []store.Key{{Partition: "left", Sort: "item"}, {Partition: "right", Sort: "item"}})
	if err != nil {
		return nil, err
	}
	if pair[0].Version != pair[1].Version {
		return nil, fmt.Errorf("pair at versions %d and %d: half there", pair[0].Version, pair[1].Version)
	}
	due, err := db.Table("accounts").DueBefore(ctx, store.ShardOf("left"), time.Unix(1<<40, 0), 0, "")
	if err != nil {
		return nil, err
	}
	if v := pair[0].Version; v > 0 && (len(due.Records) != 1 || due.Records[0].Due != v || pair[0].Due != v) {
		return nil, fmt.Errorf("item at version %d is due at %d, its time index says %+v", v, pair[0].Due, due.Records)
	}
	sides := map[byte]int{}
	err = db.Space("queue").Iterate(nil, nil, func(k, _ []byte) bool {
		sides[k[0]]++
		return true
	})
	if err != nil {
		return nil, err
	}
	if sides['x'] != sides['y'] {
		return nil, fmt.Errorf("a space's batch is half there: %d and %d entries", sides['x'], sides['y'])
	}
	return map[string]int{"rows": rows, "many": many / batch, "pair": int(pair[0].Version), "space": sides['x']}, nil
}

func checkStanding(t *testing.T, db *embedded.DB, acked map[string]int) {
	t.Helper()
	got, err := standing(db)
	if err != nil {
		t.Error(err)
		return
	}
	for kind, n := range acked {
		if got[kind] < n {
			t.Errorf("%s: %d acknowledged, %d found", kind, n, got[kind])
		}
	}
}

// A process killed at any moment loses nothing acknowledged, and leaves nothing half done.
func TestKill(t *testing.T) {
	const seed = 20261
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	total := map[string]int{}
	for round := range 8 {
		delay := time.Duration(rng.IntN(200)) * time.Millisecond
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), childEnv+"="+dir)
		var trouble strings.Builder
		cmd.Stderr = &trouble
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(out)
		for first := true; ; first = false {
			line, err := in.ReadString('\n')
			if err != nil {
				break // what has no end of line was cut off by the kill
			}
			var kind string
			var n int
			if _, err := fmt.Sscanf(line, "%s %d\n", &kind, &n); err != nil {
				t.Fatalf("round %d, seed %d: line %q: %v", round, seed, line, err)
			}
			total[kind] = n
			if first {
				time.AfterFunc(delay, func() { cmd.Process.Kill() })
			}
		}
		if cmd.Wait(); trouble.Len() > 0 {
			t.Fatalf("round %d, seed %d: the child says: %s", round, seed, trouble.String())
		}
		db, err := embedded.Open(dir, embedded.Options{})
		if err != nil {
			t.Fatalf("round %d, seed %d: reopen: %v", round, seed, err)
		}
		checkStanding(t, db, total)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("round %d, seed %d, killed %v after the first acknowledgement", round, seed, delay)
		}
	}
	if len(total) != 4 {
		t.Errorf("not all kinds of write were acknowledged: %v", total)
	}
	t.Logf("acknowledged over all rounds: %v", total)
}

// ledgerOf is the largest number told so far of each kind.
type ledgerOf struct {
	mu sync.Mutex
	n  map[string]int
}

func (l *ledgerOf) tell(kind string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n[kind] = max(l.n[kind], n)
}

func (l *ledgerOf) snapshot() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]int{}
	for k, n := range l.n {
		out[k] = n
	}
	return out
}

// When the power fails, all that was not synced may go. What was acknowledged stays, and so does whatever a reader
// was shown before, acknowledged or not.
func TestPowerLoss(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			mem := vfs.NewCrashableMem()
			// A slow disk leaves writes visible and not durable for long, which is what this is about.
			slow := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
				if op.Kind == errorfs.OpFileSync && strings.HasSuffix(op.Path, ".log") {
					time.Sleep(2 * time.Millisecond)
				}
				return nil
			}))
			db, err := embedded.Open("data", embedded.Options{FS: slow, Memory: 12 << 20})
			if err != nil {
				t.Fatal(err)
			}
			told := &ledgerOf{n: map[string]int{}}
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() {
				if err := writeAll(ctx, db, told.tell); ctx.Err() == nil {
					t.Errorf("writers: %v", err)
				}
			})
			wg.Go(func() { watch(ctx, db, told.tell) })
			for told.snapshot()["rows"] < 20 && !t.Failed() {
				time.Sleep(time.Millisecond)
			}
			for range 5 {
				time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond)
				before := told.snapshot()
				crashed := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(2) * 50, RNG: rng})
				after, err := embedded.Open("data", embedded.Options{FS: crashed, Memory: 12 << 20})
				if err != nil {
					t.Fatalf("open after the crash: %v", err)
				}
				checkStanding(t, after, before)
				if err := after.Close(); err != nil {
					t.Error(err)
				}
			}
			cancel()
			wg.Wait()
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// watch reads what the writers write, in every way a Table can show it, and tells what it saw.
func watch(ctx context.Context, db *embedded.DB, told func(kind string, n int)) {
	ledger, accounts := db.Table("ledger"), db.Table("accounts")
	next := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if r, err := accounts.Get(ctx, store.Key{Partition: "left", Sort: "item"}); err == nil {
				told("pair", int(r.Version))
			}
		}
	})
	wg.Go(func() {
		for ctx.Err() == nil {
			page, err := ledger.Query(ctx, store.Query{Partition: "many", Reverse: true, Limit: 1})
			if err == nil && len(page.Records) == 1 {
				var n int
				fmt.Sscanf(page.Records[0].Sort, "%d", &n)
				told("many", n/batch+1)
			}
		}
	})
	wg.Go(func() {
		var c *store.Conflict
		for ctx.Err() == nil {
			// A version that never holds: only the conflict tells.
			err := accounts.Put(ctx, store.Record{Key: store.Key{Partition: "right", Sort: "item"}, Version: 1 << 40})
			if errors.As(err, &c) && c.Existing != nil {
				told("pair", int(c.Existing.Version))
			}
		}
	})
	for ctx.Err() == nil {
		if _, err := ledger.Get(ctx, key("rows", next)); err == nil {
			next++
			told("rows", next)
		}
	}
	wg.Wait()
}

// Without sync the tail may go, never the middle; Sync makes what was written before safe.
func TestNoSyncLosesOnlyTheTail(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 1))
		mem := vfs.NewCrashableMem()
		db, err := embedded.Open("data", embedded.Options{FS: mem, NoSync: true, Memory: 12 << 20})
		if err != nil {
			t.Fatal(err)
		}
		const n, synced = 3000, 1000
		for i := range n {
			k := key("rows", i)
			if err := db.Table("ledger").Put(t.Context(), store.Record{Key: k, Body: []byte(k.Sort)}); err != nil {
				t.Fatal(err)
			}
			if i+1 == synced {
				if err := db.Sync(); err != nil {
					t.Fatal(err)
				}
			}
		}
		crashed := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed%2) * 50, RNG: rng})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		after, err := embedded.Open("data", embedded.Options{FS: crashed})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got, err := count(after, "rows") // an error if there is a hole
		if err != nil || got < synced {
			t.Errorf("seed %d: %d of %d synced and %d written rows stand, %v", seed, got, synced, n, err)
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
