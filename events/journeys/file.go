package journeys

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// maxLine bounds a line: a PutEvents request holds less than 1 MB, so no event is longer.
const maxLine = 1 << 20

// file is one part of a journey with the entry that is next.
type file struct {
	name  string
	order int
	raw   fs.File
	in    *bufio.Reader
	size  int64
	read  int64
	line  int
	over  bool // nothing more can be read
	entry Entry
}

func openFile(fsys fs.FS, name string, order int) (*file, error) {
	raw, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	f := &file{name: name, order: order, raw: raw}
	if info, err := raw.Stat(); err == nil {
		f.size = info.Size()
	}
	var in io.Reader = counted{raw, &f.read}
	if path.Ext(name) == ".gz" {
		if in, err = gzip.NewReader(in); err != nil {
			raw.Close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	f.in = bufio.NewReaderSize(in, 1<<16)
	return f, nil
}

// next reads the next line that is not blank.
func (f *file) next() error {
	for {
		line, err := f.readLine()
		if err == io.EOF && len(line) == 0 {
			f.over = true
			return io.EOF
		}
		f.line++
		if err != nil && err != io.EOF {
			if err != bufio.ErrTooLong {
				f.over = true
				if errors.Is(err, io.ErrUnexpectedEOF) {
					err = errors.New("the file breaks off here: it was cut in the middle")
				}
			}
			return &LineError{f.name, f.line, err}
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		e, err := Decode(line)
		if err != nil {
			return &LineError{f.name, f.line, err}
		}
		f.entry = Entry{File: f.name, Line: f.line, Event: e}
		return nil
	}
}

// readLine reads to the next line end. A line that is too long is skipped whole.
func (f *file) readLine() ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := f.in.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case long && (err == nil || err == io.EOF):
			return nil, bufio.ErrTooLong
		}
		return line, err
	}
}

// counted counts what is read.
type counted struct {
	io.Reader
	n *int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.n += int64(n)
	return n, err
}
