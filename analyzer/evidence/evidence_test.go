package evidence

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var names = []struct{ why, name, escaped string }{
	{"plain", "Takeout/Mail/x.mbox", "Takeout/Mail/x.mbox"},
	{"Japanese", "迷惑メール.mbox", "迷惑メール.mbox"},
	{"a backslash", `a\b`, `a\\b`},
	{"what looks escaped", `\x41`, `\\x41`},
	{"bytes that are no UTF-8", "\x83\x81.eml", `\x83\x81.eml`},
	{"control characters of a terminal", "a\x1b[2Jb", `a\x1b[2Jb`},
	{"C1 control characters", "a\u009bb", `a\xc2\x9bb`},
	{"a newline", "a\nb", `a\x0ab`},
	{"the replacement character itself", "\ufffd", "\ufffd"},
	{"empty", "", ""},
}

func TestEscapeName(t *testing.T) {
	for _, c := range names {
		if got := EscapeName(c.name); got != c.escaped {
			t.Errorf("%s: %q, want %q", c.why, got, c.escaped)
		}
	}
}

// FuzzEscapeName: any name comes back, and its escaped form is clean UTF-8 that is unlike any other name's.
func FuzzEscapeName(f *testing.F) {
	for _, c := range names {
		f.Add(c.name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s := EscapeName(name)
		if UnescapeName(s) != name {
			t.Fatalf("%q comes back as %q", name, UnescapeName(s))
		}
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }) {
			t.Fatalf("%q is escaped as %q", name, s)
		}
	})
}

func TestCompare(t *testing.T) {
	sorted := []Location{
		{Path: []string{"a"}, Offset: 5},
		{Path: []string{"a"}, Offset: 10},
		{Path: []string{"a", "m"}},
		{Path: []string{"a b"}},
		{Path: []string{"b"}},
		{Source: 1, Path: []string{"a"}},
	}
	shuffled := slices.Clone(sorted)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, Location.Compare)
	for i := range sorted {
		if shuffled[i].Compare(sorted[i]) != 0 {
			t.Errorf("place %d holds %v, want %v", i, shuffled[i], sorted[i])
		}
	}
	if s := sorted[2].String(); s != "a!m@0" {
		t.Errorf("shown as %q", s)
	}
}

func TestDigest(t *testing.T) {
	d := Sum([]byte("abc"))
	b, err := json.Marshal(struct{ A, B Digest }{A: d})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"A":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","B":""}`; string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	var back struct{ A, B Digest }
	if err := json.Unmarshal(b, &back); err != nil || back.A != d || !back.B.IsZero() {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{`{"A":"ab"}`, `{"A":"` + strings.Repeat("x", 64) + `"}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}
