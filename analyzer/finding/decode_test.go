package finding_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// written is the line of a message as Writer writes it.
func written(t testing.TB, m *finding.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	w := finding.NewWriter(&b)
	for _, r := range []finding.Record{{Config: &finding.Config{Protocol: finding.Protocol}}, {Message: m}} {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	_, line, _ := bytes.Cut(b.Bytes(), []byte("\n"))
	return line
}

func byJSON(line []byte) (*finding.Message, error) {
	var r finding.Record
	err := json.Unmarshal(line, &r)
	return r.Message, err
}

// fullMessage has every field set.
func fullMessage() *finding.Message {
	for _, r := range full() {
		if r.Message != nil {
			return r.Message
		}
	}
	return nil
}

// A message with every field set, and one with none, is read by the decoder of the canonical form as by encoding/json: a
// field of a record that this decoder was not told of fails here.
func TestDecodeKnowsEveryKey(t *testing.T) {
	none := &finding.Message{}
	none.Location.Path = []string{}
	for name, m := range map[string]*finding.Message{"every field": fullMessage(), "no field": none} {
		line := written(t, m)
		got := finding.DecodeCanonical(line)
		if got == nil {
			t.Fatalf("%s: not read as canonical: %s", name, line)
		}
		want, err := byJSON(line)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-json +canonical):\n%s", name, d)
		}
	}
}

// Whatever texts, numbers and times a message has, what Writer writes is canonical and read as encoding/json reads it.
func TestWhatIsWrittenIsCanonical(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := func(name string) string { return rapid.String().Draw(rt, name) }
		texts := func(name string) []string { return rapid.SliceOfN(rapid.String(), 1, 3).Draw(rt, name) }
		at := time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(rt, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(rt, "nanoseconds"))
		const most = 999_999_999_999_999_999
		line := written(t, &finding.Message{
			ID: text("id"), Subject: text("subject"), From: &finding.Address{Name: text("name"), Address: text("address")}, Time: &at,
			Location: evidence.Location{Path: texts("path"), Offset: rapid.Int64Range(-most, most).Draw(rt, "offset")}, Incidents: texts("incidents"),
			Links: []finding.Link{{Shown: text("shown"), Official: rapid.Bool().Draw(rt, "official")}, {Target: text("target")}},
		})
		got := finding.DecodeCanonical(line)
		if got == nil {
			rt.Fatalf("not read as canonical: %s", line)
		}
		want, err := byJSON(line)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Errorf("(-json +canonical):\n%s", d)
		}
	})
}

// notCanonical are lines that the decoder of the canonical form leaves to encoding/json, which reads some of them.
func notCanonical() map[string]string {
	return map[string]string{
		"white space":                `{"message": {"id":"m-1","location":{"path":[],"offset":1,"length":2}}}`,
		"another order of keys":      `{"message":{"verdict":"genuine","id":"m-1"}}`,
		"a key of a later version":   `{"message":{"id":"m-1","colour":"red"}}`,
		"a key twice":                `{"message":{"id":"m-1","id":"m-2"}}`,
		"a key in capitals":          `{"message":{"ID":"m-1"}}`,
		"null":                       `{"message":{"id":"m-1","time":null}}`,
		"half of a character":        `{"message":{"id":"m-1","subject":"\ud83d"}}`,
		"both halves of a character": `{"message":{"id":"m-1","subject":"\ud83d\ude00"}}`,
		"bytes that are no UTF-8":    "{\"message\":{\"id\":\"m-1\",\"subject\":\"\xff\"}}",
		"a control character":        "{\"message\":{\"id\":\"m\x01\"}}",
		"an unknown escape":          `{"message":{"id":"m-\x"}}`,
		"a fraction":                 `{"message":{"id":"m-1","more_copies":1.0}}`,
		"an exponent":                `{"message":{"id":"m-1","more_copies":1e3}}`,
		"a leading zero":             `{"message":{"id":"m-1","more_copies":01}}`,
		"nothing negative":           `{"message":{"id":"m-1","more_copies":-0}}`,
		"more digits than expected":  `{"message":{"id":"m-1","more_copies":9223372036854775807}}`,
		"a number without digits":    `{"message":{"id":"m-1","more_copies":-}}`,
		"an escape in a time":        `{"message":{"id":"m-1","time":"2026-02-03T04:05:06\u005a"}}`,
		"a time that is none":        `{"message":{"id":"m-1","time":"2026-02-30T04:05:06Z"}}`,
		"a digest of a few digits":   `{"message":{"id":"m-1","sha256":"ab"}}`,
		"an object without end":      `{"message":{"id":"m-1"`,
		"a string without end":       `{"message":{"id":"m-1`,
		"an escape without end":      `{"message":{"id":"m-1\`,
		"a list without end":         `{"message":{"id":"m-1","incidents":["a"`,
		"a comma too many":           `{"message":{"id":"m-1",}}`,
		"a comma at the start":       `{"message":{,"id":"m-1"}}`,
		"something behind it":        `{"message":{"id":"m-1"}} 1`,
		"another record":             `{"problem":{"location":{"path":[],"offset":0,"length":0},"stage":"io","reason":"r","lost":false}}`,
		"nothing":                    ``,
	}
}

func TestNotCanonical(t *testing.T) {
	for name, line := range notCanonical() {
		if m := finding.DecodeCanonical([]byte(line)); m != nil {
			t.Errorf("%s: read as canonical, as %+v", name, m)
		}
	}
}

// A stream that another program wrote is read like ours.
func TestForeignForm(t *testing.T) {
	line := written(t, fullMessage())
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, line, "", ""); err != nil {
		t.Fatal(err)
	}
	stream := `{"config":{"protocol":"1","version":"","rules_digest":""}}` + "\n" + strings.ReplaceAll(spaced.String(), "\n", " ")
	f, err := finding.Open(strings.NewReader(stream), int64(len(stream)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Message(0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(finding.DecodeCanonical(line), got); d != "" {
		t.Errorf("(-ours +foreign):\n%s", d)
	}
}

// What the decoder of the canonical form reads, encoding/json reads as the same.
func FuzzDecodeCanonical(f *testing.F) {
	f.Add(written(f, fullMessage()))
	f.Add([]byte(`{"message":{"id":"m-\"\\\/\b\f\n\r\t\u3042\u2028","sha256":"","location":{"path":[],"offset":-1,"length":0},"verdict":"","rule":"","content_risk":""}}`))
	for _, line := range notCanonical() {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got := finding.DecodeCanonical(line)
		if got == nil {
			return
		}
		want, err := byJSON(line)
		if err != nil {
			t.Fatalf("read what is no record: %v", err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-json +canonical):\n%s", d)
		}
	})
}

func BenchmarkDecodeMessage(b *testing.B) {
	line := written(b, fullMessage())
	for name, decode := range map[string]func() error{
		"canonical": func() error { finding.DecodeCanonical(line); return nil },
		"json":      func() error { _, err := byJSON(line); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
