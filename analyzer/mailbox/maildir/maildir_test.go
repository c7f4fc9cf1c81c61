package maildir

import (
	"strings"
	"testing"
)

var names = []struct {
	name, unique, flags string
	info                bool
}{
	{"1.M2P3.host:2,S", "1.M2P3.host", "S", true},
	{"1.M2P3.host:2,", "1.M2P3.host", "", true},
	{"1.M2P3.host;2,RDF,", "1.M2P3.host", "RDF,", true},
	{"1.M2P3.host!2,FS", "1.M2P3.host", "FS", true},
	{"1.M2P3.host_2,S", "1.M2P3.host", "S", true},
	{"1.M2P3.host-2,S", "1.M2P3.host", "S", true},
	{"1.M2P3.host,S=1000,W=1030:2,STln", "1.M2P3.host,S=1000,W=1030", "STln", true},
	{"1.M2P3.host", "1.M2P3.host", "", false},
	{"1.M2P3.host:1,S", "1.M2P3.host:1,S", "", false},
	{"1_2,5.host", "1_2,5.host", "", false},
	{":2,S", ":2,S", "", false},
	{"", "", "", false},
}

func TestParseName(t *testing.T) {
	for _, c := range names {
		n := ParseName(c.name)
		if n.Unique != c.unique || n.Flags != c.flags || n.Info != c.info {
			t.Errorf("%q: %+v, want %q %q %v", c.name, n, c.unique, c.flags, c.info)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, c := range names {
		f.Add(c.name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n := ParseName(name)
		if n.Info && name != n.Unique+name[len(n.Unique):len(n.Unique)+3]+n.Flags || !n.Info && n.Unique != name {
			t.Fatalf("%q is not %+v", name, n)
		}
	})
}

func TestRead(t *testing.T) {
	keywords := ParseKeywords([]byte("0 $Junk\r\n1 $Forwarded\nx y\n99 z\n27 w\n"))
	for _, c := range []struct {
		why, name string
		isNew     bool
		seen      string
		labels    string
	}{
		{"a message in new was never looked at", "1.a", true, "false", ""},
		{"one in cur without flags part was copied: unknown", "1.a", false, "unknown", ""},
		{"flags without S", "1.a:2,R", false, "false", ""},
		{"S", "1.a:2,RS", false, "true", ""},
		{"some programs leave mail in new with flags", "1.a:2,S", true, "true", ""},
		{"keywords of Dovecot", "1.a:2,Sabc", false, "true", "$Junk $Forwarded"},
	} {
		r := ParseName(c.name).Read(c.isNew, keywords)
		seen, labels := "unknown", ""
		if r != nil {
			seen = map[bool]string{true: "true", false: "false"}[*r.Seen]
			labels = strings.Join(r.Labels, " ")
			if strings.Contains(labels, "$Forwarded") != (r.Forwarded != nil && *r.Forwarded) {
				t.Errorf("%s: forwarded is wrong", c.why)
			}
			if r.Opened != nil {
				t.Errorf("%s: opened is known", c.why)
			}
		}
		if seen != c.seen || labels != c.labels {
			t.Errorf("%s: seen %s, labels %q, want %s, %q", c.why, seen, labels, c.seen, c.labels)
		}
	}
}

func TestDecodeName(t *testing.T) {
	for in, want := range map[string]string{
		"&j,dg0TDhMPww6w-":      "迷惑メール",
		"INBOX":                 "INBOX",
		"R&-D":                  "R&D",
		"R&D":                   "R&D",
		"&AOk-t&AOk-":           "été",
		"&2D3eAA-":              "😀",
		"&!!-":                  "&!!-",
		"&AAo-":                 "&AAo-",
		"&":                     "&",
		"迷惑メール":                 "迷惑メール",
		"Entw&APw-rfe":          "Entwürfe",
		"&j,dg0TDhMPww6w-/2026": "迷惑メール/2026",
	} {
		if got := DecodeName(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got, ok := FolderName(".Archive.&j,dg0TDhMPww6w-"); !ok || got != "Archive/迷惑メール" {
		t.Errorf("folder %q, %v", got, ok)
	}
}

func FuzzDecodeName(f *testing.F) {
	f.Add("&j,dg0TDhMPww6w-")
	f.Add("R&-D")
	f.Fuzz(func(t *testing.T, s string) {
		got := DecodeName(s)
		if !strings.Contains(s, "&") && got != s {
			t.Fatalf("%q became %q", s, got)
		}
		if len(got) > 2*len(s)+8 {
			t.Fatalf("%q grew to %q", s, got)
		}
	})
}
