package message

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// drawStructure draws a message of lines that structures are made of.
func drawStructure(t *rapid.T) string {
	boundary := rapid.SampledFrom([]string{"b1", "b2", "b1c", "----=_Part_1", "----=_Part_2", "a.b", "b 1", "x", ""})
	line := rapid.Custom(func(t *rapid.T) string {
		b := boundary.Draw(t, "boundary")
		return rapid.SampledFrom([]string{
			"--" + b, "--" + b + "--", "--" + b + "x", "----" + b, " --" + b, "", "", "text " + b, "Content-Type: text/plain", "Content-Type: text/html",
			"Content-Type: multipart/mixed; boundary=" + b, `Content-Type: multipart/alternative; boundary="` + b + `"`,
			"Content-Type: text/plain; charset=utf-8", `Content-Type: text/plain; name="a;b"`, "Content-Type: text/plain;;", "Content-Type : text/html",
			"content-type: Text/HTML", "Content-Type: text/html (a)", "Content-Type: text", "Content-Transfer-Encoding: quoted-printable", " continued", "X: y",
			"Content-Type: multipart/mixed;\n boundary=" + b + "; boundary=b2", "Content-Type: multipart/mixed; boundary*0=b; boundary*1=1",
			"Content-Type: message/rfc822", `Content-Disposition: attachment; filename="` + b + `"`, "Content-Transfer-Encoding: base64",
		}).Draw(t, "line")
	})
	end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
	return strings.Join(append([]string{"From: a@example.com"}, rapid.SliceOfN(line, 1, 14).Draw(t, "lines")...), end)
}

// secondReading asks enmime about raw, regular or not.
func secondReading(raw []byte) (regular bool, doubts []Defect) {
	lim := limit.Default()
	p := &parse{m: &Message{}, lim: lim, budget: &budget{work: lim.Work, memory: new(Memory)}, has: map[string]bool{}}
	raw = lineEnds(raw, 0)
	p.header(raw)
	parts, leaves := p.walk(raw)
	regular = p.regular
	p.m.Defects, p.has = nil, map[string]bool{}
	p.agree(raw, parts, leaves)
	return regular, p.m.Defects
}

func TestRegular(t *testing.T) {
	alternatives := func(b string) string {
		return mail("MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\""+b+"\"\n",
			"--"+b+"\nContent-Type: text/plain\n\na\n--"+b+"\nContent-Type: text/html; charset=utf-8\n\n<p>a\n--"+b+"--\n")
	}
	plain := alternatives("b1")
	for _, c := range []struct {
		name string
		raw  string
		want bool
	}{
		{"text without any field about the content", mail("", "hello"), true},
		{"two alternatives", plain, true},
		{"a part without a header", strings.Replace(plain, "Content-Type: text/plain\r\n", "", 1), true},
		{"a file name in the form of RFC 2231", strings.Replace(plain, "text/plain", "text/plain; name*=utf-8''%61", 1), true},
		{"a comment in a type", strings.Replace(plain, "text/plain", "text/plain (a)", 1), false},
		{"a lost semicolon", strings.Replace(plain, "text/plain", "text/plain name=a", 1), false},
		{"a value with blanks and without quotes", strings.Replace(plain, "text/plain", "text/plain; name=a b", 1), false},
		{"a parameter twice", strings.Replace(plain, "text/plain", "text/plain; name=a; name=b", 1), false},
		{"a field twice", strings.Replace(plain, "Content-Type: text/plain", "Content-Type: text/plain\r\nContent-Type: text/html", 1), false},
		{"a type without a subtype", strings.Replace(plain, "text/plain", "text", 1), false},
		{"a multipart in base64", strings.Replace(plain, "MIME-Version: 1.0", "Content-Transfer-Encoding: base64", 1), false},
		{"a boundary with a blank", alternatives("b 1"), false},
		{"a boundary that begins another", strings.Replace(plain, "text/plain\r\n\r\na", "multipart/mixed; boundary=b1c\r\n\r\n--b1c\r\n\r\na\r\n--b1c--", 1), false},
		{"a multipart that is not closed", strings.Replace(plain, "--b1--", "", 1), false},
		{"parts behind the end", plain + "--b1\r\n\r\nmore", false},
		{"a header without its end", strings.Replace(plain, "Content-Type: text/plain\r\n\r\na", "Content-Type: text/plain", 1), false},
		{"an encoding that nobody knows", strings.Replace(plain, "Content-Type: text/plain", "Content-Transfer-Encoding: x-own", 1), false},
	} {
		if got, _ := secondReading([]byte(c.raw)); got != c.want {
			t.Errorf("%s: regular is %v", c.name, got)
		}
	}
}

// Mail that is called regular is read by enmime as the walker reads it: drawn messages.
func TestRegularMailHasOneReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := drawStructure(t)
		if regular, doubts := secondReading([]byte(raw)); regular && len(doubts) > 0 {
			t.Fatalf("%q: %v", raw, doubts)
		}
	})
}

// The same of whatever bytes.
func FuzzRegular(f *testing.F) {
	for _, c := range parseTests {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if regular, doubts := secondReading(raw); regular && len(doubts) > 0 {
			t.Fatal(doubts)
		}
	})
}

// The same of real mail, most of which is regular.
func TestRealMailIsRegular(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/mail/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no corpus beside the project")
	}
	n := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		regular, doubts := secondReading(raw)
		if regular {
			n++
			if i := slices.IndexFunc(doubts, func(d Defect) bool { return d.Kind == StructureDoubt }); i >= 0 {
				t.Errorf("%s: %v", filepath.Base(f), doubts[i])
			}
		}
	}
	if n*10 < len(files)*8 {
		t.Errorf("%d of %d messages are regular", n, len(files))
	}
	t.Logf("%d of %d messages are regular", n, len(files))
}
