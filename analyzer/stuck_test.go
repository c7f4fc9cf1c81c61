package analyzer_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// TestStuck: a scan in which nothing at all is finished any more ends.
func TestStuck(t *testing.T) {
	lim := limit.Default()
	lim.Stuck = 50 * time.Millisecond
	dir := t.TempDir()
	hold, held := make(chan struct{}), make(chan struct{})
	first := true
	_, err := analyzer.Scan(context.Background(), analyzer.Config{
		Paths: []string{"../samples/takeover/input"}, Dir: dir, Workers: 1, Limits: lim, Brands: brand.Builtin(),
		Events: event.Builtin(), Version: "test", Now: time.Now,
		Progress: func(analyzer.Progress) {
			if first {
				first = false
				<-hold
				close(held)
			}
		},
	}, io.Discard)
	if !errors.Is(err, analyzer.ErrStuck) {
		t.Errorf("got %v, want ErrStuck", err)
	}
	close(hold) // lets what hung go on, so that it ends
	<-held
	for range 1000 {
		if left, err := os.ReadDir(dir); err != nil || len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("what hung did not end when it could")
}

// TestStuckMessageCostsItself: a message that the reading does not come back from is a problem that says so, in its place;
// all others are read, those that wait for the room it has as well, the scan ends, and the next night's does too.
func TestStuckMessageCostsItself(t *testing.T) {
	// A PDF that inflates to so much is left to Inspect.
	var much bytes.Buffer
	z := zlib.NewWriter(&much)
	if _, err := z.Write(make([]byte, 5<<20)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	notice := func(n int, attached string) string {
		return fmt.Sprintf("From a@amaz0n.example Tue Feb  3 12:05:%02d 2026\nMessage-ID: <%d@amaz0n.example>\n", n, n) + aboutAmazon +
			"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nAmazon\n--b\nContent-Type: application/pdf\n" +
			"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode>>stream\n"+much.String()+"\nendstream\nendobj\n"+attached)) + "\n--b--\n\n"
	}
	long := strings.Repeat("long ", 100_000) // so that it needs room that messages share
	var box strings.Builder
	var at []int64 // where the messages that hang begin
	for i, text := range []string{"one", "hang", "two", "hang" + long, "three" + long, "four"} {
		m := notice(i, text)
		if strings.HasPrefix(text, "hang") {
			at = append(at, int64(box.Len()+strings.IndexByte(m, '\n')+1))
		}
		box.WriteString(m)
	}
	path := filepath.Join(t.TempDir(), "box")
	if err := os.WriteFile(path, []byte(box.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []bool{false, true} {
		t.Run(fmt.Sprintf("kept %v", kept), func(t *testing.T) {
			hold := make(chan struct{})
			defer close(hold) // lets what hangs go on, so that it ends; TestMain looks
			lim := limit.Default()
			lim.Stuck, lim.InFlight = 3*time.Second, 4<<20
			if raceDetector {
				lim.Stuck = 20 * time.Second // what is only slow must not count as stuck
			}
			cfg := analyzer.Config{
				Paths: []string{path}, Dir: t.TempDir(), Workers: 2, Limits: lim, Brands: brand.Builtin(), Events: event.Builtin(),
				Version: "test", Now: time.Now, AsOf: time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC),
				Inspect: func(ctx context.Context, kind string, data []byte, lim limit.Limits) ([]attachment.Found, error) {
					if bytes.Contains(data, []byte("hang")) {
						<-hold
					}
					return attachment.InProcess(ctx, kind, data, lim)
				},
			}
			if kept {
				s, err := state.Open(filepath.Join(t.TempDir(), "state"), false, cfg.AsOf)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				cfg.State = s
			}
			var out bytes.Buffer
			r, err := analyzer.Scan(t.Context(), cfg, &out)
			if err != nil {
				t.Fatalf("Scan: %v", err)
			}
			f, err := finding.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil {
				t.Fatal(err)
			}
			var lost []int64
			if err := f.Problems(func(p *finding.Problem) error {
				if p.Stage == "limit" && p.Lost && strings.HasPrefix(p.Reason, limit.NameStuck) {
					lost = append(lost, p.Location.Offset)
				} else if p.Lost {
					t.Errorf("another problem: %+v", p)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			sum := f.Summary()
			if !slices.Equal(lost, at) || f.Len() != 4 || sum.Messages != 6 || !sum.Complete || sum.Bytes != sum.BytesAccounted || !r.Complete {
				t.Errorf("given up at %v, want %v; %d records, want 4; %+v", lost, at, f.Len(), sum)
			}
		})
	}
}

// TestWhatIsLeftOutOfTheConfig: what is zero takes its default, and gives the same stream; without mail it is an error.
func TestWhatIsLeftOutOfTheConfig(t *testing.T) {
	full := analyzer.Config{
		Paths: []string{"../samples/takeover/input"}, Dir: t.TempDir(), Workers: 2, Limits: limit.Default(),
		Brands: brand.Builtin(), Events: event.Builtin(), Version: "test", Now: time.Now,
	}
	var want bytes.Buffer
	if _, err := analyzer.Scan(t.Context(), full, &want); err != nil {
		t.Fatal(err)
	}
	for what, unset := range map[string]func(*analyzer.Config){
		"Brands":  func(c *analyzer.Config) { c.Brands = nil },
		"Events":  func(c *analyzer.Config) { c.Events = nil },
		"Limits":  func(c *analyzer.Config) { c.Limits = limit.Limits{} },
		"Workers": func(c *analyzer.Config) { c.Workers = 0 },
		"Now":     func(c *analyzer.Config) { c.Now = nil },
		"Dir":     func(c *analyzer.Config) { c.Dir = "" },
	} {
		cfg := full
		unset(&cfg)
		var got bytes.Buffer
		if _, err := analyzer.Scan(t.Context(), cfg, &got); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("without %s: %v, the same stream: %v", what, err, bytes.Equal(got.Bytes(), want.Bytes()))
		}
	}
	full.Paths = nil
	if _, err := analyzer.Scan(t.Context(), full, io.Discard); !errors.Is(err, analyzer.ErrConfig) {
		t.Errorf("without Paths: %v", err)
	}
}
