package lambda

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"sync"
	"time"
)

// maxLine is where Lambda cuts a line of a log.
const maxLine = 256 << 10

// lines writes whole lines, one at a time.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) write(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.w.Write(line) // a log that cannot be written stops no function
}

// lineWriter puts together the lines of one process. Only one goroutine writes, as exec has it for a writer that is both
// stdout and stderr; last may be asked by others.
type lineWriter struct {
	to   *lines
	mu   sync.Mutex
	part []byte
	said string
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.part = append(w.part, b...)
	for {
		n := bytes.IndexByte(w.part, '\n')
		if n < 0 && len(w.part) < maxLine {
			return len(b), nil
		}
		if n < 0 {
			n = maxLine - 1
		}
		w.line(w.part[:n])
		w.part = w.part[n:]
		if len(w.part) > 0 && w.part[0] == '\n' {
			w.part = w.part[1:]
		}
	}
}

func (w *lineWriter) line(b []byte) {
	w.said = string(b[:min(len(b), 500)])
	w.to.write(append(append(make([]byte, 0, len(b)+1), b...), '\n'))
}

// flush writes what the process left without an end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.part) > 0 {
		w.line(w.part)
		w.part = nil
	}
}

// last is the beginning of the last line.
func (w *lineWriter) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said == "" {
		return "none"
	}
	return w.said
}

// platform writes a line of Lambda's own, in the form of LoggingConfig's JSON:
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
func (e *environment) platform(typ string, record map[string]any) {
	if e.f.LogLevel > slog.LevelInfo {
		return
	}
	line, err := json.Marshal(struct {
		Time   time.Time      `json:"time"`
		Type   string         `json:"type"`
		Record map[string]any `json:"record"`
	}{time.Now().UTC().Truncate(time.Millisecond), typ, record})
	if err != nil {
		panic(err) // texts and numbers alone
	}
	e.f.log.write(append(line, '\n'))
}

// report closes an invocation in the log.
func (e *environment) report(i *invocation, status string) {
	ms := func(d time.Duration) float64 { return math.Round(float64(d)/float64(time.Millisecond)*1000) / 1000 }
	took := time.Since(i.begin)
	metrics := map[string]any{"durationMs": ms(took), "billedDurationMs": int64(math.Ceil(ms(took))), "memorySizeMB": e.f.MemoryMB}
	e.mu.Lock()
	if e.fresh {
		e.fresh = false
		metrics["initDurationMs"] = ms(e.started)
	}
	e.mu.Unlock()
	e.platform("platform.report", map[string]any{"requestId": i.id, "status": status, "metrics": metrics})
}
