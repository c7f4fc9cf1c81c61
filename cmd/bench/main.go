// Command bench measures mailaudit as a whole, on mail it makes itself: the same bytes every time (cmd/gensamples -bulk).
// Run it by make bench and make bench-peers. It prints a table to set beside PERFORMANCE.md.
//
// What a figure is worth depends on the machine, so that the speed of SHA-256, the processor's name and its flags for
// hashing stand above the table, and everything is measured several times, in turn, of which the fastest counts: on a
// machine that others use too, the rest measures them.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run of this program.
type bench struct {
	out    *tabwriter.Writer
	bin    string // mailaudit
	gen    string // gensamples
	dir    string // of the data, kept from run to run
	size   int64  // bytes of the large mailbox
	rounds int
}

func run(args []string, w io.Writer) error {
	b := &bench{out: tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&b.bin, "bin", "bin/mailaudit", "mailaudit as built")
	flags.StringVar(&b.gen, "gensamples", "bin/gensamples", "gensamples as built")
	flags.StringVar(&b.dir, "data", "bench-data", "folder that the data is made in and kept")
	flags.Int64Var(&b.size, "size", 1<<30, "bytes of the large mailbox; the others are a quarter of it")
	flags.IntVar(&b.rounds, "rounds", 3, "how often each is measured")
	peers := flags.Bool("peers", false, "set mailaudit beside other programs that read mail")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	if err := b.machine(); err != nil {
		return err
	}
	measure := b.self
	if *peers {
		measure = b.peers
	}
	return errors.Join(measure(), b.out.Flush())
}

// machine says what the figures were measured on.
func (b *bench) machine() error {
	name, flags := processor()
	fmt.Fprintf(b.out, "%s, GOMAXPROCS %d, %s %s/%s\n", name, runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(b.out, "flags that matter: %s\n", flags)
	fmt.Fprintf(b.out, "SHA-256 in memory, one core: %.0f MB/s\n\n", hashRate())
	return b.out.Flush()
}

// data makes a file or folder of bulk mail unless it is there.
func (b *bench) data(shape string, size int64) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("%s-%d", shape, size))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	part := path + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", err
	}
	if _, err := command(b.gen, "-bulk", shape, "-size", fmt.Sprint(size), "-out", part); err != nil {
		return "", err
	}
	return path, os.Rename(part, path)
}

// scan is the command line of a scan of one source.
func (b *bench) scan(source string, workers int) ([]string, error) {
	out, err := os.MkdirTemp(b.dir, "report-*")
	if err != nil {
		return nil, err
	}
	return []string{b.bin, "scan", "--quiet", "--no-progress", "--fail-on", "never", "--format", "jsonl", "--workers", fmt.Sprint(workers), "--output", out, source}, nil
}

// best runs commands in turn, rounds times, and returns the fastest run of each. The first round warms the caches and
// counts as any other.
func (b *bench) best(commands ...[]string) ([]usage, error) {
	best, _, _, err := b.beside(nil, "", commands...)
	return best, err
}

// beside is best with a yardstick that is applied to a file in each round too, unless it is nil; it returns that one's
// bytes and its shortest time.
func (b *bench) beside(y yardstick, path string, commands ...[]string) (best []usage, n int64, alone time.Duration, err error) {
	best = make([]usage, len(commands))
	for range b.rounds {
		if y != nil {
			start := time.Now()
			if n, err = y(path); err != nil {
				return nil, 0, 0, err
			}
			if took := time.Since(start); alone == 0 || took < alone {
				alone = took
			}
		}
		for i, c := range commands {
			u, err := command(c[0], c[1:]...)
			if err != nil {
				return nil, 0, 0, err
			}
			if best[i].wall == 0 || u.wall < best[i].wall {
				u.peak = max(u.peak, best[i].peak)
				best[i] = u
			}
		}
	}
	return best, n, alone, nil
}

