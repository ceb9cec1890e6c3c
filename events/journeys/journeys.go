// Package journeys reads journeys: folders of JSON lines, one file per tool, each line an event as a producer puts it
// on the bus, and merges the files by delivery time. The bundled half year is compiled in.
package journeys

import (
	"bytes"
	"container/heap"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
)

//go:embed halfyear
var bundled embed.FS

// HalfYear is the bundled journey: six months, more than 20,000 events of six tools, companies.csv with firmographics.
func HalfYear() fs.FS {
	sub, err := fs.Sub(bundled, "halfyear")
	if err != nil { // the name above is constant: this cannot be
		return bundled
	}
	return sub
}

// Entry is one line of a journey. Event has no ID: the bus gives one to each delivery.
type Entry struct {
	File  string // as the folder names it
	Line  int    // from 1, of the uncompressed text
	Event event.Envelope
}

// LineError says which line cannot be an event and why. The reader goes on after it: the caller decides.
type LineError struct {
	File string
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// ErrEmpty is wrapped by Open's error about a folder without a journey.
var ErrEmpty = errors.New("no .jsonl or .jsonl.gz file")

// Reader yields a journey's entries in order of delivery. Memory is one line per file. A Reader is for one goroutine.
type Reader struct {
	files   []*file
	heap    merge
	waiting *file   // whose next line is still to be read
	failed  []error // line errors met while reading ahead
	total   int64
}

// Open opens every .jsonl and .jsonl.gz file at the top of fsys, in the order of their names. The lines of a file are
// expected in order of time; where they are not, they come in the file's order.
func Open(fsys fs.FS) (*Reader, error) {
	names, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("open journey: %w", err)
	}
	r := &Reader{}
	for _, d := range names {
		if d.IsDir() || !Is(d.Name()) {
			continue
		}
		f, err := openFile(fsys, d.Name(), len(r.files))
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("open journey: %w", err)
		}
		r.files = append(r.files, f)
		r.total += f.size
	}
	if len(r.files) == 0 {
		return nil, fmt.Errorf("open journey: %w", ErrEmpty)
	}
	for _, f := range r.files {
		r.refill(f)
	}
	return r, nil
}

// Is tells whether a file's name is that of a journey's part.
func Is(name string) bool {
	return strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".jsonl.gz")
}

// Next answers the next entry, io.EOF after the last. A *LineError concerns one line, or a file that breaks off: Next
// may be called again and goes on with what can still be read. An entry's Detail stays valid.
func (r *Reader) Next() (Entry, error) {
	if r.waiting != nil {
		f := r.waiting
		r.waiting = nil
		r.refill(f)
	}
	if len(r.failed) > 0 {
		err := r.failed[0]
		r.failed = r.failed[1:]
		return Entry{}, err
	}
	if len(r.heap) == 0 {
		return Entry{}, io.EOF
	}
	f := heap.Pop(&r.heap).(*file)
	r.waiting = f
	return f.entry, nil
}

// refill reads f's next entry into the heap; lines that are no events go to failed.
func (r *Reader) refill(f *file) {
	for {
		err := f.next()
		if err == nil {
			heap.Push(&r.heap, f)
			return
		}
		if err == io.EOF {
			return
		}
		r.failed = append(r.failed, err)
		if f.over {
			return
		}
	}
}

// Progress is how many bytes of the files have been read, of how many. Compressed files count as they are stored.
func (r *Reader) Progress() (done, total int64) {
	for _, f := range r.files {
		done += f.read
	}
	return min(done, r.total), r.total
}

// Close closes the files.
func (r *Reader) Close() error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.raw.Close())
	}
	return errors.Join(errs...)
}

// Decode reads one line: a JSON object with source, detail-type, time (RFC 3339) and detail (an object), and what else
// EventBridge's envelope has. The event keeps no reference to line.
func Decode(line []byte) (event.Envelope, error) {
	var in struct {
		event.Envelope
		Time *time.Time `json:"time"`
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if err := dec.Decode(&in); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return event.Envelope{}, errors.New("not an event: the JSON ends too early, is the file cut off?")
		}
		return event.Envelope{}, fmt.Errorf("not an event: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return event.Envelope{}, errors.New("not an event: text after the end of the JSON object")
	}
	var missing []string
	if in.Source == "" {
		missing = append(missing, "source")
	}
	if in.DetailType == "" {
		missing = append(missing, "detail-type")
	}
	if in.Time == nil {
		missing = append(missing, "time")
	}
	if len(in.Detail) == 0 {
		missing = append(missing, "detail")
	}
	if len(missing) > 0 {
		return event.Envelope{}, fmt.Errorf("not an event: %s missing", strings.Join(missing, ", "))
	}
	if in.Detail[0] != '{' {
		return event.Envelope{}, errors.New("not an event: detail is not an object")
	}
	e := in.Envelope
	e.Time = in.Time.UTC()
	e.Detail = slices.Clone(in.Detail)
	return e, nil
}

// merge orders files by the time of their next entry, equal times by the files' order.
type merge []*file

func (m merge) Len() int { return len(m) }
func (m merge) Less(i, j int) bool {
	a, b := m[i], m[j]
	if !a.entry.Event.Time.Equal(b.entry.Event.Time) {
		return a.entry.Event.Time.Before(b.entry.Event.Time)
	}
	return a.order < b.order
}
func (m merge) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)   { *m = append(*m, x.(*file)) }
func (m *merge) Pop() any {
	old := *m
	f := old[len(old)-1]
	*m = old[:len(old)-1]
	return f
}
