package routing

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"sync"
)

// An item is stored as its JSON, deflated behind a byte that says so: it repeats itself a lot, each started KB of a write
// is paid for, and deflated most items are under one, which else have two to five. JSON as it is begins with a brace and is read, too.
const deflated = 1

// maxItem bounds what a stored item may unfold to, far beyond what the limits of Item allow.
const maxItem = 16 << 20

// writers are kept: each has a megabyte of tables.
var writers = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

func pack(text []byte) ([]byte, error) {
	w := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	out := bytes.NewBuffer(make([]byte, 0, len(text)/2))
	out.WriteByte(deflated)
	w.Reset(out)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpack(b []byte) ([]byte, error) {
	switch {
	case b[0] == '{':
		return b, nil
	case b[0] != deflated:
		return nil, fmt.Errorf("its form is %d, which this version does not know", b[0])
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b[1:])), maxItem+1))
	if err == nil && len(text) > maxItem {
		err = fmt.Errorf("it unfolds to more than %d bytes", maxItem)
	}
	return text, err
}
