package message

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// alternatives is a message of two parts with a boundary.
func alternatives(boundary string) string {
	return "From: a@example.com\r\nContent-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary +
		"\r\nContent-Type: text/plain\r\n\r\na\r\n--" + boundary + "\r\nContent-Type: text/html\r\n\r\n<p>a\r\n--" + boundary + "--\r\n"
}

// Structures that differ in boundaries alone are asked for once; any other difference is another structure.
func TestStructuresAreRemembered(t *testing.T) {
	for _, c := range []struct {
		name   string
		raw    []string
		memory int
	}{
		{"boundaries of one shape", []string{alternatives("----=_Part_1_2.3"), alternatives("----=_Part_44_55.66"), alternatives("----=_Part_1_2.3")}, 1},
		{"boundaries of two shapes", []string{alternatives("000000000000a1"), alternatives("----=_Part_1")}, 2},
		{"another type", []string{alternatives("b1"), strings.Replace(alternatives("b2"), "text/html", "text/calendar", 1)}, 2},
		{"a boundary that is named elsewhere", []string{strings.Replace(alternatives("b123"), "text/plain", "text/plain; name=b123", 1)}, 0},
		{"a boundary with a space", []string{alternatives("b 1")}, 0},
		{"a boundary of one letter, which stands everywhere", []string{alternatives("a")}, 0},
		{"a boundary that begins another", []string{strings.Replace(alternatives("ab"), "text/plain\r\n\r\na", "multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\na\r\n--abc--", 1)}, 0},
		{"a message that knows how skeletons are made", []string{alternatives("x" + skeletonMark + "0")}, 0},
	} {
		var m Memory
		for _, raw := range c.raw {
			want := Parse([]byte(raw), Options{})
			if got := Parse([]byte(raw), Options{Memory: &m}); !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, want)
			}
		}
		if len(m.structures) != c.memory {
			t.Errorf("%s: %d structures are remembered, want %d", c.name, len(m.structures), c.memory)
		}
	}
	var m Memory
	for i := range 2 * maxStructures {
		Parse(fmt.Appendf(nil, "From: a@example.com\r\nContent-Type: text/x-%d\r\n\r\na", i), Options{Memory: &m})
	}
	if len(m.structures) > maxStructures {
		t.Errorf("%d structures are remembered", len(m.structures))
	}
}

// What is remembered changes no message: drawn messages whose boundaries are alike, begin with one another, are declared
// twice, named in other fields or not there at all.
func TestMemoryChangesNoMessage(t *testing.T) {
	boundary := rapid.SampledFrom([]string{"b1", "b2", "b1c", "----=_Part_1", "----=_Part_2", "a.b", "b 1", "x", ""})
	line := rapid.Custom(func(t *rapid.T) string {
		b := boundary.Draw(t, "boundary")
		return rapid.SampledFrom([]string{
			"--" + b, "--" + b + "--", "--" + b + "x", "----" + b, " --" + b, "", "", "text " + b, "Content-Type: text/plain", "Content-Type: text/html",
			"Content-Type: multipart/mixed; boundary=" + b, `Content-Type: multipart/alternative; boundary="` + b + `"`,
			"Content-Type: multipart/mixed;\n boundary=" + b + "; boundary=b2", "Content-Type: multipart/mixed; boundary*0=b; boundary*1=1",
			"Content-Type: message/rfc822", `Content-Disposition: attachment; filename="` + b + `"`, "Content-Transfer-Encoding: base64",
		}).Draw(t, "line")
	})
	rapid.Check(t, func(t *rapid.T) {
		var m Memory
		for range rapid.IntRange(1, 6).Draw(t, "messages") {
			raw := strings.Join(append([]string{"From: a@example.com"}, rapid.SliceOfN(line, 1, 14).Draw(t, "lines")...), "\n")
			got, want := Parse([]byte(raw), Options{Memory: &m}), Parse([]byte(raw), Options{})
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q\n got %+v\nwant %+v", raw, got, want)
			}
		}
	})
}

// The same with real mail, read twice.
func TestMemoryChangesNoRealMessage(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/mail/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no corpus beside the project")
	}
	var m Memory
	for range 2 {
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := Parse(raw, Options{Memory: &m}), Parse(raw, Options{}); !reflect.DeepEqual(got, want) {
				t.Errorf("%s is read otherwise", filepath.Base(f))
			}
		}
	}
}
