package mboxfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// frames frames data as describe does, but in a form in which what two readers found can be put together.
func frames(t fataler, r *Reader, upTo *Checkpoint) (found []string, framing int64, mark *Checkpoint) {
	t.Helper()
	for {
		b, err := r.Next()
		framing += b.Framing
		for _, x := range b.Extents {
			found = append(found, fmt.Sprintf("%d+%d %q %v %s", x.Offset, x.Length, x.Data, x.Line, x.Doubt))
		}
		for _, g := range b.Gaps {
			found = append(found, fmt.Sprintf("gap %v", g))
		}
		for _, n := range b.Notes {
			found = append(found, fmt.Sprintf("note %v", n))
		}
		if c := r.Checkpoint(); c != nil && mark == nil {
			mark = c
			if upTo != nil {
				*upTo = *c
				return found, framing, mark
			}
		}
		if errors.Is(err, io.EOF) {
			return found, framing, mark
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
}

// resumed frames before, then goes on where behind is appended to it, and wants what a reader of the whole file finds.
func resumed(t fataler, before, behind []byte, block int) {
	t.Helper()
	opt := Options{Message: 700, FromLine: 200, Block: block, survey: 256, Checkpoint: true}
	whole := append(bytes.Clone(before), behind...)
	want, wantFraming, _ := frames(t, NewReader(bytes.NewReader(whole), 0, opt), nil)
	var c Checkpoint
	got, framing, mark := frames(t, NewReader(bytes.NewReader(before), 0, opt), &c)
	if mark == nil {
		return
	}
	raw, err := json.Marshal(mark)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var stored Checkpoint
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatalf("%v", err)
	}
	r, err := Resume(bytes.NewReader(whole[stored.Offset:]), opt, &stored)
	if err != nil {
		t.Fatalf("%v", err)
	}
	more, moreFraming, _ := frames(t, r, nil)
	got = append(got, more...)
	// Gaps and notes come with the batch in which they are known, behind its messages: only the order within each kind is
	// a promise.
	for _, list := range [][]string{got, want} {
		slices.SortStableFunc(list, func(a, b string) int { return strings.Compare(kind(a), kind(b)) })
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b || framing+moreFraming != wantFraming {
		t.Fatalf("resumed at %d of %d:\n%s\nframing %d\nwant\n%s\nframing %d", stored.Offset, len(before), a, framing+moreFraming, b, wantFraming)
	}
}

// kind is "gap" or "note", or nothing for a message.
func kind(found string) string {
	if name, _, _ := strings.Cut(found, " "); name == "gap" || name == "note" {
		return name
	}
	return ""
}

// TestResume: whatever is appended, to whatever file, reading on gives what reading it all gives.
func TestResume(t *testing.T) {
	lines := []string{
		"From a@example.org Mon Jan  5 04:05:06 2026\n", "From b@example.org Tue Jan  6 04:05:06 2026\n", "From - Mon Jan  5 04:05:06 2026\n",
		"From: a@example.org\n", "Subject: x\n", "Content-Length: 12\n", "Content-Type: message/rfc822\n", "\n", "\n", "\n", "hello\n", "hello\r\n", ">From here\n",
		"From here on\n", "--b\n", "--b--\n", strings.Repeat("long ", 60) + "\n", "From", "From ", "no end",
	}
	message := rapid.Custom(func(t *rapid.T) string {
		return "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\nSubject: x\n\n" + strings.Repeat("text\n", rapid.IntRange(0, 40).Draw(t, "lines")) + "\n"
	})
	piece := rapid.OneOf(message, message, rapid.SampledFrom(lines))
	rapid.Check(t, func(t *rapid.T) {
		before := strings.Join(rapid.SliceOfN(piece, 1, 25).Draw(t, "before"), "")
		behind := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "behind"), "")
		resumed(t, []byte(before), []byte(behind), rapid.SampledFrom([]int{64, 300, 1000, 4096}).Draw(t, "block"))
	})
}

// FuzzResume: the same for any bytes.
func FuzzResume(f *testing.F) {
	m := "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n" + strings.Repeat("text\n", 40) + "\n"
	f.Add([]byte(m+m+m), []byte(m), 300)
	f.Add([]byte("hello\n"+strings.Repeat(m, 4)), []byte("From a@example.org Mon Jan  5 04:05:06 2026\n"), 48)
	f.Add([]byte(m+m+"From b@example.org Tue Jan"), []byte("  6 04:05:06 2026\nFrom: b\n\nx\n"), 64)
	f.Fuzz(func(t *testing.T, before, behind []byte, block int) {
		resumed(t, before, behind, 16+(block&0xfff))
	})
}

// TestResumeWithSendersThatAreNoUTF8: what a From_ line names is bytes, and a checkpoint that is stored keeps them.
func TestResumeWithSendersThatAreNoUTF8(t *testing.T) {
	m := func(sender string, day int) string {
		return fmt.Sprintf("From %s Mon Jan %2d 04:05:06 2026\nFrom: %s\n\n%s>From here\n\n", sender, day, sender, strings.Repeat("text\n", 40))
	}
	senders := []string{"a\xff@ex\xe9mple.org", "\x80\xfe@b.example", "c@\xc3.example"}
	box := ""
	for i := range 60 {
		box += m(senders[i%3], i%28+1)
	}
	behind := m("a\xff@ex\xe9mple.org", 13) + m("a\xfe@ex\xe9mple.org", 14)
	for _, block := range []int{64, 300, 4096} {
		if _, _, mark := frames(t, NewReader(strings.NewReader(box), 0, Options{Message: 700, FromLine: 200, Block: block, survey: 256, Checkpoint: true}), new(Checkpoint)); mark == nil {
			t.Fatalf("blocks of %d: there is no checkpoint", block)
		}
		resumed(t, []byte(box), []byte(behind), block)
	}
}

func TestResumeRefusesWhatIsNone(t *testing.T) {
	for _, c := range []Checkpoint{{Offset: -1}, {Offset: 5, LineAt: 6}, {Offset: 5}, {Offset: 5, Forms: make([]savedForm, 2), All: -1}} {
		if _, err := Resume(strings.NewReader(""), Options{Message: 10, FromLine: 10}, &c); err == nil {
			t.Errorf("%+v is taken for a checkpoint", c)
		}
	}
}
