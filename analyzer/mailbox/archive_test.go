package mailbox

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// entry is an archive member of the tests.
type entry struct{ name, data string }

// zipOf writes a zip the way streaming programs do, with data descriptors.
func zipOf(t testing.TB, method uint16, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, e.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// undirected cuts a zip off in the middle of its central directory.
func undirected(b []byte) []byte { return b[:bytes.Index(b, []byte("PK\x01\x02"))+60] }

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Size: int64(len(e.data)), Mode: 0o600, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, e.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func compress(t testing.TB, open func(io.Writer) (io.WriteCloser, error), data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(w io.Writer) (io.WriteCloser, error)  { return gzip.NewWriter(w), nil }
func xzw(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }
func zst(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }

// bz is mbox2 by bzip2, which the standard library can't write.
func bz(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "two.mbox.bz2"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWalkArchives(t *testing.T) {
	takeout := []entry{
		{"Takeout/メール/すべてのメール（迷惑メール、ゴミ箱のメールを含む）.mbox", mbox2}, {"Takeout/archive_browser.html", "<html>"}, {"Takeout/eml/a.eml", mailA},
	}
	places := "!Takeout/メール/すべてのメール（迷惑メール、ゴミ箱のメールを含む）.mbox@46\nX!Takeout/メール/すべてのメール（迷惑メール、ゴミ箱のメールを含む）.mbox@155\nX!Takeout/eml/a.eml@0\n"
	tarball := tarOf(t, takeout...)
	box := []byte(mbox2)
	for _, c := range []struct {
		why, file string
		data      []byte
		want      string // X stands for the file's name
		problems  []string
	}{
		{"zip", "takeout-001.zip", zipOf(t, zip.Deflate, takeout...), "X" + places, nil},
		{"zip, stored", "takeout.zip", zipOf(t, zip.Store, takeout...), "X" + places, nil},
		{"zip without its directory is read forward", "cut.zip", undirected(zipOf(t, zip.Deflate, takeout...)), "X" + places, []string{"no directory"}},
		{"stored zip without its directory", "cut.zip", undirected(zipOf(t, zip.Store, takeout...)), "X" + places, []string{"no directory"}},
		{"tar", "x.tar", tarball, "X" + places, nil},
		{"tgz", "x.tgz", compress(t, gz, tarball), "X" + places, nil},
		{"tar.xz", "x.tar.xz", compress(t, xzw, tarball), "X" + places, nil},
		{"tar.zst under another name", "download", compress(t, zst, tarball), "X" + places, nil},
		{"two tars one after another", "x.tar", append(bytes.Clone(tarball), tarball...), "X" + places + "X" + places, nil},
		{"gz of an mbox", "old.mbox.gz", compress(t, gz, box), "X@46\nX@155\n", nil},
		{"two gz members are one file", "old.mbox.gz", append(compress(t, gz, box[:100]), compress(t, gz, box[100:])...), "X@46\nX@155\n", nil},
		{"bz2 of an mbox", "old.mbox.bz2", bz(t), "X@46\nX@155\n", nil},
		{"gz of a message", "a.eml.gz", compress(t, gz, []byte(mailA)), "X@0\n", nil},
		{"zip in a zip", "outer.zip", zipOf(t, zip.Store, entry{"in.zip", string(zipOf(t, zip.Deflate, takeout...))}), "X!in.zip" + strings.ReplaceAll(places, "X!", "X!in.zip!"), nil},
		{"tar.gz in a zip", "outer.zip", zipOf(t, zip.Deflate, entry{"in.tgz", string(compress(t, gz, tarball))}), "X!in.tgz" + strings.ReplaceAll(places, "X!", "X!in.tgz!"), nil},
		{
			"a Maildir in a tar has its flags", "m.tar", tarOf(t, entry{"m/dovecot-keywords", "0 $Junk\n"}, entry{"m/cur/1.a:2,Sa", mailA}, entry{"m/new/2.b", mailB}, entry{"m/cur/3.c:2,R", "no header"}),
			"X!m/cur/1.a:2,Sa@0\nX!m/new/2.b@0\nX!m/cur/3.c:2,R@0\n", nil,
		},
		{"a folder named new is not always a Maildir's", "x.zip", zipOf(t, zip.Deflate, entry{"new/a.jpg", "\xff\xd8\xff"}, entry{"new/b.mbox.gz", string(compress(t, gz, box))}), "X!new/b.mbox.gz@46\nX!new/b.mbox.gz@155\n", nil},
		{"cut off gz gives what is in it", "old.mbox.gz", compress(t, gz, bytes.Repeat(box, 3000))[:2000], "", []string{"the archive ends too early true"}},
		{"cut off tar", "x.tar", tarball[:1536+512+30], "X!Takeout/メール/すべてのメール（迷惑メール、ゴミ箱のメールを含む）.mbox@46\nX!Takeout/メール/すべてのメール（迷惑メール、ゴミ箱のメールを含む）.mbox@155\n", []string{"archive"}},
		{"not an archive behind its first bytes", "x.zip", []byte("PK\x03\x04 and then nothing"), "", []string{"no directory", "too early"}},
		{"a name that would leave the folder is only a name", "x.zip", zipOf(t, zip.Deflate, entry{"../../etc/a.eml", mailA}), "X!../../etc/a.eml@0\n", nil},
		{"a name that is no UTF-8", "x.zip", zipOf(t, zip.Deflate, entry{"\x83\x81.eml", mailA}), "X!\\x83\\x81.eml@0\n", nil},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, c.file)
		if err := os.WriteFile(name, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(c.why, func(t *testing.T) {
			var f found
			n := walkAll(t, name, &f, limits())
			if want := strings.ReplaceAll(c.want, "X", c.file); f.places() != want && c.want != "" {
				t.Errorf("messages\n%swant\n%s", f.places(), want)
			}
			for _, p := range c.problems {
				if !strings.Contains(f.reasons(), p) {
					t.Errorf("problems %q lack %q", f.reasons(), p)
				}
			}
			if len(c.problems) == 0 && len(f.problems) > 0 {
				t.Errorf("problems %s", f.reasons())
			}
			if n.SHA256 != evidence.Sum(c.data) {
				t.Error("the hash is not that of the file")
			}
			for _, x := range f.extents {
				if want := map[bool]string{true: mailA, false: mailB}[bytes.Contains(x.Data, []byte("one"))]; string(x.Data) != want && string(x.Data) != "no header" && !strings.Contains(c.why, "cut off") {
					t.Errorf("%s holds %q", x.Location, x.Data)
				}
			}
		})
	}
}

func TestWalkArchiveDamage(t *testing.T) {
	good := zipOf(t, zip.Store, entry{"a.mbox", mbox2}, entry{"b.eml", mailA})
	password := bytes.Clone(good)
	for _, sig := range []string{"PK\x03\x04", "PK\x01\x02"} {
		i := bytes.Index(password, []byte(sig))
		password[i+map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[sig]] |= 1
	}
	method := bytes.Clone(good)
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 14
	flipped := bytes.Clone(good)
	flipped[bytes.Index(flipped, []byte("hello"))] ^= 1
	for _, c := range []struct {
		why      string
		data     []byte
		messages int
		problem  string
	}{
		{"password", password, 1, "x.zip!a.mbox archive protected by a password: unpack it with the password and scan the folder true"},
		{"method", method, 1, "compressed by a method that is not read"},
		{"flipped bit", flipped, 3, "checksum does not match"},
	} {
		name := filepath.Join(t.TempDir(), "x.zip")
		if err := os.WriteFile(name, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		var f found
		walkAll(t, name, &f, limits())
		if len(f.extents) != c.messages || !strings.Contains(f.reasons(), c.problem) {
			t.Errorf("%s: %d messages, problems %s", c.why, len(f.extents), f.reasons())
		}
	}
}

// TestWalkArchiveLimits: what inflates too far, lies too deep or has too many members ends there, with a problem.
func TestWalkArchiveLimits(t *testing.T) {
	lim := limits()
	lim.ArchiveRatioFloor, lim.ArchiveRatio, lim.ArchiveDepth, lim.ArchiveMembers, lim.ArchiveMember = 1<<20, 10, 2, 3, 16<<20
	nested := []byte(mbox2)
	for range 3 {
		nested = zipOf(t, zip.Store, entry{"x.zip", string(nested)})
	}
	quine := []byte(mailA)
	for range 6 {
		quine = compress(t, gz, quine)
	}
	noise := make([]byte, 2<<20)
	src := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = "0123456789abcdef"[src.IntN(16)]
	}
	for _, c := range []struct {
		why     string
		data    []byte
		problem string
	}{
		{"ratio", compress(t, gz, append([]byte(mbox2), bytes.Repeat([]byte{'\n'}, 8<<20)...)), "archive_ratio"},
		{"ratio of a zip", zipOf(t, zip.Deflate, entry{"a", mbox2 + strings.Repeat("\n", 8<<20)}), "archive_ratio"},
		{"depth", nested, "archive_depth"},
		{"depth of gz in gz", quine, "archive_depth"},
		{"members", tarOf(t, entry{"1", mailA}, entry{"2", mailA}, entry{"3", mailA}, entry{"4", mailA}), "archive_members"},
		{"member", zipOf(t, zip.Store, entry{"a", mbox2 + string(noise)}), "archive_member"},
	} {
		name := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(name, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		var f found
		lim := lim
		if c.problem == "archive_member" {
			lim.ArchiveMember = 1 << 20
		}
		walkAll(t, name, &f, lim)
		if !strings.Contains(f.reasons(), "(limit "+c.problem+") true") {
			t.Errorf("%s: problems %s", c.why, f.reasons())
		}
	}
}

// TestDamagedFromItsFirstByteIsNotSkipped: a member of which nothing can be inflated may have been mail. It is a problem, not
// an empty file that was passed over, whether the zip has its directory or not.
func TestDamagedFromItsFirstByteIsNotSkipped(t *testing.T) {
	data := zipOf(t, zip.Deflate, entry{"a.mbox", mbox2}, entry{"b.mbox", mbox2}, entry{"c.mbox", mbox2})
	at := bytes.Index(data, []byte("b.mbox")) + len("b.mbox")
	data[at] |= 0x06 // a block type of deflate that does not exist
	for _, c := range []struct {
		why  string
		data []byte
	}{{"whole", data}, {"without its directory", data[:bytes.Index(data, []byte("PK\x01\x02"))]}} {
		name := filepath.Join(t.TempDir(), "x.zip")
		if err := os.WriteFile(name, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		var f found
		walkAll(t, name, &f, limits())
		if len(f.extents) != 4 || len(f.skips) != 0 || !strings.Contains(f.reasons(), "x.zip!b.mbox archive ") {
			t.Errorf("%s: %d messages, skipped %v, problems\n%s", c.why, len(f.extents), f.skips, f.reasons())
		}
	}
}

// TestSpentArchiveEnds: behind a member that inflates too far, the others are one problem, and their bytes are no framing.
func TestSpentArchiveEnds(t *testing.T) {
	entries := []entry{{"a.mbox", mbox2}, {"bomb.mbox", line1 + mailA + strings.Repeat("\x00", 8<<20)}}
	for i := range 100 {
		entries = append(entries, entry{fmt.Sprintf("%d.mbox", i), mbox2})
	}
	data := zipOf(t, zip.Deflate, entries...)
	for _, c := range []struct {
		why  string
		data []byte
	}{{"whole", data}, {"without its directory", data[:bytes.Index(data, []byte("PK\x01\x02"))]}, {"tar", tarOf(t, append([]entry{{"x.zip", string(data)}}, entries...)...)}} {
		name := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(name, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		lim := limits()
		lim.ArchiveRatio, lim.ArchiveRatioFloor = 1, 1<<20
		if c.why == "tar" {
			lim.ArchiveRatio = 0
		}
		var f found
		n := walkAll(t, name, &f, lim)
		if len(f.problems) > 6 || len(f.skips) > 0 || !strings.Contains(f.reasons(), "what comes behind is not read") {
			t.Errorf("%s: skipped %v, problems\n%s", c.why, f.skips, f.reasons())
		}
		if n.Problem == 0 && c.why == "whole" {
			t.Error("members that were not read count as framing")
		}
	}
}

// FuzzWalkArchive: whatever an archive holds, each byte of it is accounted for and the budget given back.
func FuzzWalkArchive(f *testing.F) {
	f.Add(zipOf(f, zip.Deflate, entry{"a.mbox", mbox2}, entry{"b.eml", mailA}))
	f.Add(zipOf(f, zip.Store, entry{"a.mbox", mbox2}))
	f.Add(tarOf(f, entry{"a.mbox", mbox2}, entry{"cur/1:2,S", mailA}))
	f.Add(compress(f, gz, []byte(mbox2)))
	f.Add(compress(f, xzw, []byte(mbox2)))
	f.Add(compress(f, zst, []byte(mbox2)))
	f.Add([]byte(mbox2))
	f.Add([]byte(fmt.Sprintf("%d\n%s<?xml version=\"1.0\"?><plist></plist>", len(mailA), mailA)))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(dir, "x")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		lim := limits()
		lim.ArchiveRatioFloor = 4 << 20
		var s found
		n := walkAll(t, name, &s, lim)
		if n.SHA256 != evidence.Sum(data) {
			t.Fatal("the hash is not that of the file")
		}
	})
}
