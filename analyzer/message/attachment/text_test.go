package attachment

import (
	"archive/zip"
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// packed makes an archive of members, name and content in turn.
func packed(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// TestText: what a reader sees who opens the file.
func TestText(t *testing.T) {
	for _, c := range []struct {
		why  string
		file File
		want string
	}{
		{"a page, without what it hides", File{Type: "text/html", Data: []byte("<title>Bill</title><p>Pay <i style=display:none>x</i>now")}, "Bill\nPay now"},
		{"a drawing", File{Type: "image/svg+xml", Data: []byte("<svg><text>Pay now</text></svg>")}, "Pay now"},
		{"a calendar entry, folded", File{Type: "text/calendar", Data: []byte("BEGIN:VCALENDAR\r\nSUMMARY:Pay\r\n  now\\, please\r\nUID:x\r\nORGANIZER;CN=Shop:mailto:a@b.example\r\n")}, "Pay now, please\nShop"},
		{"a document", File{Type: office, Data: packed(t, "word/document.xml", "<w:p><w:r><w:t>Pay</w:t></w:r><w:r><w:t xml:space=\"preserve\"> n&#111;w</w:t></w:r></w:p><w:p><w:t>today</w:t></w:p>", "word/styles.xml", "<w:t>no</w:t>")}, "Pay now\ntoday"},
		{"an archive: the names in it, and what the files show", File{Type: "application/zip", Data: packed(t, "a/Bill.html", "<p>Pay now", `b\Pay.pdf`, "")}, "Bill.html\nPay.pdf\nPay now"},
		{"an archive in an archive is a name", File{Type: "application/zip", Data: packed(t, "in.zip", string(packed(t, "Bill.html", "<p>Pay")))}, "in.zip"},
		{"a damaged archive", File{Type: "application/zip", Data: []byte("PK\x03\x04zzz")}, ""},
		{"a picture", File{Type: "image/png", Data: []byte("\x89PNG")}, ""},
	} {
		if got := Text(t.Context(), c.file, limit.Default(), nil); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// TestTextBounded: a document that unpacks without end is read for a while.
func TestTextBounded(t *testing.T) {
	doc := packed(t, "word/document.xml", strings.Repeat("<w:t>word </w:t>", 1<<20))
	if n := len(Text(t.Context(), File{Type: office, Data: doc}, limit.Default(), nil)); n == 0 || n > longestText {
		t.Errorf("%d bytes", n)
	}
}

func TestOfficeLinks(t *testing.T) {
	doc := packed(t, "word/document.xml", "<w:t>see https://b.example/y</w:t>",
		"word/_rels/document.xml.rels", `<Relationships><Relationship Id="1" Target="styles.xml"/><Relationship Id="2" Target="https://a.example/?x=1&amp;y" TargetMode="External"/></Relationships>`)
	found, _ := Links(context.Background(), File{Type: office, Data: doc}, limit.Default(), nil)
	if got, want := targets(found), []string{"https://a.example/?x=1&y", "https://b.example/y"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Links of files in an archive are found as those of the files themselves; of many files the first are looked into.
func TestLinksInArchives(t *testing.T) {
	var many []string
	for range maxArchived + 5 {
		many = append(many, "empty.txt", "")
	}
	for _, c := range []struct {
		why  string
		data []byte
		want []string
	}{
		{"a page", packed(t, "Bill.html", `<a href="https://a.example/x">Pay</a>`), []string{"https://a.example/x"}},
		{"a page behind too many files", packed(t, append(many, "Bill.html", `<a href="https://a.example/x">Pay</a>`)...), nil},
	} {
		found, _ := Links(t.Context(), File{Type: "application/zip", Data: c.data}, limit.Default(), nil)
		if got := targets(found); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("text/calendar", []byte("SUMMARY:a\r\n b"))
	f.Add(office, packed(f, "word/document.xml", "<w:t>a</w:t>"))
	f.Add("application/zip", packed(f, "a", "b"))
	f.Add("application/pdf", pdf("<</Font<</F1 5 0 R>>>>", "5 0 obj<</ToUnicode 6 0 R>>endobj", "6 0 obj<<>>stream\nbegincmap 1 beginbfrange <00> <05> <0041> endbfrange\nendstream", stream(deflated("BT /F1 9 Tf [(a) -300 <01>] TJ ET"))))
	f.Fuzz(func(t *testing.T, typ string, data []byte) {
		if s := Text(t.Context(), File{Type: typ, Data: data}, limit.Default(), nil); len(s) > longestText || strings.ToValidUTF8(s, "") != s {
			t.Fatalf("%d bytes, or no UTF-8", len(s))
		}
	})
}
