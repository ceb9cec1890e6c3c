// Package intake reads what people have on disk into events for the bus: JSON lines of events, of PutEvents entries, or
// of a tool's raw payloads, and CSV lists, CRM snapshots and spend. It decides nothing about buyers: that is the
// source contracts' part.
package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"handoff/events/journeys"
	"handoff/shared/event"
)

// Options say how to read what a file does not say by itself.
type Options struct {
	// Tool names the tool whose raw payloads the JSON lines are; empty: lines are events, or tell by their shape.
	Tool string
	// As is the kind of record a CSV's rows are: list, account, contact, opportunity or spend; empty: by its columns.
	As string
	// Set gives values to columns that a CSV lacks: list, type, status, at, crm, currency …
	Set map[string]string
	// Now is the delivery's time where a line names none.
	Now time.Time
}

// maxLine is a PutEvents request's bound: no event is longer.
const maxLine = 1 << 20

// Files lists what a folder holds that can be read, or the file itself. companies.csv is enrich's, not an event's.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && e.Name() != "companies.csv" && readable(e.Name()) {
			out = append(out, filepath.Join(path, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no .jsonl, .ndjson, .json or .csv file (also .gz): put your exports there", path)
	}
	return out, nil
}

func readable(name string) bool {
	switch strings.ToLower(filepath.Ext(strings.TrimSuffix(name, ".gz"))) {
	case ".jsonl", ".ndjson", ".json", ".csv":
		return true
	}
	return false
}

// Read yields the events of one source, in its order. bad is told of each line that is no event, with its place; reading
// goes on behind it. yield may end the reading with an error.
func Read(name string, r io.Reader, o Options, yield func(event.Envelope) error, bad func(*journeys.LineError)) error {
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer z.Close()
		r, name = z, strings.TrimSuffix(name, ".gz")
	}
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		return readCSV(name, r, o, yield, bad)
	}
	return readLines(name, r, o, yield, bad)
}

// ReadFile is Read over a file.
func ReadFile(path string, o Options, yield func(event.Envelope) error, bad func(*journeys.LineError)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(Read(path, f, o, yield, bad), f.Close())
}

// Sorted reads files whole and orders their events by delivery time: what a replay needs.
func Sorted(paths []string, o Options, bad func(*journeys.LineError)) ([]event.Envelope, error) {
	var out []event.Envelope
	for _, p := range paths {
		err := ReadFile(p, o, func(e event.Envelope) error {
			out = append(out, e)
			return nil
		}, bad)
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b event.Envelope) int { return a.Time.Compare(b.Time) })
	return out, nil
}

// readLines reads JSON lines; a file that is one JSON array is read as its elements, and one whose objects are spread
// over lines, as the samples are, object by object.
func readLines(name string, r io.Reader, o Options, yield func(event.Envelope) error, bad func(*journeys.LineError)) error {
	br := bufio.NewReaderSize(r, maxLine)
	if first, err := peekByte(br); err == nil && first == '[' {
		return readArray(name, br, o, yield, bad)
	}
	if spread(br) {
		return readObjects(name, br, o, yield, bad)
	}
	for line := 1; ; line++ {
		text, err := readLine(br)
		if errors.Is(err, errLong) {
			bad(&journeys.LineError{File: name, Line: line, Err: err})
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			// A compressed file that breaks off ends here; what came before is read.
			bad(&journeys.LineError{File: name, Line: line, Err: fmt.Errorf("the file breaks off here: %w", err)})
			return nil
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			switch e, derr := decode(text, o); {
			case derr != nil:
				bad(&journeys.LineError{File: name, Line: line, Err: derr})
			default:
				if yerr := yield(e); yerr != nil {
					return yerr
				}
			}
		}
		if err != nil {
			return nil
		}
	}
}

var errLong = fmt.Errorf("the line is over %d bytes: an event holds less", maxLine)

// readLine reads up to a line's end; of a line that is too long it skips the rest.
func readLine(br *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(line)+len(part) <= maxLine {
			line = append(line, part...)
		} else if len(line) <= maxLine {
			line = append(line, make([]byte, maxLine+1-len(line))...) // too long from here on
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if len(line) > maxLine && (err == nil || errors.Is(err, io.EOF)) {
				return nil, errors.Join(errLong, err)
			}
			return line, err
		}
	}
}

// spread reports whether the first object goes over several lines. It looks no further than that object, and waits for
// no more than its end: standard input may be a person typing. A broken first line does not make it one.
func spread(br *bufio.Reader) bool {
	for n := 1; n <= maxLine; {
		if _, err := br.Peek(n); err != nil {
			return false
		}
		text, _ := br.Peek(br.Buffered())
		n = len(text) + 1
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			continue
		}
		var first json.RawMessage
		switch err := json.NewDecoder(bytes.NewReader(text)).Decode(&first); {
		case err == nil:
			return len(first) > end
		case !errors.Is(err, io.ErrUnexpectedEOF):
			return false
		}
	}
	return false
}

func peekByte(br *bufio.Reader) (byte, error) {
	for {
		b, err := br.Peek(1)
		if err != nil {
			return 0, err
		}
		if b[0] != ' ' && b[0] != '\n' && b[0] != '\r' && b[0] != '\t' {
			return b[0], nil
		}
		br.Discard(1)
	}
}
