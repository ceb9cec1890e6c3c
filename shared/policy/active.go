package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"handoff/shared/ledger"
	"handoff/shared/store"
)

// ActiveKey is where the accounts table says which epoch is in force. The item holds an Active without its files: those
// stand in the ledger, so that what a process looks at every minute stays small, whatever the policy's length.
var ActiveKey = store.Key{Partition: "policy", Sort: "active"}

// Active is one activation: the body of its ledger row, and less the files of the item at ActiveKey.
type Active struct {
	Epoch int64  `json:"epoch"` // rises with every activation, a rollback too; 0 is the policy before any was activated
	Fold  string `json:"fold"`  // hashes, as the build that activated it makes them
	Eval  string `json:"eval"`
	By    string `json:"by"`
	Why   string `json:"why"`
	// At is when it was activated; zero of epoch 0.
	At time.Time `json:"at,omitzero"`
	// Replaces is the epoch that was in force then. An epoch that none of those in force replaced never was itself.
	Replaces int64 `json:"replaces"`
	// Restores is the epoch whose text a rollback made active again.
	Restores *int64            `json:"restores,omitempty"`
	Files    map[string]string `json:"files,omitempty"` // text by name
}

// Compile compiles the files under the epoch.
func (a *Active) Compile() (*Policy, error) {
	p, err := Compile(a.Files)
	if err != nil {
		return nil, fmt.Errorf("policy: epoch %d: %w", a.Epoch, err)
	}
	p.Epoch = a.Epoch
	return p, nil
}

// epochRow is the key of an epoch's row. The epoch alone makes it, without a time, so that the ledger holds each epoch
// once: of two people who take the same number at once, one is refused.
func epochRow(epoch int64) ledger.Row {
	return ledger.Row{Owner: ActiveKey.Partition, Type: ledger.Policy, ID: fmt.Sprintf("%010d", epoch)}
}

// row is the ledger row of an activation.
func (a *Active) row(at time.Time) (ledger.Row, error) {
	r := epochRow(a.Epoch)
	r.RecordedAt = at
	var err error
	if r.Body, err = json.Marshal(a); err != nil {
		return r, fmt.Errorf("policy: encode epoch %d: %w", a.Epoch, err)
	}
	return r, nil
}

// fromRow reads an activation from its row.
func fromRow(r *ledger.Row) (*Active, error) {
	a := new(Active)
	epoch, err := strconv.ParseInt(r.ID, 10, 64)
	if err == nil {
		err = json.Unmarshal(r.Body, a)
	}
	if err == nil && a.Epoch != epoch {
		err = fmt.Errorf("the row says that it is of epoch %d", a.Epoch)
	}
	if err != nil {
		return nil, fmt.Errorf("policy: read the ledger's row %s of policies: %w", r.ID, err)
	}
	return a, nil
}

// record is the item that says what is in force.
func (a *Active) record(version int64) (store.Record, error) {
	head := *a
	head.Files = nil
	body, err := json.Marshal(head)
	if err != nil {
		return store.Record{}, fmt.Errorf("policy: encode what is in force: %w", err)
	}
	return store.Record{Key: ActiveKey, Version: version, Body: body}, nil
}

// fromRecord reads what is in force, without files.
func fromRecord(rec store.Record) (*Active, error) {
	a := new(Active)
	if err := json.Unmarshal(rec.Body, a); err != nil {
		return nil, fmt.Errorf("policy: decode what is in force: %w", err)
	}
	return a, nil
}
