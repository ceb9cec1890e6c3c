package embedded_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/shared/embedded"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Table {
		db, err := embedded.Open(t.TempDir(), embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db.Table("conformance")
	})
}

func TestSecondOpenerIsToldWhatToDo(t *testing.T) {
	dir := t.TempDir()
	db, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = embedded.Open(dir, embedded.Options{})
	if !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), "another handoff runs on "+dir) {
		t.Errorf("second Open: got %v, want ErrInUse naming %s", err, dir)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatalf("Open after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTableSurvivesReopening(t *testing.T) {
	fs := vfs.NewMem()
	db, err := embedded.Open("data", embedded.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	k := store.Key{Partition: "account:initech.com", Sort: "item"}
	if err := db.Table("accounts").Put(t.Context(), store.Record{Key: k, Body: []byte("facts")}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Table("ledger").Get(t.Context(), k); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the other table: got %v, want ErrNotFound", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Table("accounts").Get(t.Context(), k); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Get after Close: got %v, want ErrUnavailable", err)
	}
	db, err = embedded.Open("data", embedded.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Table("accounts").Get(t.Context(), k)
	if err != nil || r.Version != 1 || string(r.Body) != "facts" {
		t.Errorf("Get after reopening: got %+v, %v", r, err)
	}
}
