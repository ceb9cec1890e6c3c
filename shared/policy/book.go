package policy

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
)

// Book is where the policies of a stack stand: every one that was ever activated in the ledger, under its epoch, with
// who did it and why; which one is in force in the accounts table.
type Book struct {
	Accounts store.Table
	Ledger   *ledger.Ledger
	Default  *Policy // in force while none was activated
	// Ship makes the default at its first use where Default is nil: a process of a stack whose policy was activated never
	// needs it, and compiling it would be most of a function's start. It is called each time, so it should remember.
	Ship func() (*Policy, error)
	Now  func() time.Time
	Log  *slog.Logger // nil: none
}

// The errors of activating, beside *Invalid and the store's.
var (
	// ErrRaced is wrapped where another activation came first: what it put in force stays, and this one is not in force.
	ErrRaced = errors.New("another activation came first")
	// ErrUnchanged is wrapped where the very text is in force already: nothing was done.
	ErrUnchanged = errors.New("this is in force already")
)

// Activation is what an activation did, or would do.
type Activation struct {
	Active
	Before      *Policy              `json:"-"` // what was in force
	Policy      *Policy              `json:"-"`
	Refolds     bool                 `json:"refolds"`     // the facts of every account are made anew from the ledger
	Reevaluates bool                 `json:"reevaluates"` // every account is evaluated again
	Changed     []event.StageChanged `json:"changed"`     // stages whose owners are told
}

// byDefault is what is in force while none was activated.
func (b *Book) byDefault() (*Policy, error) {
	if b.Default != nil {
		return b.Default, nil
	}
	return b.Ship()
}

// InForce reads which epoch is in force, without its files, and the version of the item that says so; store.ErrNotFound
// while none was activated.
func (b *Book) InForce(ctx context.Context) (*Active, int64, error) {
	rec, err := b.Accounts.Get(ctx, ActiveKey)
	if err != nil {
		return nil, 0, fmt.Errorf("policy: read what is in force: %w", err)
	}
	a, err := fromRecord(rec)
	return a, rec.Version, err
}

// Text reads an epoch with its files; store.ErrNotFound where there is no such epoch.
func (b *Book) Text(ctx context.Context, epoch int64) (*Active, error) {
	row, err := b.Ledger.Get(ctx, epochRow(epoch))
	if err != nil {
		return nil, fmt.Errorf("policy: read epoch %d: %w", epoch, err)
	}
	return fromRow(row)
}

// Entry is an epoch as History tells it.
type Entry struct {
	Active
	// State is "in force", "replaced", or "never in force": recorded by an activation that died, or lost to another,
	// before it could take effect.
	State string `json:"state"`
}

// The states of an epoch.
const (
	StateInForce  = "in force"
	StateReplaced = "replaced"
	StateNever    = "never in force"
)

// History lists all epochs, the oldest first, without their files. It is empty while none was activated.
func (b *Book) History(ctx context.Context) ([]Entry, error) {
	current, _, err := b.InForce(ctx)
	if errors.Is(err, store.ErrNotFound) {
		current, err = &Active{Epoch: 0}, nil
	}
	if err != nil {
		return nil, err
	}
	out := []Entry{}
	for row, err := range b.Ledger.Timeline(ctx, ActiveKey.Partition, time.Time{}, time.Time{}) {
		if err != nil {
			return nil, fmt.Errorf("policy: list the epochs: %w", err)
		}
		if row.Type != ledger.Policy {
			continue
		}
		a, err := fromRow(row)
		if err != nil {
			return nil, err
		}
		a.Files = nil
		out = append(out, Entry{*a, StateNever})
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.Epoch, b.Epoch) })
	at := current.Epoch
	for i := len(out) - 1; i >= 0; i-- {
		switch {
		case out[i].Epoch != at:
			continue
		case at == current.Epoch:
			out[i].State = StateInForce
		default:
			out[i].State = StateReplaced
		}
		at = out[i].Replaces
	}
	return out, nil
}

