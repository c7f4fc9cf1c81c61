package mailbox

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMembersAhead: members that are inflated ahead of their turn come in the order of the directory, with the problems
// that they have when they are read one by one, small ones and large ones mixed.
func TestMembersAhead(t *testing.T) {
	large := line1 + mailA + strings.Repeat("0123456789abcdef", smallSize/16) + "\n"
	var entries []entry
	for i := range 600 {
		e := entry{fmt.Sprintf("%03d.mbox", i), mbox2}
		if i%100 == 50 {
			e.data = large
		}
		entries = append(entries, e)
	}
	data := zipOf(t, zip.Deflate, entries...)
	// What the directory says of one member's size is too little, of another's too much; one's checksum is wrong.
	directory := bytes.Index(data, []byte("PK\x01\x02"))
	field := func(name string, at int) []byte {
		i := directory + bytes.Index(data[directory:], []byte(name)) - 46 + at
		return data[i : i+4]
	}
	binary.LittleEndian.PutUint32(field("010.mbox", 24), 20)
	binary.LittleEndian.PutUint32(field("020.mbox", 24), 3<<20)
	field("030.mbox", 16)[0] ^= 1
	field("040.mbox", 8)[0] |= 1 // has a password
	binary.LittleEndian.PutUint32(field("060.mbox", 24), 0)
	name := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	lim := limits()
	lim.Message = 16 << 20
	var f found
	walkAll(t, name, &f, lim)
	for i, m := range f.boxes {
		at := i
		if i >= 40 {
			at++ // the one with the password
		}
		if got, want := strings.Join(m.Path, "!"), "x.zip!"+entries[at].name; got != want {
			t.Fatalf("mailbox %d is %s, want %s", i, got, want)
		}
	}
	if len(f.boxes) != 599 || len(f.extents) != 2*599-6 {
		t.Errorf("%d messages in %d mailboxes", len(f.extents), len(f.boxes))
	}
	want := []string{
		"x.zip!010.mbox archive reading mbox: the member has another size than its header says true",
		"x.zip!020.mbox archive reading mbox: the member has another size than its header says true",
		"x.zip!030.mbox archive reading mbox: checksum does not match: the data was damaged true",
		"x.zip!040.mbox archive protected by a password: unpack it with the password and scan the folder true",
		"x.zip!060.mbox archive reading mbox: the member has another size than its header says true",
	}
	if got := strings.TrimSpace(f.reasons()); got != strings.Join(want, "\n") {
		t.Errorf("problems\n%s", got)
	}
}

// TestNothingRunsOn: whatever ends a walk of an archive, in whatever place, no goroutine is left of it.
func TestNothingRunsOn(t *testing.T) {
	dir := t.TempDir()
	large := strings.Repeat(line1+mailA+strings.Repeat("0123456789abcde\n", 1<<14)+"\n", 24)
	entries := []entry{{"large.mbox", large}}
	for i := range 400 {
		entries = append(entries, entry{fmt.Sprintf("%d.mbox", i), mbox2})
	}
	files := map[string][]byte{
		"x.zip": zipOf(t, zip.Deflate, entries...), "x.tgz": compress(t, gz, tarOf(t, entries...)), "x.mbox": []byte(large),
	}
	before := runtime.NumGoroutine()
	for name, data := range files {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := Open(name, 0)
		if err != nil {
			t.Fatal(err)
		}
		for after := range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			f := &found{take: func() {
				if n++; n > after {
					cancel()
				}
			}}
			if _, err := Walk(ctx, src, Config{Limits: limits()}, f); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, ended at block %d: %v", name, after, err)
			}
			cancel()
			full := errors.New("full")
			if _, err := Walk(t.Context(), src, Config{Limits: limits()}, &found{fail: full}); !errors.Is(err, full) {
				t.Errorf("%s, the sink's error: %v", name, err)
			}
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
