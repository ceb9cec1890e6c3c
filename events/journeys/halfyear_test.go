package journeys

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"handoff/infra/generate"
)

var update = flag.Bool("update", false, "write the bundled journey anew from its fixed seed")

// TestHalfYearIsReproduced holds the committed journey to its generator, by the digest of each file's own text. After a
// change of the generator: go test ./events/journeys -update, and look at what the pipeline makes of it.
func TestHalfYearIsReproduced(t *testing.T) {
	if *update {
		if err := writeHalfYear("halfyear"); err != nil {
			t.Fatal(err)
		}
	}
	companies := sha256.New()
	want := map[string]hash.Hash{}
	for _, tool := range generate.Tools {
		want[tool] = sha256.New()
	}
	if _, err := generate.WriteTo(context.Background(), generate.Bundled(), companies, func(tool string) io.Writer { return want[tool] }); err != nil {
		t.Fatal(err)
	}
	for _, tool := range generate.Tools {
		f, err := os.Open(filepath.Join("halfyear", tool+".jsonl.gz"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := same(want[tool], text); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
		f.Close()
	}
	f, err := os.Open(filepath.Join("halfyear", generate.CompaniesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := same(companies, f); err != nil {
		t.Errorf("%s: %v", f.Name(), err)
	}
}

func same(want hash.Hash, text io.Reader) error {
	got := sha256.New()
	if _, err := io.Copy(got, text); err != nil {
		return err
	}
	if g, w := hex.EncodeToString(got.Sum(nil)), hex.EncodeToString(want.Sum(nil)); g != w {
		return fmt.Errorf("the text has digest %s, the generator makes %s: run go test ./events/journeys -update", g, w)
	}
	return nil
}

// writeHalfYear writes the bundled journey, compressed.
func writeHalfYear(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	companies, err := os.Create(filepath.Join(dir, generate.CompaniesFile))
	if err != nil {
		return err
	}
	closers := []io.Closer{companies}
	files := map[string]*gzip.Writer{}
	for _, tool := range generate.Tools {
		f, err := os.Create(filepath.Join(dir, tool+".jsonl.gz"))
		if err != nil {
			return err
		}
		if files[tool], err = gzip.NewWriterLevel(f, gzip.BestCompression); err != nil {
			return err
		}
		closers = append(closers, files[tool], f)
	}
	_, err = generate.WriteTo(context.Background(), generate.Bundled(), companies, func(tool string) io.Writer { return files[tool] })
	for _, c := range closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

func TestHalfYearKeepsItsPromises(t *testing.T) {
	r, err := Open(HalfYear())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var first, last time.Time
	n, files := 0, map[string]int{}
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Event.Time.Before(last) {
			t.Fatalf("%s:%d: %s after %s", e.File, e.Line, e.Event.Time, last)
		}
		if n == 0 {
			first = e.Event.Time
		}
		last = e.Event.Time
		files[e.File]++
		n++
	}
	if n < 20_000 || len(files) < 4 || last.Sub(first) < 178*24*time.Hour {
		t.Errorf("%d events of %d tools from %s to %s: at least 20,000 of four over six months are promised", n, len(files), first, last)
	}
	companies, err := fs.ReadFile(HalfYear(), generate.CompaniesFile)
	if err != nil || bytes.Count(companies, []byte("\n")) < 200 {
		t.Errorf("companies.csv: %d lines, %v", bytes.Count(companies, []byte("\n")), err)
	}
}

// TestOwnSamples: what README shows as one's own data can be read.
func TestOwnSamples(t *testing.T) {
	r, err := Open(os.DirFS("own/fair"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, want := range []string{"page", "identify"} {
		e, err := r.Next()
		if err != nil || e.Event.DetailType != want {
			t.Errorf("got %q, %v, want a %s call", e.Event.DetailType, err, want)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("got %v after two lines, want the end", err)
	}
}