// Plan validates files and says what activating them would do, without doing it. The answer has no epoch yet.
func (b *Book) Plan(ctx context.Context, files map[string]string) (*Activation, error) {
	p, err := Valid(files)
	if err != nil {
		return nil, err
	}
	plan, _, err := b.plan(ctx, p)
	return plan, err
}

// plan also answers the version of the item that says what is in force, 0 while none is there.
func (b *Book) plan(ctx context.Context, p *Policy) (*Activation, int64, error) {
	before, err := b.byDefault()
	if err != nil {
		return nil, 0, err
	}
	version := int64(0)
	switch a, v, err := b.InForce(ctx); {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, 0, err
	default:
		version = v
		if a, err = b.Text(ctx, a.Epoch); err != nil {
			return nil, 0, err
		}
		if maps.Equal(a.Files, p.Text) {
			return nil, 0, fmt.Errorf("%w: epoch %d, activated by %s on %s: %q", ErrUnchanged, a.Epoch, a.By, a.At.Format(time.RFC3339), a.Why)
		}
		if before, err = a.Compile(); errors.Is(err, ErrInvalid) {
			// Activated by a newer build. This one cannot tell what differs, so everything counts as changed.
			before = &Policy{Epoch: a.Epoch, FoldHash: a.Fold, EvalHash: a.Eval, Text: a.Files}
		} else if err != nil {
			return nil, 0, err
		}
	}
	return &Activation{
		Active: Active{Fold: p.FoldHash, Eval: p.EvalHash, Replaces: before.Epoch, Files: p.Text},
		Before: before, Policy: p, Changed: StagesChanged(before, p),
		Refolds: p.FoldHash != before.FoldHash, Reevaluates: p.EvalHash != before.EvalHash,
	}, version, nil
}

// Activate puts a policy in force: its ledger row first, so that nothing is ever in force that could not be shown; then,
// in one write, what is in force and the pass that brings every account under it and tells the stages' owners (see
// Pass). A policy that validation finds errors in (see Valid) is refused as *Invalid and changes nothing.
//
// A crash before the second write leaves a row that was never in force: the next activation takes the number after it,
// and History says so. A crash after it leaves nothing undone, for the pass is the pipeline's to do. Where the outcome
// of the second write is unknown it is looked up.
func (b *Book) Activate(ctx context.Context, files map[string]string, by, why string) (*Activation, error) {
	p, err := Valid(files)
	if err != nil {
		return nil, err
	}
	return b.activate(ctx, p, by, why, nil)
}

// Rollback activates the text of an earlier epoch again, under a new one. A text that this build finds fault with is
// refused, as an activation is, though it was in force once: what is in force meanwhile can be paused play by play.
func (b *Book) Rollback(ctx context.Context, to int64, by, why string) (*Activation, error) {
	a, err := b.Text(ctx, to)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("policy: there is no epoch %d to go back to: %w", to, err)
	}
	if err != nil {
		return nil, err
	}
	p, err := Valid(a.Files)
	if err != nil {
		return nil, fmt.Errorf("policy: epoch %d cannot be put in force again, as this build finds fault with its text: %w\n"+
			"Nothing was changed. Mend a copy of it (handoff policy show %d --text) and activate that; handoff pause stops a play at once", to, err, to)
	}
	return b.activate(ctx, p, by, why, &to)
}

// Previous is the epoch that was in force before the one that is: what a rollback without a number goes back to.
func (b *Book) Previous(ctx context.Context) (int64, error) {
	a, _, err := b.InForce(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("policy: nothing was activated yet, so there is nothing to go back to: %w", err)
	}
	if err != nil {
		return 0, err
	}
	return a.Replaces, nil
}

