package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// nights is mail that comes night by night, is read, moved, compacted and rotated, and scanned by real processes that may
// be killed at any moment.
type nights struct {
	t     *testing.T
	rng   *rand.Rand
	root  string
	mail  string
	queue [][]byte // messages that have not come yet
	made  int
	told  []toldEntry
	whole map[string][]byte // what earlier runs printed, to tell repetitions
	kills int
	story []string
}

// toldEntry is one finding that was printed.
type toldEntry struct {
	news    state.News
	finding finding.Attention
}

// newNights begins with the mail of the takeover sample: ordinary mail, fakes, and the story of a stolen account.
func newNights(t *testing.T, seed uint64) *nights {
	t.Helper()
	n := &nights{t: t, rng: rand.New(rand.NewPCG(seed, 1)), root: t.TempDir(), whole: map[string][]byte{}}
	n.mail = filepath.Join(n.root, "mail")
	raw, err := os.ReadFile("../../samples/takeover/input/haruka.mbox")
	n.must(err)
	for i, m := range bytes.Split(raw, []byte("\nFrom ")) {
		if i > 0 {
			m = append([]byte("From "), m...)
		}
		n.queue = append(n.queue, append(bytes.TrimRight(m, "\n"), '\n', '\n'))
	}
	for _, dir := range []string{"a/cur", "a/new", "a/tmp"} {
		n.must(os.MkdirAll(filepath.Join(n.mail, dir), 0o700))
	}
	return n
}

func (n *nights) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// day does something to the mail.
func (n *nights) day() {
	what := []string{"deliver", "deliver", "deliver", "append", "append", "read", "move", "compact", "rotate", "nothing"}[n.rng.IntN(10)]
	n.story = append(n.story, what)
	boxes, err := filepath.Glob(filepath.Join(n.mail, "*.mbox"))
	n.must(err)
	dirs, err := filepath.Glob(filepath.Join(n.mail, "*", "cur"))
	n.must(err)
	dir := filepath.Dir(dirs[0])
	switch what {
	case "deliver":
		for range 1 + n.rng.IntN(12) {
			if m := n.next(); m != nil {
				_, body, _ := bytes.Cut(m, []byte("\n"))
				n.must(os.WriteFile(filepath.Join(dir, "new", fmt.Sprintf("%d.M%d.host", 1700000000+n.made, n.made)), body, 0o600))
			}
		}
	case "append":
		f, err := os.OpenFile(filepath.Join(n.mail, "inbox.mbox"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		n.must(err)
		for range 1 + n.rng.IntN(12) {
			_, err := f.Write(n.next())
			n.must(err)
		}
		n.must(f.Close())
	case "read":
		entries, err := os.ReadDir(filepath.Join(dir, "new"))
		n.must(err)
		for _, e := range entries {
			n.must(os.Rename(filepath.Join(dir, "new", e.Name()), filepath.Join(dir, "cur", e.Name()+":2,S")))
		}
	case "move":
		n.must(os.Rename(dir, filepath.Join(n.mail, "m"+strconv.Itoa(n.rng.IntN(1000)))))
	case "compact":
		for _, box := range boxes {
			raw, err := os.ReadFile(box)
			n.must(err)
			list := bytes.SplitAfter(raw, []byte("\n\nFrom "))
			if i := n.rng.IntN(len(list)); len(list) > 2 && i > 0 && i < len(list)-1 {
				n.must(os.WriteFile(box, bytes.Join(slices.Delete(list, i, i+1), nil), 0o600))
			}
		}
	case "rotate":
		for _, box := range boxes {
			n.must(os.Rename(box, fmt.Sprintf("%s.%d", strings.TrimSuffix(box, ".mbox"), n.rng.IntN(1000))))
		}
	}
}

func (n *nights) next() []byte {
	if len(n.queue) == 0 {
		return nil
	}
	m := n.queue[0]
	n.queue = n.queue[1:]
	n.made++
	return m
}

// scan runs mailaudit scan --new in a process of its own. It is killed after kill, where that is not 0.
func (n *nights) scan(kill time.Duration) (killed bool) {
	n.t.Helper()
	exe, err := os.Executable()
	n.must(err)
	out, err := os.Create(filepath.Join(n.root, "out"))
	n.must(err)
	var talk bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	// The name makes the test binary the command: see TestMain.
	cmd.Args = []string{"mailaudit", "scan", "--new", "--json", "--fail-on", "low", "--as-of", "2026-03-01", "--workers", "2", "--state", filepath.Join(n.root, "state", "state"), n.mail}
	cmd.Stdout, cmd.Stderr = out, &talk
	n.must(cmd.Start())
	if kill > 0 {
		time.AfterFunc(kill, cancel) // SIGKILL
	}
	err = cmd.Wait()
	n.must(out.Close())
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit) && exit.ExitCode() == exitAttention:
	case errors.As(err, &exit) && exit.ExitCode() == exitNothing:
	case kill > 0 && ctx.Err() != nil:
		killed = true
		n.kills++
	default:
		n.t.Fatalf("after %v: %v\n%s", n.story, err, talk.String())
	}
	if strings.Contains(talk.String(), "damaged") || strings.Contains(talk.String(), "set aside") {
		n.t.Fatalf("after %v: %s", n.story, talk.String())
	}
	n.listen(filepath.Join(n.root, "out"), killed)
	return killed
}

