package analyzer_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// ceiling is what a scan may hold at most, in bytes, whatever the mailbox: the 256 MiB that are promised for the process,
// less what the program itself and the reports take.
const ceiling = 224 << 20

// What a scan holds does not depend on the size of the mailbox, the size of its messages or the number of those it
// reports. This is done with enough mail to fill every buffer; MAILAUDIT_SOAK=1 (make soak) does it with 10 GiB and with
// a million notices.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it needs some hundred megabytes of mail, and its figures are those of the program as it is built")
	}
	soak := os.Getenv("MAILAUDIT_SOAK") != ""
	notice := "From: \"Amazon.co.jp\" <auto-confirm@amazon.co.jp>\nTo: <haruka@example.com>\nSubject: =?UTF-8?B?5rOo5paH56K66KqN?=\n" +
		"Message-ID: <%020d@example.com>\nDate: Fri, 4 Feb 2022 17:10:22 +0000\nContent-Type: text/html; charset=utf-8\n\n" +
		"<p>Amazon.co.jp <a href=\"https://www.amazon.co.jp/gp/r.html?U=https%%3A%%2F%%2Fwww.amazon.co.jp%%2Fdp%%2F%[1]d\">%[1]d</a></p>\n\n"
	// A picture is decoded by nobody but held by all; some of 24 MiB fill the room for mail in flight.
	picture := "From: haruka@example.com\nSubject: x\nMessage-ID: <%020d@example.com>\nDate: Fri, 4 Feb 2022 17:10:22 +0000\n" +
		"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
	// A text is decoded, searched and kept in several forms.
	text := "From: \"Amazon.co.jp\" <auto-confirm@amazon.co.jp>\nSubject: x\nMessage-ID: <%020d@example.com>\nDate: Fri, 4 Feb 2022 17:10:22 +0000\n\nAmazon\n"
	for _, c := range []struct {
		name, message   string
		body            int // bytes of base64 behind the message
		messages, soaks int
	}{
		{"many notices", notice, 0, 5_000, 1_000_000},
		{"large messages", picture, 24 << 20, 12, 400},
		{"long texts", text, 3 << 20, 30, 600},
		{"texts without end", text, 50 << 20, 2, 100},
		{"messages beyond the limit", text, 70 << 20, 2, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.messages
			if soak {
				n = c.soaks
			}
			path := filepath.Join(t.TempDir(), "mbox")
			write(t, path, c.message, c.body, n)
			held, messages := hold(t, path)
			if messages != int64(n) {
				t.Errorf("%d messages were read, want %d", messages, n)
			}
			if held > ceiling {
				t.Errorf("%d MiB were held, want at most %d", held>>20, ceiling>>20)
			}
			t.Logf("%d messages: %d MiB", n, held>>20)
		})
	}
}

// write makes an mbox of n messages that differ in their number, each with so many bytes of base64 behind it.
func write(t *testing.T, path, message string, body, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xa5, 0x5a, 0x3c}, 19)) + "\n"
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range n {
		fmt.Fprintf(w, "From x@example.com Fri Feb  4 17:10:22 2022\n"+message, i)
		for left := body; left > 0; left -= len(line) {
			w.WriteString(line)
		}
		w.WriteString("\n")
	}
	if err := w.Flush(); err != nil { // tells of every failure before it
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// hold scans as the program does and returns the most memory that was held.
func hold(t *testing.T, path string) (most uint64, messages int64) {
	t.Helper()
	debug.FreeOSMemory()
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(192 << 20))
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		for {
			metrics.Read(sample)
			peak.Store(max(peak.Load(), sample[0].Value.Uint64()-sample[1].Value.Uint64()))
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	r, err := analyzer.Scan(context.Background(), analyzer.Config{
		Paths: []string{path}, Dir: t.TempDir(), Workers: 8, Limits: limit.Default(),
		Brands: brand.Builtin(), Events: event.Builtin(), Version: "test", Now: time.Now,
	}, io.Discard)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	return peak.Load(), r.Summary.Messages
}
