package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

const (
	mailA = "From: ann@example.com\nTo: bob@example.org\nSubject: one\n\nhello\n"
	mailB = "From: bob@example.org\nTo: ann@example.com\nSubject: two\n\nhello\n"
	line1 = "From ann@example.com Thu Jan  1 00:00:01 2026\n"
	line2 = "From bob@example.org Fri Jan  2 00:00:01 2026\n"
	mbox2 = line1 + mailA + "\n" + line2 + mailB + "\n"
)

// found is a Sink that keeps all it is given.
type found struct {
	boxes    []*Mailbox
	extents  []Extent
	problems []finding.Problem
	skips    []finding.Skipped
	pool     *block.Pool
	most     int64 // bytes taken at once
	progress int64
	take     func() // called on each Take
	fail     error  // returned by Batch
}

// poolSize is more than any test takes at once.
const poolSize = 1 << 40

func (f *found) Take(ctx context.Context, n int) (*block.Block, error) {
	if f.take != nil {
		f.take()
	}
	if f.pool == nil {
		f.pool = block.NewPool(poolSize, nil)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	b, err := f.pool.Take(ctx, n)
	f.most = max(f.most, f.out())
	return b, err
}

// out is how many bytes were taken and not given back.
func (f *found) out() int64 {
	if f.pool == nil {
		return 0
	}
	return poolSize - f.pool.Free()
}
func (f *found) Mailbox(m *Mailbox) error { f.boxes = append(f.boxes, m); return nil }
func (f *found) Batch(b Batch) error {
	defer b.Release()
	for _, p := range b.Problems {
		f.problems = append(f.problems, p.Problem)
	}
	for _, x := range b.Extents {
		x.Data = append([]byte(nil), x.Data...)
		f.extents = append(f.extents, x)
	}
	return f.fail
}
func (f *found) Problem(p finding.Problem) error { f.problems = append(f.problems, p); return nil }
func (f *found) Skipped(s finding.Skipped) error { f.skips = append(f.skips, s); return nil }
func (f *found) Progress(n int64)                { f.progress += n }

// places are the messages' locations.
func (f *found) places() string {
	var b strings.Builder
	for _, x := range f.extents {
		fmt.Fprintln(&b, x.Location)
	}
	return b.String()
}

// reasons are the problems, by place.
func (f *found) reasons() string {
	var b strings.Builder
	for _, p := range f.problems {
		fmt.Fprintf(&b, "%s %s %s %v\n", strings.Join(p.Location.Path, "!"), p.Stage, p.Reason, p.Lost)
	}
	return b.String()
}

// limits are the defaults with a small message limit.
func limits() limit.Limits {
	l := limit.Default()
	l.Message = 1 << 20
	return l
}

// walkAll walks a path and checks what holds of every walk: bytes accounted for, budget given back, order, progress.
func walkAll(t testing.TB, path string, sink *found, lim limit.Limits) Count {
	t.Helper()
	src, err := Open(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Walk(context.Background(), src, Config{Limits: lim, NewHash: sha256.New}, sink)
	if err != nil {
		t.Fatal(err)
	}
	if c.Bytes != c.Accounted() {
		t.Errorf("%d bytes read, %d accounted for", c.Bytes, c.Accounted())
	}
	if out := sink.out(); out != 0 {
		t.Errorf("%d bytes of the budget were not given back", out)
	}
	if sink.progress != c.Size {
		t.Errorf("progress of %d bytes in a source of %d", sink.progress, c.Size)
	}
	if int64(len(sink.extents)) != c.Messages || int64(len(sink.boxes)) != c.Mailboxes {
		t.Errorf("%d messages in %d mailboxes counted, %d in %d found", c.Messages, c.Mailboxes, len(sink.extents), len(sink.boxes))
	}
	for i := 1; i < len(sink.extents); i++ {
		a, b := sink.extents[i-1], sink.extents[i]
		if a.Mailbox.Index > b.Mailbox.Index || a.Mailbox == b.Mailbox && a.Order >= b.Order {
			t.Errorf("%s comes before %s", a.Location, b.Location)
		}
	}
	for _, p := range sink.problems {
		if p.Stage == "internal" {
			t.Errorf("%s: %s", p.Location, p.Reason)
		}
	}
	return c
}

// tree writes files; a name that ends in a slash is a folder.
func writeTree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			p += "/x"
		}
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			if err := os.WriteFile(p, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func yes(b *bool) string {
	if b == nil {
		return "?"
	}
	return fmt.Sprint(*b)
}

func TestWalkFolder(t *testing.T) {
	plist := "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>flags</key><integer>16777217</integer></dict></plist>\n"
	dir := writeTree(t, map[string]string{
		"INBOX":                              mbox2,
		"INBOX.msf":                          "// <!-- <mdb:mork:z v=\"1.4\"/> -->\n",
		"Junk.sbd/迷惑":                        mbox2,
		"apple/Archive.mbox/mbox":            mbox2,
		"apple/Archive.mbox/Messages/1.emlx": fmt.Sprintf("%-10d\n%s%s", len(mailA), mailA, plist),
		"apple/Archive.mbox/Messages/2.partial.emlx": fmt.Sprintf("%-10d\n%s%s", 7, mailA, plist),
		"eml/b.eml":                         mailB,
		"eml/a message without extension":   mailA,
		"eml/picture.eml":                   "\x89PNG\r\n\x1a\n",
		"mh/1":                              mailA,
		"mh/2":                              mailB,
		"mh/.mh_sequences":                  "cur: 1\nunseen: 2-3\n",
		"Maildir/cur/1.a:2,S":               mailA,
		"Maildir/new/2.b":                   mailB,
		"Maildir/tmp/3.c":                   "half",
		"Maildir/.&j,dg0TDhMPww6w-/cur/1.d": mailA,
		"Maildir/.&j,dg0TDhMPww6w-/new/":    "",
		"__MACOSX/._a.eml":                  "\x00\x05\x16\x07",
		"empty":                             "",
	})
	var f found
	walkAll(t, dir, &f, limits())
	want := `INBOX@46
INBOX@155
Junk.sbd/迷惑@46
Junk.sbd/迷惑@155
Maildir/cur/1.a:2,S@0
Maildir/new/2.b@0
Maildir/.&j,dg0TDhMPww6w-/cur/1.d@0
apple/Archive.mbox/mbox@46
apple/Archive.mbox/mbox@155
apple/Archive.mbox/Messages/1.emlx@11
apple/Archive.mbox/Messages/2.partial.emlx@11
eml/a message without extension@0
eml/b.eml@0
mh/1@0
mh/2@0
`
	if f.places() != want {
		t.Errorf("messages\n%swant\n%s", f.places(), want)
	}
	for _, c := range []struct{ place, kind, folder, seen string }{
		{"INBOX@46", "mbox", "inbox", "?"},
		{"Junk.sbd/迷惑@46", "mbox", "spam", "?"},
		{"Maildir/cur/1.a:2,S@0", "maildir", "", "true"},
		{"Maildir/new/2.b@0", "maildir", "", "false"},
		{"Maildir/.&j,dg0TDhMPww6w-/cur/1.d@0", "maildir", "spam", "?"},
		{"apple/Archive.mbox/mbox@46", "mbox", "archive", "?"},
		{"apple/Archive.mbox/Messages/1.emlx@11", "emlx", "archive", "true"},
		{"mh/1@0", "mh", "", "true"},
		{"mh/2@0", "mh", "", "false"},
		{"eml/b.eml@0", "eml", "", "?"},
	} {
		for _, x := range f.extents {
			if x.Location.String() != c.place {
				continue
			}
			seen := "?"
			if x.Read != nil {
				seen = yes(x.Read.Seen)
			}
			if x.Mailbox.Kind != c.kind || string(x.Mailbox.Folder) != c.folder || seen != c.seen {
				t.Errorf("%s: kind %q, folder %q, seen %s, want %q, %q, %s", c.place, x.Mailbox.Kind, x.Mailbox.Folder, seen, c.kind, c.folder, c.seen)
			}
		}
	}
	for _, x := range f.extents {
		if strings.HasSuffix(x.Location.String(), ".emlx@11") && string(x.Data) != mailA {
			t.Errorf("%s holds %q", x.Location, x.Data)
		}
		if x.Partial != strings.Contains(x.Location.String(), "partial") {
			t.Errorf("%s: partial %v", x.Location, x.Partial)
		}
	}
	skipped := map[string]string{}
	for _, s := range f.skips {
		skipped[strings.Join(s.Path, "!")] = s.Reason
	}
	for name, reason := range map[string]string{
		"INBOX.msf": "index", "eml/picture.eml": "picture", "__MACOSX/._a.eml": "apple_double", "Maildir/tmp": "being_delivered", "empty": "empty", "mh/.mh_sequences": "index",
	} {
		if skipped[name] != reason {
			t.Errorf("%s is skipped as %q, want %q", name, skipped[name], reason)
		}
	}
	if want := "apple/Archive.mbox/Messages/2.partial.emlx emlx the byte count in the first line is wrong; the message is taken to end at the property list false\n"; f.reasons() != want {
		t.Errorf("problems\n%swant\n%s", f.reasons(), want)
	}
}

func TestWalkFile(t *testing.T) {
	dir := writeTree(t, map[string]string{"one.eml": mailA, "old.mbox": mbox2, "picture": "\x89PNG\r\n\x1a\n", "archive.pst": "!BDN....SM......"})
	for _, c := range []struct {
		name     string
		messages int
		skips    int
		problems string
	}{
		{"one.eml", 1, 0, ""},
		{"old.mbox", 2, 0, ""},
		{"picture", 0, 1, ""},
		{"archive.pst", 0, 0, "not an Outlook data file"},
	} {
		var f found
		n := walkAll(t, filepath.Join(dir, c.name), &f, limits())
		if len(f.extents) != c.messages || len(f.skips) != c.skips || !strings.Contains(f.reasons(), c.problems) {
			t.Errorf("%s: %d messages, %d skipped, problems %q", c.name, len(f.extents), len(f.skips), f.reasons())
		}
		b, err := os.ReadFile(filepath.Join(dir, c.name))
		if err != nil {
			t.Fatal(err)
		}
		if n.SHA256 != evidence.Sum(b) || n.Size != int64(len(b)) {
			t.Errorf("%s: hash or size of the source is wrong", c.name)
		}
	}
}

// TestWalkSpecialFiles: links in circles, FIFOs and sockets are named and passed over.
func TestWalkSpecialFiles(t *testing.T) {
	dir := writeTree(t, map[string]string{"mail/a.eml": mailA})
	for name, to := range map[string]string{"mail/loop": ".", "mail/up": "..", "mail/dead": "nowhere", "mail/b.eml": "a.eml"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	fifo(t, filepath.Join(dir, "mail/fifo"))
	var f found
	walkAll(t, dir, &f, limits())
	if f.places() != "mail/a.eml@0\nmail/b.eml@0\n" {
		t.Errorf("messages %s", f.places())
	}
	var got []string
	for _, s := range f.skips {
		got = append(got, s.Path[0]+" "+s.Reason)
	}
	want := "mail/dead broken_symlink|mail/fifo fifo|mail/loop symlink_to_folder|mail/up symlink_to_folder"
	if strings.Join(got, "|") != want {
		t.Errorf("skipped %q, want %q", strings.Join(got, "|"), want)
	}
	if _, err := Open(filepath.Join(dir, "mail/fifo"), 0); !errors.Is(err, ErrNotMail) {
		t.Errorf("opening a FIFO: %v", err)
	}
	if err := os.Symlink("mail", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	f = found{}
	walkAll(t, filepath.Join(dir, "link"), &f, limits())
	if len(f.extents) != 2 {
		t.Errorf("a link named by the user is not followed: %s", f.places())
	}
}

func TestWalkSkipsReports(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"a.eml": mailA, "report/findings.eml": mailB, "report/manifest.json": `{"tool":"mailaudit","form":"1"}`, "other/manifest.json": `{}`, "other/b.eml": mailB,
		"out/c.eml": mailB,
	})
	src, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	var f found
	if _, err := Walk(context.Background(), src, Config{Limits: limits(), Exclude: []string{filepath.Join(dir, "out")}}, &f); err != nil {
		t.Fatal(err)
	}
	if f.places() != "a.eml@0\nother/b.eml@0\n" {
		t.Errorf("messages %s", f.places())
	}
}

func TestWalkUnreadable(t *testing.T) {
	dir := writeTree(t, map[string]string{"a.eml": mailA, "b.mbox": mbox2, "c/d.eml": mailA})
	for _, name := range []string{"b.mbox", "c"} {
		if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(filepath.Join(dir, "c"), 0o700)
	if _, err := os.ReadFile(filepath.Join(dir, "b.mbox")); err == nil {
		t.Skip("this user may read everything")
	}
	var f found
	walkAll(t, dir, &f, limits())
	if len(f.extents) != 1 || len(f.problems) != 2 || !f.problems[0].Lost || !f.problems[1].Lost {
		t.Errorf("messages %s, problems %s", f.places(), f.reasons())
	}
}

// TestWalkChangedFile: a mailbox that grows while it is read is seen as it was, and the change is a problem.
func TestWalkChangedFile(t *testing.T) {
	dir := writeTree(t, map[string]string{"INBOX": mbox2})
	name := filepath.Join(dir, "INBOX")
	var f found
	f.take = func() {
		h, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(h, line1+mailA+"\n")
		h.Close()
		f.take = nil
	}
	walkAll(t, name, &f, limits())
	if len(f.extents) != 2 || !strings.Contains(f.reasons(), "the file changed while it was read") {
		t.Errorf("messages %s, problems %s", f.places(), f.reasons())
	}
}

// TestWalkMaildirInUse: messages that are delivered, moved to cur, get flags or are deleted meanwhile.
func TestWalkMaildirInUse(t *testing.T) {
	dir := writeTree(t, map[string]string{"cur/1.a:2,": mailA, "cur/2.b:2,": mailB, "cur/3.c:2,": mailA, "new/4.d": mailB, "tmp/": ""})
	move := func(from, to string) {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	var f found
	f.take = func() {
		move("cur/2.b:2,", "cur/2.b:2,S")
		move("new/4.d", "cur/4.d:2,RS")
		if err := os.Remove(filepath.Join(dir, "cur/3.c:2,")); err != nil {
			t.Fatal(err)
		}
		f.take = nil
	}
	walkAll(t, dir, &f, limits())
	if want := "cur/1.a:2,@0\ncur/2.b:2,S@0\ncur/4.d:2,RS@0\n"; f.places() != want {
		t.Errorf("messages\n%swant\n%s", f.places(), want)
	}
	if want := "cur/3.c maildir the message was deleted while the folder was read false\n"; f.reasons() != want {
		t.Errorf("problems\n%swant\n%s", f.reasons(), want)
	}
}

// TestGroupsAreBounded: what is learned of each group is held to the end, so a source cannot have a million of them.
func TestGroupsAreBounded(t *testing.T) {
	if a, b := group([]string{"a", "b"}, groupsMost-1), group([]string{"a", "b"}, groupsMost); a != "a!b" || b != "." {
		t.Errorf("groups %q and %q", a, b)
	}
}

func TestWalkEnds(t *testing.T) {
	dir := writeTree(t, map[string]string{"a.eml": mailA, "b.mbox": mbox2})
	src, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("sink is full")
	if _, err := Walk(context.Background(), src, Config{Limits: limits()}, &found{fail: full}); !errors.Is(err, full) {
		t.Errorf("the sink's error: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &found{}
	f.take = cancel
	if _, err := Walk(ctx, src, Config{Limits: limits()}, f); !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context: %v", err)
	}
}

// TestWalkLimits: depth of folders, length of a message.
func TestWalkLimits(t *testing.T) {
	long := mailA + strings.Repeat("0123456789abcde\n", 1<<17)
	emlx := fmt.Sprintf("%d\n%s<?xml version=\"1.0\"?><plist></plist>", len(long), long)
	dir := writeTree(t, map[string]string{"1/2/3/a.eml": mailA, "long.eml": long, "long.emlx": emlx, "long.mbox": line1 + long + "\n" + line2 + mailB})
	lim := limits()
	lim.TreeDepth = 2
	var f found
	walkAll(t, dir, &f, lim)
	if n := strings.Count(f.reasons(), "limit"); n < 4 || !strings.Contains(f.reasons(), "1/2/3 limit folders lie in one another deeper than the limit tree_depth true") {
		t.Errorf("problems\n%s", f.reasons())
	}
	for _, x := range f.extents {
		if x.Location.Length > lim.Message && (x.SHA256 != evidence.Sum([]byte(long)) || int64(x.Location.Length) != int64(len(long))) {
			t.Errorf("%s: length %d, hash right: %v", x.Location, x.Location.Length, x.SHA256 == evidence.Sum([]byte(long)))
		}
	}
	if f.most > lim.Message+8<<20 {
		t.Errorf("%d bytes of the budget at once", f.most)
	}
}

// TestMailboxBesideMaildirIsRead: files that lie beside cur and new, an old mbox or an archive, are no part of the
// Maildir, and are read like anywhere else.
func TestMailboxBesideMaildirIsRead(t *testing.T) {
	dir := writeTree(t, map[string]string{"cur/1.a:2,S": mailA, "new/2.b": mailB, "tmp/": "", "old.mbox": mbox2, "sent.eml": mailB})
	var f found
	walkAll(t, dir, &f, limits())
	const want = "cur/1.a:2,S@0\nnew/2.b@0\nsent.eml@0\nold.mbox@46\nold.mbox@155\n"
	if f.places() != want {
		t.Errorf("messages\n%swant\n%s", f.places(), want)
	}
}
