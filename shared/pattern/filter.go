package pattern

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxLine is how long a line Filter reads; a longer one is answered with an error.
const MaxLine = 16 << 20

// Filter is the command `handoff pattern`: it reads lines of {"pattern":…,"event":…} and answers each, in order, with
// {"match":true}, {"match":false} or {"error":"…"}. A line in error does not stop the ones after it; blank lines are
// skipped. Answers are flushed whenever no further input is at hand, so that it can be talked to. Filter returns an
// error only if reading or writing fails.
func Filter(r io.Reader, w io.Writer) error {
	in, out := bufio.NewReaderSize(r, 64<<10), bufio.NewWriter(w)
	var line []byte
	var f filter
	for {
		var err error
		var long bool
		line, long, err = readLine(in, line[:0])
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("read patterns: %w", err), out.Flush())
		}
		if text := bytes.TrimSpace(line); long {
			writeError(out, fmt.Errorf("the line is longer than %d bytes; split the event, or match it with fewer fields", MaxLine))
		} else if len(text) > 0 {
			f.answer(out, text)
		}
		if err != nil || in.Buffered() == 0 {
			if flushErr := out.Flush(); flushErr != nil {
				return fmt.Errorf("write answers: %w", flushErr)
			}
		}
		if err != nil {
			return nil
		}
	}
}

// readLine appends one line to buf, up to MaxLine; long tells that more was there and is gone.
func readLine(in *bufio.Reader, buf []byte) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(buf)+len(part) > MaxLine+1 {
			long = true
		} else if !long {
			buf = append(buf, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return buf, long, err
		}
	}
}

// filter keeps what can be reused from line to line.
type filter struct {
	event   Event
	text    []byte // of the pattern compiled last
	pattern *Pattern
}

func (f *filter) answer(out *bufio.Writer, line []byte) {
	match, err := f.match(line)
	switch {
	case err != nil:
		writeError(out, err)
	case match:
		out.WriteString("{\"match\":true}\n") // an error stays with out until Flush reports it
	default:
		out.WriteString("{\"match\":false}\n")
	}
}

func writeError(out *bufio.Writer, err error) {
	text := appendQuoted([]byte(`{"error":`), err.Error())
	out.Write(append(text, "}\n"...))
}

func (f *filter) match(line []byte) (bool, error) {
	pattern, event, err := splitLine(line)
	if err != nil {
		return false, err
	}
	if f.pattern == nil || !bytes.Equal(pattern, f.text) {
		compiled, err := Compile(pattern)
		if err != nil {
			return false, err
		}
		f.text, f.pattern = append(f.text[:0], pattern...), compiled
	}
	if err := Parse(event, &f.event); err != nil {
		return false, err
	}
	return f.pattern.Match(&f.event), nil
}

// splitLine finds the texts of pattern and event. Other members are ignored.
func splitLine(line []byte) (pattern, event []byte, err error) {
	var parts struct {
		Pattern json.RawMessage `json:"pattern"`
		Event   json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(line, &parts); err != nil {
		return nil, nil, fmt.Errorf(`the line is not {"pattern":…,"event":…}: %w`, err)
	}
	switch {
	case parts.Pattern == nil:
		return nil, nil, errors.New(`the line has no "pattern"; write {"pattern":…,"event":…}`)
	case parts.Event == nil:
		return nil, nil, errors.New(`the line has no "event"; write {"pattern":…,"event":…}`)
	}
	return parts.Pattern, parts.Event, nil
}