func (b *Book) activate(ctx context.Context, p *Policy, by, why string, restores *int64) (*Activation, error) {
	by, why = strings.TrimSpace(by), strings.TrimSpace(why)
	if by == "" || why == "" {
		return nil, errors.New("policy: an activation says who does it, and why: both stand in the record")
	}
	plan, version, err := b.plan(ctx, p)
	if err != nil {
		return nil, err
	}
	history, err := b.History(ctx)
	if err != nil {
		return nil, err
	}
	if version == 0 && len(history) == 0 {
		if err := b.recordDefault(ctx); err != nil {
			return nil, err
		}
	}
	a := &plan.Active
	a.Epoch, a.By, a.Why, a.At, a.Restores = a.Replaces+1, by, why, b.Now().UTC().Truncate(time.Millisecond), restores
	if n := len(history); n > 0 {
		a.Epoch = max(a.Epoch, history[n-1].Epoch+1)
	}
	plan.Policy.Epoch = a.Epoch
	row, err := a.row(a.At)
	if err != nil {
		return nil, err
	}
	switch existing, err := b.Ledger.AppendOne(ctx, row); {
	case err != nil:
		return nil, fmt.Errorf("policy: record epoch %d, which is not in force: %w", a.Epoch, err)
	case existing != nil && !bytes.Equal(existing.Body, row.Body):
		other, err := fromRow(existing)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %s activates epoch %d at this moment (%q), and nothing of yours is in force; look at what that is (handoff policy show), and do this again if it still should be done",
			ErrRaced, other.By, other.Epoch, other.Why)
	}
	return plan, b.enforce(ctx, plan, version)
}

// recordDefault puts the policy that holds before any activation into the ledger, as epoch 0: to be shown, and gone back
// to. A row that stands there already stays.
func (b *Book) recordDefault(ctx context.Context) error {
	p, err := b.byDefault()
	if err != nil {
		return err
	}
	zero := &Active{Fold: p.FoldHash, Eval: p.EvalHash, By: "the build", Why: "In force before any was activated.", Files: p.Text}
	row, err := zero.row(b.Now())
	if err != nil {
		return err
	}
	if _, err := b.Ledger.AppendOne(ctx, row); err != nil {
		return fmt.Errorf("policy: record what was in force before: %w", err)
	}
	return nil
}

// maxTries bounds how often the write that puts a policy in force is repeated because the pass moved on meanwhile.
const maxTries = 10

// enforce writes what is in force and the pass that follows from it, in one transaction.
func (b *Book) enforce(ctx context.Context, plan *Activation, version int64) error {
	a := &plan.Active
	active, err := a.record(version)
	if err != nil {
		return err
	}
	for range maxTries {
		pass, err := ReadPass(ctx, b.Accounts)
		if err != nil {
			return fmt.Errorf("policy: epoch %d is recorded and not in force: %w", a.Epoch, err)
		}
		pass.follow(a, plan.Changed)
		rec, err := pass.Record(a.At.Unix())
		if err != nil {
			return err
		}
		failed := b.Accounts.PutPair(ctx, active, rec)
		if failed == nil {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("policy: epoch %d is recorded, and whether it is in force is unknown; see handoff policy show: %w", a.Epoch, err)
		}
		// A conflict may be another activation's, the pass's own progress, or the echo of this very write; an outage
		// leaves open whether it was done. What stands there tells.
		now, _, err := b.InForce(ctx)
		switch {
		case err == nil && now.Epoch == a.Epoch:
			return nil
		case err == nil && now.Epoch != a.Replaces:
			return fmt.Errorf("%w: %s put epoch %d in force at %s (%q), and yours, recorded as epoch %d, is not; look at what that is (handoff policy show), and do this again if it still should be done",
				ErrRaced, now.By, now.Epoch, now.At.Format(time.RFC3339), now.Why, a.Epoch)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("policy: epoch %d is recorded, and whether it is in force is unknown; see handoff policy show: %w", a.Epoch, errors.Join(failed, err))
		case !errors.Is(failed, store.ErrConflict):
			return fmt.Errorf("policy: epoch %d is recorded and not in force; do this again: %w", a.Epoch, failed)
		}
	}
	return fmt.Errorf("policy: epoch %d is recorded and not in force, as the pass over the accounts kept moving; do this again: %w", a.Epoch, store.ErrConflict)
}

func (b *Book) log() *slog.Logger {
	if b.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return b.Log
}