// self measures mailaudit alone.
func (b *bench) self() error {
	defer b.sweep()
	fmt.Fprintf(b.out, "what\tseconds\trate\tcpu seconds\tcores busy\tpeak memory\tbeside\n")
	for _, of := range []struct {
		shape string
		size  int64
	}{
		{"mixed", b.size}, {"amazon", b.size / 4}, {"maildir", b.size / 4}, {"zip", b.size / 4}, {"zip1", b.size / 4}, {"tgz", b.size / 4},
		{"files", b.size / 4}, {"giant", b.size / 4},
	} {
		if err := b.shape(of.shape, of.size); err != nil {
			return fmt.Errorf("%s: %w", of.shape, err)
		}
	}
	return b.starts()
}

// shape measures one shape of mail with one worker and with two.
func (b *bench) shape(shape string, size int64) error {
	source, err := b.data(shape, size)
	if err != nil {
		return err
	}
	bytes, files, err := measureTree(source)
	if err != nil {
		return err
	}
	two, err := b.scan(source, 2)
	if err != nil {
		return err
	}
	one, err := b.scan(source, 1)
	if err != nil {
		return err
	}
	y, does := hashFile, "reading and hashing the file alone"
	switch shape {
	case "maildir", "files":
		y = nil
	case "zip", "zip1":
		y, does = inflateZip, "inflating alone, one member after the other"
	case "tgz":
		y, does = inflateTGZ, "inflating alone"
	}
	u, n, alone, err := b.beside(y, source, two, one)
	if err != nil {
		return err
	}
	beside := ""
	if y != nil {
		bytes = n // those inflated
		beside = fmt.Sprintf("%.2f of %s (%.0f MB/s)", alone.Seconds()/u[0].wall.Seconds(), does, mega(n, alone))
	}
	rate := fmt.Sprintf("%.0f MB/s", mega(bytes, u[0].wall))
	if shape == "maildir" {
		rate = fmt.Sprintf("%.0f files/s", float64(files)/u[0].wall.Seconds())
	}
	row := func(what, rate, beside string, u usage) {
		fmt.Fprintf(b.out, "%s, %s\t%.2f\t%s\t%.2f\t%.2f\t%d MiB\t%s\n", shape, what, u.wall.Seconds(), rate, u.cpu.Seconds(),
			u.cpu.Seconds()/u.wall.Seconds(), u.peak>>20, beside)
	}
	row("2 workers", rate, beside, u[0])
	row("1 worker", fmt.Sprintf("%.0f MB/s", mega(bytes, u[1].wall)), fmt.Sprintf("2 workers are %.2f times as fast", u[1].wall.Seconds()/u[0].wall.Seconds()), u[1])
	return b.out.Flush()
}

// starts measures how long a short run takes, and how large the program is.
func (b *bench) starts() error {
	ten, err := b.data("notices", 20_000) // about ten
	if err != nil {
		return err
	}
	scan, err := b.scan(ten, 2)
	if err != nil {
		return err
	}
	rounds := b.rounds
	b.rounds = max(20, rounds)
	u, err := b.best([]string{b.bin, "version"}, scan)
	b.rounds = rounds
	if err != nil {
		return err
	}
	info, err := os.Stat(b.bin)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "mailaudit version\t%.3f\t\t%.3f\t\t%d MiB\t\n", u[0].wall.Seconds(), u[0].cpu.Seconds(), u[0].peak>>20)
	fmt.Fprintf(b.out, "scan of ten messages\t%.3f\t\t%.3f\t\t%d MiB\t\n", u[1].wall.Seconds(), u[1].cpu.Seconds(), u[1].peak>>20)
	fmt.Fprintf(b.out, "size of the program\t\t%.1f MB\t\t\t\t\n", float64(info.Size())/1e6)
	return nil
}

// sweep removes what the scans wrote.
func (b *bench) sweep() {
	left, _ := filepath.Glob(filepath.Join(b.dir, "report-*"))
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
}

// mega is a rate in MB/s, in powers of 1000.
func mega(n int64, took time.Duration) float64 { return float64(n) / 1e6 / took.Seconds() }
