package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"handoff/events/journeys"
	"handoff/functions/enrich"
	"handoff/functions/route"
	"handoff/infra/intake"
	"handoff/infra/local"
	"handoff/infra/replay"
	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/routing"
)

type demoCmd struct {
	Folder string `arg:"" optional:"" help:"Your own JSON-lines or CSV files, replayed in observe mode: nobody is contacted. Without it, the bundled half-year." type:"existingdir"`
}

func (demoCmd) Help() string {
	return `Replays a journey through all five functions in virtual time, in a data folder of its own, and
prints what a marketing lead, a rep and an on-call engineer would want to see. ` + "`make run`" + ` is this
command. The folder is made anew each time; other commands may then look into it:

  handoff --data .handoff/run demo
  handoff --data .handoff/run demo my-exports/
  handoff --data .handoff/run explain meridianloom.example --at 2026-03-12`
}

// marker tells a folder that a demo made, and may make again, from one that somebody needs.
const marker = "demo.json"

func (c demoCmd) Run(e *env) error {
	if e.open != nil {
		return errors.New("a demo needs a folder of its own: name one with --data")
	}
	if err := fresh(e.data); err != nil {
		return err
	}
	j, err := c.journey()
	if err != nil {
		return err
	}
	defer j.close()
	for _, bad := range j.bad {
		fmt.Fprintf(e.stderr, "handoff: not an event, left out: %v\n", bad)
	}
	clock := local.NewVirtual(j.start)
	s, err := stack.Open(e.ctx, stack.Config{
		Dir: e.data, Clock: clock, Dataset: j.companies, Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		NoSync: true, // a demo that is cut off is run again
	})
	if err != nil {
		return err
	}
	return errors.Join(c.replay(e, s, j), s.Close())
}

// replay feeds the journey and prints what came of it.
func (c demoCmd) replay(e *env, s *stack.Stack, j *journey) error {
	if c.Folder != "" {
		if err := observe(e, s, j.start); err != nil {
			return err
		}
	}
	started := time.Now()
	show, done := progress(e.stderr)
	res, err := replay.Run(e.ctx, s, j.source, replay.Options{Until: j.until, Progress: show})
	done()
	if err != nil {
		return err
	}
	if res.Events == 0 {
		return errors.New("no event could be read: see the lines above")
	}
	if err := report.Stamp(e.ctx, s, s.Now()); err != nil {
		return err
	}
	return c.show(e, s, shown{
		Replayed: res.Events, Tools: j.tools, First: res.First, Last: res.Last, Took: time.Since(started),
		Bad: len(res.Bad) + len(j.bad), Own: c.Folder != "",
	})
}

// progress draws a bar on a terminal; elsewhere, as in a log, it writes a line at every tenth.
func progress(w io.Writer) (show func(done, total int64, at time.Time), finish func()) {
	if f, ok := w.(*os.File); !ok || !terminal(f) {
		tenth := int64(0)
		return func(done, total int64, at time.Time) {
			if now := done * 10 / max(total, 1); now > tenth {
				tenth = now
				fmt.Fprintf(w, "replaying: %3d %%, %s\n", tenth*10, at.Format("2 Jan 2006"))
			}
		}, func() {}
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(30),
		progressbar.OptionSetDescription("replaying"), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionClearOnFinish())
	show = func(done, total int64, at time.Time) {
		bar.ChangeMax64(total)
		bar.Describe(at.Format("2 Jan 2006"))
		_ = bar.Set64(done) // a bar that cannot be drawn stops nothing
	}
	return show, func() { _ = bar.Finish() }
}

func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// shown is what the demo itself has to say, before the reports.
type shown struct {
	Replayed int
	Tools    int
	First    time.Time
	Last     time.Time
	Took     time.Duration
	Bad      int // lines that are no events
	Own      bool
}

// journey is what is replayed.
type journey struct {
	source    replay.Source
	start     time.Time
	until     time.Time
	tools     int
	companies enrich.Provider
	bad       []*journeys.LineError
	close     func() error
}

func (c demoCmd) journey() (*journey, error) {
	if c.Folder != "" {
		return ownJourney(c.Folder)
	}
	fsys := journeys.HalfYear()
	r, err := journeys.Open(fsys)
	if err != nil {
		return nil, err
	}
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	j := &journey{source: r, start: start, until: start.AddDate(0, 6, 0), close: r.Close}
	names, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if journeys.Is(n.Name()) {
			j.tools++
		}
	}
	f, err := fsys.Open("companies.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	j.companies, err = enrich.ReadDataset(f)
	return j, err
}

// ownJourney reads a folder of one's own: JSON lines and CSV, merged by time.
func ownJourney(folder string) (*journey, error) {
	files, err := intake.Files(folder)
	if err != nil {
		return nil, err
	}
	j := &journey{tools: len(files), close: func() error { return nil }}
	list := &replay.List{}
	o := intake.Options{Now: now()}
	list.Events, err = intake.Sorted(files, o, func(b *journeys.LineError) { j.bad = append(j.bad, b) })
	if err != nil {
		return nil, err
	}
	j.source = list
	if n := len(list.Events); n > 0 {
		j.start, j.until = list.Events[0].Time, list.Events[n-1].Time.Add(time.Hour)
	}
	companies := filepath.Join(folder, "companies.csv")
	if _, err := os.Stat(companies); err == nil {
		if j.companies, err = enrich.OpenDataset(companies); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// observe puts every play into observe: one's own buyers are looked at, nobody is contacted.
func observe(e *env, s *stack.Stack, at time.Time) error {
	p, err := s.Policy.Active(e.ctx)
	if err != nil {
		return err
	}
	for i := range p.Plays {
		w := routing.Switch{At: at, By: "handoff demo", Why: "one's own data is replayed: nobody is contacted"}
		if err := route.SetMode(e.ctx, s.Accounts, p.Plays[i].Name, routing.Observe, w); err != nil {
			return err
		}
	}
	return nil
}

// fresh makes the folder anew, if it is a demo's or is not there.
func fresh(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, marker)); err != nil {
			return fmt.Errorf("%s holds data that no demo made; name another folder with --data", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b, err := json.Marshal(map[string]string{"made_by": "handoff demo"})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, marker), b, 0o644)
}
