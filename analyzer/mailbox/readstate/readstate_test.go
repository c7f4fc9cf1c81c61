package readstate

import (
	"bytes"
	"mime"
	"os"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func TestGeneratedIsUpToDate(t *testing.T) {
	data, err := os.ReadFile("roles.toml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Source(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("roles_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("roles_gen.go is not what roles.toml says; run go generate")
	}
}

func TestSourceIsStrict(t *testing.T) {
	const head = "[[language]]\ncode='x'\nsource='s'\ndate='2026-01-01'\nconfidence='low'\n"
	for why, data := range map[string]string{
		"unknown key":    head + "colour='red'\n",
		"unknown role":   head + "[language.labels]\nfoo=['a']\n",
		"unknown folder": head + "[language.folders]\nfoo=['a']\n",
		"two meanings":   head + "[language.labels]\nspam=['a']\ntrash=['A']\n",
		"no source":      "[[language]]\ncode='x'\n",
		"empty name":     head + "[language.labels]\nspam=['']\n",
	} {
		if _, err := Source([]byte(data)); err == nil {
			t.Errorf("%s is accepted", why)
		}
	}
}

func TestFolder(t *testing.T) {
	for name, want := range map[string]finding.Folder{
		"INBOX": finding.Inbox, "Junk": finding.Spam, "Junk.sbd/2026": finding.Spam, "迷惑メール": finding.Spam, "Mail/Gelöschte Objekte": finding.Trash,
		"[Gmail].sbd/Sent Mail": finding.Sent, "Spam.mbox": finding.Spam, "apple/Junk.mbox/mbox": finding.Spam, "Entwürfe": finding.Drafts,
		"ＳＰＡＭ": finding.Spam, "ゴミ箱": finding.Trash, "Archives/2024": finding.Archive, "Posta indesiderata": finding.Spam,
		"Takeout/メール/すべてのメール（迷惑メール、ゴミ箱のメールを含む）.mbox": "", "All mail Including Spam and Trash.mbox": "", "spam-filter-list": "", "Amazon": "", "": "",
		"Trash/Inbox": finding.Inbox,
	} {
		if got := Folder(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestSplitLabels(t *testing.T) {
	for in, want := range map[string]string{
		`Inbox,Unread`:             "Inbox|Unread",
		`"a, b",Inbox`:             "a, b|Inbox",
		` Inbox , , Opened `:       "Inbox|Opened",
		`"say \"hi\", you"`:        `say "hi", you`,
		`Kategorie: "Neuigkeiten"`: `Kategorie: "Neuigkeiten"`,
		`"open`:                    "open",
		``:                         "",
	} {
		if got := strings.Join(SplitLabels(in), "|"); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func FuzzSplitLabels(f *testing.F) {
	f.Add(`"a, b",Inbox,Kategorie: "x"`)
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for _, l := range SplitLabels(s) {
			if strings.TrimSpace(l) != l || l == "" {
				t.Fatalf("%q gives the label %q", s, l)
			}
			n += len(l)
		}
		if n > len(s) {
			t.Fatalf("%q gives more than it holds", s)
		}
	})
}

func decode(s string) string {
	out, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		return s
	}
	return out
}

// headers are fields and what they say: seen, opened, folder, labels, "?" for unknown.
var headers = []struct {
	why    string
	fields []string
	want   string
}{
	{"nothing", []string{"From: a"}, ""},
	{"English, unread", []string{"X-GM-THRID: 1", "X-Gmail-Labels: Inbox,Unread"}, "seen false opened false inbox [Inbox Unread]"},
	{"opened and marked as unread again", []string{"X-Gmail-Labels: Inbox,Opened,Unread"}, "seen false opened true inbox [Inbox Opened Unread]"},
	{"marked as read without being opened", []string{"X-Gmail-Labels: Archived,Category Updates"}, "seen true opened false archive [Archived Category Updates]"},
	{"Japanese, encoded", []string{"X-Gmail-Labels: " + mime.BEncoding.Encode("utf-8", `迷惑メール,未読,"買い物, 家"`)}, "seen false opened false spam [迷惑メール 未読 買い物, 家]"},
	{"German", []string{"X-Gmail-Labels: " + mime.QEncoding.Encode("utf-8", `Posteingang,Geöffnet,Kategorie: "Neuigkeiten"`)}, `seen true opened true inbox [Posteingang Geöffnet Kategorie: "Neuigkeiten"]`},
	{"a language that is not known says nothing of seen", []string{"X-Gmail-Labels: Saapuneet"}, "seen ? opened ?  [Saapuneet]"},
	{"sent mail has neither label", []string{"X-Gmail-Labels: Sent"}, "seen ? opened ? sent [Sent]"},
	{"trash wins over inbox", []string{"X-Gmail-Labels: Inbox,Trash,Opened"}, "seen true opened true trash [Inbox Trash Opened]"},
	{"labels that the sender wrote", []string{"Received: from x", "X-Gmail-Labels: Opened,Inbox"}, ""},
	{"Thunderbird", []string{"X-Mozilla-Status: 0003", "X-Mozilla-Status2: 00000000", "X-Mozilla-Keys: $label1  "}, "seen true opened ?  [$label1] replied"},
	{"Thunderbird, expunged", []string{"X-Account-Key: account1", "X-Mozilla-Status: 0008"}, "seen false opened ?  [] deleted"},
	{"a status that the sender wrote", []string{"From: a", "X-Mozilla-Status: 0001"}, ""},
	{"a status that is no number", []string{"X-Mozilla-Status: zz"}, ""},
	{"Exchange delivered to the junk folder", []string{"Received: x", "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;jmr:0;auth:0;dest:J;ENG:(1)"}, "seen ? opened ? spam []"},
}

func TestFromHeader(t *testing.T) {
	for _, c := range headers {
		h := FromHeader(func(yield func(string, string) bool) {
			for _, f := range c.fields {
				name, value, _ := strings.Cut(f, ": ")
				if !yield(name, value) {
					return
				}
			}
		}, decode)
		if got := describe(h.Read); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func describe(r *finding.Read) string {
	if r == nil {
		return ""
	}
	b := func(p *bool) string {
		switch {
		case p == nil:
			return "?"
		case *p:
			return "true"
		}
		return "false"
	}
	s := "seen " + b(r.Seen) + " opened " + b(r.Opened) + " " + string(r.Folder) + " [" + strings.Join(r.Labels, " ") + "]"
	for name, p := range map[string]*bool{"replied": r.Replied, "deleted": r.Deleted} {
		if p != nil && *p {
			s += " " + name
		}
	}
	return s
}

func TestStatus(t *testing.T) {
	if Status("", "") != nil {
		t.Error("no field says something")
	}
	if r := Status("RO", "AF"); !*r.Seen || !*r.Replied || !*r.Flagged || *r.Deleted {
		t.Errorf("RO and AF are %+v", r)
	}
	if r := Status("O", ""); *r.Seen || r.Replied != nil {
		t.Errorf("O is %+v", r)
	}
}

func TestJoin(t *testing.T) {
	yes, no := true, false
	a := &finding.Read{Seen: &no, Folder: finding.Spam, From: []string{"maildir"}, Labels: []string{"x"}}
	b := &finding.Read{Seen: &yes, Opened: &yes, Folder: finding.Inbox, From: []string{"gmail"}, Labels: []string{"x", "y"}}
	if got := describe(Join(a, b)); got != "seen false opened true spam [x y]" {
		t.Errorf("joined: %s", got)
	}
	if Join(nil, b) != b || Join(a, nil) != a || a.Opened != nil {
		t.Error("nil says something, or an argument was changed")
	}
}
