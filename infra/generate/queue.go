package generate

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// runBytes is how much of a journey is sorted in memory at a time; more goes to sorted files that are merged.
const runBytes = 32 << 20

// fanIn is how many sorted files are read at once; more are merged into one first.
const fanIn = 128

// delivery is an entry of the queue; (at, account, seq) is a total order that does not depend on where runs end.
type delivery struct {
	at, happened int64 // unix milliseconds
	account      int32
	seq          uint64
	tool         uint8
	from, size   int    // of the line in the run, until it is yielded
	line         []byte // when yielded
}

func (d *delivery) compare(e *delivery) int {
	return cmp.Or(cmp.Compare(d.at, e.at), cmp.Compare(d.account, e.account), cmp.Compare(d.seq, e.seq))
}

// queue sorts deliveries of any number by time, in bounded memory: runs are sorted and written to dir, then merged.
type queue struct {
	limit int // bytes of a run
	dir   string
	run   []delivery
	arena []byte // the run's lines
	seq   uint64
	runs  []string // sorted files
}

// push takes a delivery over; its bytes are copied into the run.
func (q *queue) push(d delivery, r record, detail object, at time.Time) error {
	d.from = len(q.arena)
	q.arena = appendLine(q.arena, r, detail, at)
	d.size = len(q.arena) - d.from
	d.seq = q.seq
	q.seq++
	q.run = append(q.run, d)
	if len(q.arena) >= q.limit {
		return q.spill()
	}
	return nil
}

func (q *queue) sort() {
	slices.SortFunc(q.run, func(a, b delivery) int { return a.compare(&b) })
}

// spill writes the run, sorted, to a file of its own.
func (q *queue) spill() error {
	q.sort()
	err := q.file(func(put func(*delivery)) error {
		for i := range q.run {
			d := &q.run[i]
			d.line = q.arena[d.from : d.from+d.size]
			put(d)
		}
		return nil
	})
	q.run, q.arena = q.run[:0], q.arena[:0]
	if err != nil || len(q.runs) < fanIn {
		return err
	}
	old := q.runs
	q.runs = nil
	err = q.file(func(put func(*delivery)) error {
		return q.merge(old, func(d *delivery) error { put(d); return nil })
	})
	for _, path := range old {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// file writes the deliveries that fill puts to a new sorted file.
func (q *queue) file(fill func(put func(*delivery)) error) (err error) {
	if q.dir == "" {
		if q.dir, err = os.MkdirTemp("", "handoff-generate-"); err != nil {
			return fmt.Errorf("make a folder for sorting: %w", err)
		}
	}
	f, err := os.CreateTemp(q.dir, "run-")
	if err != nil {
		return fmt.Errorf("write a sorted run: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<18)
	var b []byte
	err = fill(func(d *delivery) {
		b = binary.AppendVarint(b[:0], d.at)
		b = binary.AppendVarint(b, d.happened)
		b = binary.AppendUvarint(b, uint64(d.account))
		b = binary.AppendUvarint(b, d.seq)
		b = append(b, d.tool)
		b = binary.AppendUvarint(b, uint64(len(d.line)))
		w.Write(b) // bufio keeps its first error for Flush
		w.Write(d.line)
	})
	if err := errors.Join(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write a sorted run: %w", err)
	}
	q.runs = append(q.runs, f.Name())
	return nil
}

// drain yields every delivery in order. The line is valid during the call only.
func (q *queue) drain(yield func(*delivery) error) error {
	q.sort()
	return q.merge(q.runs, yield)
}

// merge yields the deliveries of sorted files and of the run in memory, in order.
func (q *queue) merge(paths []string, yield func(*delivery) error) (err error) {
	var all []*cursor
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.close())
		}
	}()
	all = append(all, &cursor{rest: q.run, arena: q.arena})
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("read a sorted run: %w", err)
		}
		all = append(all, &cursor{file: f, in: bufio.NewReaderSize(f, 1<<16)})
	}
	var h merge
	for _, c := range all {
		switch err := c.next(); err {
		case nil:
			h = append(h, c)
		case io.EOF:
		default:
			return err
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		c := h[0]
		if err := yield(&c.delivery); err != nil {
			return err
		}
		switch err := c.next(); err {
		case nil:
			heap.Fix(&h, 0)
		case io.EOF:
			heap.Pop(&h)
		default:
			return err
		}
	}
	return nil
}

// close removes what was written to disk.
func (q *queue) close() error {
	if q.dir == "" {
		return nil
	}
	return os.RemoveAll(q.dir)
}

// cursor reads one run: the last one from memory, the others from their files.
type cursor struct {
	delivery
	rest  []delivery
	arena []byte
	file  *os.File
	in    *bufio.Reader
	buf   []byte
}

func (c *cursor) next() error {
	if c.in == nil {
		if len(c.rest) == 0 {
			return io.EOF
		}
		c.delivery, c.rest = c.rest[0], c.rest[1:]
		c.line = c.arena[c.from : c.from+c.size]
		return nil
	}
	at, err := binary.ReadVarint(c.in)
	if err == io.EOF {
		return io.EOF
	}
	happened, e1 := binary.ReadVarint(c.in)
	account, e2 := binary.ReadUvarint(c.in)
	seq, e3 := binary.ReadUvarint(c.in)
	tool, e4 := c.in.ReadByte()
	size, e5 := binary.ReadUvarint(c.in)
	if err := errors.Join(err, e1, e2, e3, e4, e5); err != nil {
		return fmt.Errorf("read a sorted run: %w", err)
	}
	c.buf = slices.Grow(c.buf[:0], int(size))[:size]
	if _, err := io.ReadFull(c.in, c.buf); err != nil {
		return fmt.Errorf("read a sorted run: %w", err)
	}
	c.delivery = delivery{at: at, happened: happened, account: int32(account), seq: seq, tool: tool, line: c.buf}
	return nil
}

func (c *cursor) close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

type merge []*cursor

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return m[i].compare(&m[j].delivery) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*cursor)) }
func (m *merge) Pop() any {
	old := *m
	c := old[len(old)-1]
	*m = old[:len(old)-1]
	return c
}
