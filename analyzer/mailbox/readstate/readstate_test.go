package readstate

import (
	"bytes"
	"mime"
	"os"
	"slices"
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
	{"a plain list", []string{"X-GM-THRID: 1", "X-Gmail-Labels: Inbox,Unread,Inbox"}, "seen ? opened ?  [Inbox Unread]"},
	{"Japanese, encoded", []string{"X-Gmail-Labels: " + mime.BEncoding.Encode("utf-8", `迷惑メール,未読,"買い物, 家"`)}, "seen ? opened ?  [迷惑メール 未読 買い物, 家]"},
	{"encoded words over two lines", []string{"X-Gmail-Labels: =?UTF-8?Q?=E5=8F=97=E4=BF=A1=E3=83=88=E3=83=AC=E3=82=A4,?= =?UTF-8?Q?=E6=9C=AA=E8=AA=AD?="}, "seen ? opened ?  [受信トレイ 未読]"},
	{"German", []string{"X-Gmail-Labels: " + mime.QEncoding.Encode("utf-8", `Posteingang,Geöffnet,Kategorie: "Neuigkeiten"`)}, `seen ? opened ?  [Posteingang Geöffnet Kategorie: "Neuigkeiten"]`},
	{"labels that the sender wrote", []string{"Received: from x", "X-Gmail-Labels: Opened,Inbox"}, ""},
	{"labels below another field of the mail", []string{"Delivered-To: a", "X-Gmail-Labels: Opened,Inbox"}, ""},
	{"Thunderbird", []string{"X-Mozilla-Status: 0003", "X-Mozilla-Status2: 00000000", "X-Mozilla-Keys: $label1  "}, "seen true opened ?  [$label1] replied"},
	{"Thunderbird, over a Takeout", []string{"X-Mozilla-Status: 0001", "X-GM-THRID: 1", "X-Gmail-Labels: Inbox"}, "seen true opened ?  [Inbox]"},
	{"Thunderbird, expunged", []string{"X-Account-Key: account1", "X-Mozilla-Status: 0008"}, "seen false opened ?  [] deleted"},
	{"a status that the sender wrote", []string{"From: a", "X-Mozilla-Status: 0001"}, ""},
	{"a status above the first Received, but below a field of the mail", []string{"Return-Path: <a@example.com>", "X-Mozilla-Status: 0001", "Received: x"}, ""},
	{"a status that is no number", []string{"X-Mozilla-Status: zz"}, ""},
}

func TestFromHeader(t *testing.T) {
	for _, c := range headers {
		h := FromHeader(written(c.fields), decode)
		if got := describe(h.Read); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
		if labels := Labels(written(c.fields), decode); h.Read != nil && slices.Contains(h.Read.From, "gmail") != (labels != nil) {
			t.Errorf("%s: the labels are %q alone and %q among the fields", c.why, labels, h.Read.Labels)
		}
	}
}

// written are fields as "name: value".
type written []string

func (w written) Len() int { return len(w) }

func (w written) Name(i int) string {
	name, _, _ := strings.Cut(w[i], ": ")
	return name
}

func (w written) Value(i int) string {
	_, value, _ := strings.Cut(w[i], ": ")
	return value
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

func TestLabel(t *testing.T) {
	for name, want := range map[string]finding.Folder{
		"Inbox": finding.Inbox, "受信トレイ": finding.Inbox, "Category Promotions": Category, "カテゴリ: 新着": Category, `Kategorie: "Neuigkeiten"`: Category,
		"Catégorie\u00a0: E-mails personnels": Category, "Messages archivés": finding.Archive, "Inkorg": finding.Inbox, "Odebrane": finding.Inbox,
		"Amazon": "", "Categoryless": "", "": "",
	} {
		if got, ok := Label(name); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestLabelled(t *testing.T) {
	all := map[string]finding.Folder{"受信トレイ": finding.Inbox, "未読": Unread, "開封済み": Opened, "スター付き": Starred, "迷惑メール": finding.Spam, "送信済み": finding.Sent, "家族": ""}
	for _, c := range []struct {
		why    string
		labels []string
		roles  map[string]finding.Folder
		want   string
	}{
		{"no labels on the message", nil, all, ""},
		{"unread", []string{"受信トレイ", "未読"}, all, "seen false opened false inbox []"},
		{"opened", []string{"受信トレイ", "開封済み"}, all, "seen true opened true inbox []"},
		{"opened, then marked as unread again", []string{"受信トレイ", "開封済み", "未読"}, all, "seen false opened true inbox []"},
		{"marked as read without being opened", []string{"受信トレイ"}, all, "seen true opened false inbox []"},
		{"spam wins over the inbox", []string{"受信トレイ", "迷惑メール", "未読"}, all, "seen false opened false spam []"},
		{"no place: archived", []string{"家族", "開封済み"}, all, "seen true opened true archive []"},
		{"what the owner wrote has neither label", []string{"送信済み"}, all, "seen ? opened ? sent []"},
		{"what the owner wrote to himself", []string{"送信済み", "受信トレイ", "未読"}, all, "seen false opened false sent []"},
		{"a mailbox without such labels", []string{"受信トレイ"}, map[string]finding.Folder{"受信トレイ": finding.Inbox}, "seen ? opened ? inbox []"},
		{"an export that knows unread only", []string{"Inbox"}, map[string]finding.Folder{"Inbox": finding.Inbox, "Unread": Unread}, "seen true opened ? inbox []"},
		{"a language that is not known says nothing", []string{"Saapuneet"}, map[string]finding.Folder{"Saapuneet": ""}, "seen ? opened ?  []"},
	} {
		if got := describe(Labelled(c.labels, c.roles)); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestStatus(t *testing.T) {
	if r := Status("RO", "AF"); !*r.Seen || !*r.Replied || !*r.Flagged || *r.Deleted {
		t.Errorf("RO and AF are %+v", r)
	}
	for _, status := range []string{"O", ""} {
		if r := Status(status, ""); *r.Seen || r.Replied != nil {
			t.Errorf("%q is %+v", status, r)
		}
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
