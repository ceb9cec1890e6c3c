package bench

import (
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// meter measures stretches of work by the wall clock and by the processor time of the whole process, which says more
// than the clock does on a machine that has other things to do.
type meter struct {
	b         *testing.B
	began     time.Time
	beganCPU  time.Duration
	wall, cpu time.Duration
}

func newMeter(b *testing.B) *meter { return &meter{b: b} }

func (m *meter) start() { m.began, m.beganCPU = time.Now(), processor() }

func (m *meter) stop() { m.wall, m.cpu = m.wall+time.Since(m.began), m.cpu+processor()-m.beganCPU }

// report says how many things a second were done, of n in each operation, and what each cost in processor time.
func (m *meter) report(n int, one, many string) {
	total := float64(n) * float64(m.b.N)
	m.b.ReportMetric(total/m.wall.Seconds(), many+"/s")
	m.b.ReportMetric(float64(m.cpu.Microseconds())/total, "cpu-µs/"+one)
}

func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resetPeak and peak measure the process's resident memory, in MB, where the system is Linux; elsewhere peak is 0.
func resetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // refused where it is not ours to reset: then it is the process's
}

func peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kb, _ := strconv.ParseFloat(string(bytes.Fields(rest)[0]), 64)
			return kb / 1024
		}
	}
	return 0
}
