package pattern

import (
	"fmt"
	"testing"
)

const benchEvent = `{"version":"0","id":"6a7e8feb-b491","detail-type":"TouchRecorded","source":"handoff","account":"111122223333","time":"2026-03-12T18:43:48Z","region":"eu-west-1","resources":[],"detail":{"touch":{"kind":"pricing_viewed","subject":"email:anna@example.com","source":"segment","value":49.5,"links":["anon:1","user:2"]}}}`

func benchSet(b *testing.B) *Set {
	var patterns []*Pattern
	for i := range 50 {
		patterns = append(patterns, MustCompile(fmt.Sprintf(
			`{"source":["handoff"],"detail-type":["TouchRecorded"],"detail":{"touch":{"kind":["kind_%d"],"value":[{"numeric":[">",%d]}]}}}`, i, i)))
	}
	patterns[7] = MustCompile(`{"detail":{"touch":{"kind":["pricing_viewed"],"value":[{"numeric":[">",10]}]}}}`)
	return NewSet(patterns)
}

func BenchmarkParse(b *testing.B) {
	var e Event
	data := []byte(benchEvent)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Parse(data, &e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	p := MustCompile(`{"source":["handoff"],"detail-type":["TouchRecorded"],"detail":{"touch":{"kind":[{"prefix":"pricing"}],"value":[{"numeric":[">",10,"<=",50]}]}}}`)
	var e Event
	if err := Parse([]byte(benchEvent), &e); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !p.Match(&e) {
			b.Fatal("no match")
		}
	}
}

func BenchmarkMatchElements(b *testing.B) {
	p := MustCompile(`{"items":{"sku":["b"],"qty":[{"numeric":[">",1]}]}}`)
	var e Event
	if err := Parse([]byte(`{"items":[{"sku":"a","qty":2},{"sku":"b","qty":1},{"sku":"b","qty":3}]}`), &e); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !p.Match(&e) {
			b.Fatal("no match")
		}
	}
}

func BenchmarkSet50(b *testing.B) {
	set := benchSet(b)
	var e Event
	if err := Parse([]byte(benchEvent), &e); err != nil {
		b.Fatal(err)
	}
	var dst []int
	b.ReportAllocs()
	for b.Loop() {
		if dst = set.Match(&e, dst[:0]); len(dst) != 1 {
			b.Fatal(dst)
		}
	}
}

func BenchmarkParseAndSet50(b *testing.B) {
	set := benchSet(b)
	var e Event
	var dst []int
	data := []byte(benchEvent)
	b.ReportAllocs()
	for b.Loop() {
		if err := Parse(data, &e); err != nil {
			b.Fatal(err)
		}
		dst = set.Match(&e, dst[:0])
	}
}

// Once its buffers have grown, matching does not allocate.
func TestMatchDoesNotAllocate(t *testing.T) {
	p := MustCompile(`{"detail":{"touch":{"kind":[{"prefix":"pricing"}],"links":["user:2"],"x":[{"exists":false}]}},"$or":[{"source":["x"]},{"time":[{"wildcard":"2026*Z"}]}]}`)
	items := MustCompile(`{"items":{"sku":["b"],"qty":[{"numeric":[">",1]}]}}`)
	set := NewSet([]*Pattern{p, items})
	var e, list Event
	if err := Parse([]byte(`{"items":[{"sku":"a","qty":2},{"sku":"b","qty":3.5}]}`), &list); err != nil {
		t.Fatal(err)
	}
	data, dst := []byte(benchEvent), make([]int, 0, 2)
	for _, c := range []struct {
		name string
		most float64
		f    func()
	}{
		{"parse", 0, func() { _ = Parse(data, &e) }},
		{"match", 0, func() { p.Match(&e) }},
		// These borrow from a sync.Pool, which drops things at random under the race detector.
		{"elements", 3, func() { items.Match(&list) }},
		{"set", 3, func() { dst = set.Match(&e, dst[:0]) }},
	} {
		if n := testing.AllocsPerRun(200, c.f); n > c.most {
			t.Errorf("%s allocates %.1f times, want at most %.0f", c.name, n, c.most)
		}
	}
}