// listen notes what was printed. What a run tells twice in the same words has to be marked.
func (n *nights) listen(path string, killed bool) {
	n.t.Helper()
	raw, err := os.ReadFile(path)
	n.must(err)
	if len(raw) == 0 {
		return
	}
	var d struct {
		New []struct {
			News    state.News        `json:"news"`
			Finding finding.Attention `json:"finding"`
		} `json:"new"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		if killed {
			return // it was ended in the middle of a word: nobody was told
		}
		n.t.Fatalf("after %v: %v\n%s", n.story, err, raw)
	}
	for _, e := range d.New {
		e.Finding.Rank = 0
		same, err := json.Marshal(&e.Finding)
		n.must(err)
		if bytes.Equal(n.whole[e.Finding.ID], same) && e.News != state.Again {
			n.t.Fatalf("after %v: told twice without a word: %s", n.story, same)
		}
		n.whole[e.Finding.ID] = same
		n.told = append(n.told, toldEntry{e.News, e.Finding})
	}
}

// check compares what was told so far with what a scan that knows nothing finds now: each finding must have been told at
// its severity, under its name or as part of others.
func (n *nights) check() {
	n.t.Helper()
	dir := filepath.Join(n.root, "full")
	n.must(os.RemoveAll(dir))
	var out, talk bytes.Buffer
	code := run([]string{"scan", "--quiet", "--format", "jsonl", "--as-of", "2026-03-01", "--output", dir, n.mail}, strings.NewReader(""), &out, &talk)
	if code == exitNothing {
		return
	}
	f, err := os.Open(filepath.Join(dir, "findings.jsonl"))
	n.must(err)
	defer f.Close()
	file, err := openStream(f)
	n.must(err)
	for _, a := range file.Attention() {
		if a.Severity.Level() < finding.Low.Level() {
			continue
		}
		if !n.wasTold(a) {
			n.t.Fatalf("after %v: never told: %+v\ntold: %+v", n.story, a, n.told)
		}
	}
}

func (n *nights) wasTold(a *finding.Attention) bool {
	covered := map[string]bool{}
	for _, t := range n.told {
		if t.finding.Severity.Level() < a.Severity.Level() {
			continue
		}
		if t.finding.ID == a.ID {
			return true // what came to it since was not serious, or it would have been told again: TestNews
		}
		if t.finding.Account == a.Account {
			for _, id := range t.finding.Messages {
				covered[id] = true
			}
		}
	}
	for _, id := range a.Messages {
		if !covered[id] {
			return false
		}
	}
	return len(a.Messages) > 0
}

// TestKilled: however often runs are killed, at whatever moment, no finding is lost, and only what a run was telling when it
// was killed is told again, marked as such. `make soak` does it hundreds of times.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	rounds := 1
	if text := os.Getenv("MAILAUDIT_CRASHES"); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	kills := 0
	for seed := range rounds {
		n := newNights(t, uint64(seed))
		slowest := 300 * time.Millisecond
		for range 14 {
			n.day()
			began := time.Now()
			for n.rng.IntN(2) == 0 && n.scan(time.Duration(1+n.rng.Int64N(int64(slowest)))) {
				began = time.Now()
			}
			n.scan(0)
			slowest = max(20*time.Millisecond, min(2*time.Second, time.Since(began)*5/4))
		}
		n.check()
		kills += n.kills
	}
	if kills == 0 {
		t.Error("no run was killed")
	}
	t.Logf("%d runs were killed", kills)
}
