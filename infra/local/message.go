package local

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"handoff/shared/event"
)

// message is one delivery of one event to one queue.
type message struct {
	seq      uint64
	arrived  int64  // unix ms
	visible  int64  // unix ms; not received before
	receives int    // so far, this process's and earlier ones'
	failure  string // of the last try
	rule     string // logical id of the rule that sent it
	env      *event.Envelope
	size     int // bytes of the envelope; 0 while env is not loaded
}

// record is how a message stands in a queue. The event's bytes are stored once: a message of an archived event
// refers to the archive.
type record struct {
	arrived int64
	rule    string
	ref     []byte // key of the archived event, or nil
	body    []byte // the envelope as JSON where ref is nil
	dead    *dead  // of a message in a dead-letter queue: why it is there
}

const (
	recInline = 0
	recRef    = 1
	recDead   = 2 // flag beside one of the two
)

func (r *record) append(to []byte) []byte {
	kind, rest := byte(recInline), r.body
	if r.ref != nil {
		kind, rest = recRef, r.ref
	}
	if r.dead != nil {
		kind |= recDead
	}
	to = binary.BigEndian.AppendUint64(append(to, kind), uint64(r.arrived))
	to = append(binary.AppendUvarint(to, uint64(len(r.rule))), r.rule...)
	if r.dead != nil {
		why, _ := json.Marshal(r.dead) // strings, numbers and a map of strings: cannot fail
		to = append(binary.AppendUvarint(to, uint64(len(why))), why...)
	}
	return append(to, rest...)
}

// parse reads what append wrote; slices point into b.
func (r *record) parse(b []byte) error {
	if len(b) < 10 {
		return fmt.Errorf("message record of %d bytes", len(b))
	}
	kind := b[0]
	r.arrived = int64(binary.BigEndian.Uint64(b[1:]))
	rule, b, ok := cutSized(b[9:])
	if !ok {
		return fmt.Errorf("message record is cut off")
	}
	r.rule = string(rule)
	r.dead = nil
	if kind&recDead != 0 {
		var why []byte
		if why, b, ok = cutSized(b); !ok {
			return fmt.Errorf("message record is cut off")
		}
		r.dead = &dead{}
		if err := json.Unmarshal(why, r.dead); err != nil {
			return fmt.Errorf("reason of a dead letter: %w", err)
		}
	}
	r.ref, r.body = nil, b
	if kind&recRef != 0 {
		r.ref, r.body = b, nil
	}
	return nil
}

func cutSized(b []byte) (part, rest []byte, ok bool) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, false
	}
	return b[w : w+int(n)], b[w+int(n):], true
}

// state is kept beside a message that failed, so that its receives are counted over restarts.
type state struct {
	Receives int    `json:"n"`
	Visible  int64  `json:"at"`
	Failure  string `json:"err"`
}

// appendEnvelope writes an event as the bus delivers it. The detail goes in as it is.
func appendEnvelope(to []byte, e *event.Envelope) []byte {
	to = appendQuoted(append(to, `{"version":`...), e.Version)
	to = appendQuoted(append(to, `,"id":`...), e.ID)
	to = appendQuoted(append(to, `,"detail-type":`...), e.DetailType)
	to = appendQuoted(append(to, `,"source":`...), e.Source)
	to = appendQuoted(append(to, `,"account":`...), e.Account)
	to = append(e.Time.AppendFormat(append(to, `,"time":"`...), time.RFC3339), '"')
	to = appendQuoted(append(to, `,"region":`...), e.Region)
	to = append(to, `,"resources":[`...)
	for i, r := range e.Resources {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendQuoted(to, r)
	}
	to = append(append(to, `],"detail":`...), e.Detail...)
	return append(to, '}')
}

// appendQuoted writes a JSON string; nearly all are plain.
func appendQuoted(to []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			b, _ := json.Marshal(s) // a string: cannot fail
			return append(to, b...)
		}
	}
	return append(append(append(to, '"'), s...), '"')
}

// parseEnvelope reads what appendEnvelope wrote. The detail points into b.
func parseEnvelope(b []byte) (*event.Envelope, error) {
	e := new(event.Envelope)
	if parsePlain(b, e) {
		return e, nil
	}
	*e = event.Envelope{}
	if err := json.Unmarshal(b, e); err != nil {
		return nil, fmt.Errorf("stored event: %w", err)
	}
	return e, nil
}

// parsePlain reads the common case, an envelope whose texts need no escapes, some ten times as fast as encoding/json.
func parsePlain(b []byte, e *event.Envelope) bool {
	ok := true
	literal := func(s string) {
		if ok = ok && len(b) >= len(s) && string(b[:len(s)]) == s; ok {
			b = b[len(s):]
		}
	}
	text := func(before string) string {
		literal(before)
		literal(`"`)
		end := bytes.IndexByte(b, '"')
		if ok = ok && end >= 0 && bytes.IndexByte(b[:end], '\\') < 0; !ok {
			return ""
		}
		s := string(b[:end])
		b = b[end+1:]
		return s
	}
	e.Version = text(`{"version":`)
	e.ID = text(`,"id":`)
	e.DetailType = text(`,"detail-type":`)
	e.Source = text(`,"source":`)
	e.Account = text(`,"account":`)
	at := text(`,"time":`)
	e.Region = text(`,"region":`)
	literal(`,"resources":[`)
	e.Resources = []string{}
	for before := ""; ok && len(b) > 0 && b[0] != ']'; before = "," {
		e.Resources = append(e.Resources, text(before))
	}
	literal(`],"detail":`)
	if !ok || len(b) < 3 || b[0] != '{' || b[len(b)-1] != '}' {
		return false
	}
	e.Detail = b[: len(b)-1 : len(b)-1]
	var err error
	e.Time, err = time.Parse(time.RFC3339, at)
	return err == nil
}

// eventID makes a bus's id out of an event's number: unlike for every number, the same for the same seed.
func eventID(seed, number uint64) string {
	mix := func(x uint64) uint64 { // splitmix64, a bijection
		x += 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		return x ^ x>>31
	}
	hi, lo := mix(number+mix(seed)), mix(number^mix(seed+1))
	hi = hi&^(0xf<<12) | 4<<12 // a version 4 UUID by its looks
	lo = lo&^(3<<62) | 2<<62
	var b [36]byte
	for i, j := 0, 0; i < 36; i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			b[i] = '-'
			continue
		}
		word := hi
		if j >= 16 {
			word = lo
		}
		b[i] = "0123456789abcdef"[word>>(60-4*(j%16))&0xf]
		j++
	}
	return string(b[:])
}

// letterID names a message for the operator.
func letterID(queue string, seq uint64) string { return queue + "/" + strconv.FormatUint(seq, 36) }
