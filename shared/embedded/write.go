package embedded

import (
	"context"
	"fmt"
	"slices"

	"handoff/shared/store"
)

// Put writes one item if its Version holds.
func (t *Table) Put(ctx context.Context, r store.Record) error {
	return t.write(ctx, []store.Record{r}, false)[0]
}

// PutMany is many Puts with one log entry and one fsync.
func (t *Table) PutMany(ctx context.Context, rs []store.Record) []error {
	return t.write(ctx, rs, false)
}

// PutPair writes two items or neither.
func (t *Table) PutPair(ctx context.Context, a, b store.Record) error {
	if a.Key == b.Key {
		return fmt.Errorf("embedded: a pair needs two keys, got %s / %s twice: %w", a.Partition, a.Sort, store.ErrInvalid)
	}
	errs := t.write(ctx, []store.Record{a, b}, true)
	if errs[0] != nil {
		return errs[0]
	}
	return errs[1]
}

// Delete removes an item and its place in the time index; deleting what is not there is no error. The bytes leave the
// disk when the folder is compacted: see DB.Compact.
func (t *Table) Delete(ctx context.Context, k store.Key) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := k.Check(); err != nil {
		return fmt.Errorf("embedded: delete: %w", err)
	}
	if err := t.db.enter(); err != nil {
		return err
	}
	defer t.db.leave()
	held := t.lock([]uint32{t.stripe(k.Partition)})
	old, err := t.read(k)
	if err != nil || old.Version == 0 {
		last := t.db.stripes[held[0]].last.Load()
		t.unlock(held)
		if err == nil {
			err = last.wait()
		}
		return err
	}
	b := t.db.engine.newBatch()
	err = b.delete(t.itemKey(k))
	if old.Due != 0 && err == nil {
		err = b.delete(t.dueKey(old.Due, k))
	}
	if err != nil {
		t.unlock(held)
		return unavailable("delete", err)
	}
	return t.commit(b, held, held)
}

// write is all conditional writes. Conditions are checked and the batch is applied under the locks of the partitions
// concerned; the wait for the disk comes after. Whoever takes a lock next sees this write and may build on it before
// it is durable: their batch stands behind this one in the log, so it cannot outlive it.
func (t *Table) write(ctx context.Context, rs []store.Record, together bool) []error {
	errs := make([]error, len(rs))
	stripes := make([]uint32, 0, len(rs))
	var seen map[store.Key]bool
	if len(rs) > 1 {
		seen = make(map[store.Key]bool, len(rs))
	}
	for i := range rs {
		err := ctx.Err()
		if err == nil {
			err = rs[i].Check()
		}
		if err == nil && seen[rs[i].Key] {
			err = fmt.Errorf("key %s / %s twice in one call: %w", rs[i].Partition, rs[i].Sort, store.ErrInvalid)
		}
		if err != nil {
			errs[i] = fmt.Errorf("embedded: write: %w", err)
			continue
		}
		if seen != nil {
			seen[rs[i].Key] = true
		}
		stripes = append(stripes, t.stripe(rs[i].Partition))
	}
	if len(stripes) == 0 || together && len(stripes) < len(rs) {
		return errs
	}
	if err := t.db.enter(); err != nil {
		return fill(errs, err)
	}
	defer t.db.leave()

	held := t.lock(stripes)
	b := t.db.engine.newBatch()
	written := make([]uint32, 0, len(rs))
	var conflicts []*flight // what a conflict shows may still be on its way to the disk
	for i := range rs {
		if errs[i] != nil {
			continue
		}
		s := t.stripe(rs[i].Partition)
		if errs[i] = t.stage(b, &rs[i]); errs[i] == nil {
			written = append(written, s)
			if rs[i].Due != 0 {
				h := &t.due[store.ShardOf(rs[i].Partition)]
				h.begin(rs[i].Due)
				defer h.end()
			}
		} else if f := t.db.stripes[s].last.Load(); f != nil {
			conflicts = append(conflicts, f)
		}
	}
	var err error
	if len(written) == 0 || together && len(written) < len(rs) {
		t.unlock(held)
		b.close()
	} else {
		err = t.commit(b, held, written)
	}
	for _, f := range conflicts {
		if werr := f.wait(); werr != nil {
			err = werr
		}
	}
	if err != nil {
		return fill(errs, err)
	}
	return errs
}

// stage checks one record's condition and adds it to the batch.
func (t *Table) stage(b batch, r *store.Record) error {
	old, err := t.read(r.Key)
	if err != nil {
		return err
	}
	if old.Version != r.Version {
		c := &store.Conflict{Key: r.Key}
		if old.Version != 0 {
			c.Existing = &old
		}
		return c
	}
	key := t.itemKey(r.Key)
	k, v := b.reserve(len(key), valueSize(r.Version+1, r.Due, r.Body))
	copy(k, key)
	putValue(v, r.Version+1, r.Due, r.Body)
	if old.Due != r.Due {
		if old.Due != 0 && err == nil {
			err = b.delete(t.dueKey(old.Due, r.Key))
		}
		if r.Due != 0 && err == nil {
			err = b.set(t.dueKey(r.Due, r.Key), nil)
		}
	}
	if err != nil {
		return unavailable("write "+r.Partition+" / "+r.Sort, err)
	}
	return nil
}

// lock takes the stripes in order, so that two writers cannot wait for each other, and returns them without repeats.
func (t *Table) lock(stripes []uint32) []uint32 {
	slices.Sort(stripes)
	stripes = slices.Compact(stripes)
	for _, s := range stripes {
		t.db.stripes[s].mu.Lock()
	}
	return stripes
}

func (t *Table) unlock(stripes []uint32) {
	for _, s := range stripes {
		t.db.stripes[s].mu.Unlock()
	}
}

// commit applies the batch, releases the held stripes, and returns when the batch is durable.
func (t *Table) commit(b batch, held, written []uint32) error {
	if t.db.noSync {
		err := b.commit(false)
		t.unlock(held)
		return t.finish(b, err)
	}
	// The flight is entered before the batch can be seen: a reader that sees the batch then finds the flight.
	f := &flight{done: make(chan struct{})}
	for _, s := range written {
		t.db.stripes[s].last.Store(f)
	}
	err := b.apply()
	t.unlock(held)
	if err == nil {
		err = b.wait()
	}
	f.err = t.finish(b, err)
	close(f.done)
	if f.err != nil {
		return f.err // the flight stays, so that nobody trusts what it left in memory
	}
	for _, s := range written {
		t.db.stripes[s].last.CompareAndSwap(f, nil) // so that landed flights are not kept
	}
	return nil
}

func (t *Table) finish(b batch, err error) error {
	if err != nil {
		return unavailable("write", err)
	}
	b.close()
	return nil
}

// fill puts err where no answer stands yet, and over answers that rest on what a failed log may take back.
func fill(errs []error, err error) []error {
	for i := range errs {
		if _, conflict := errs[i].(*store.Conflict); errs[i] == nil || conflict {
			errs[i] = err
		}
	}
	return errs
}
