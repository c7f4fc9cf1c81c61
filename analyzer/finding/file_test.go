package finding_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func write(t *testing.T, records []finding.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w := finding.NewWriter(&b)
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, b []byte) *finding.File {
	t.Helper()
	f, err := finding.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What was written is read back whole, by kind, by number and by id.
func TestRoundTrip(t *testing.T) {
	records := full()
	f := open(t, write(t, records))
	m, err := f.Message(0)
	if err != nil {
		t.Fatal(err)
	}
	var problem *finding.Problem
	if err := f.Problems(func(p *finding.Problem) error { problem = p; return nil }); err != nil {
		t.Fatal(err)
	}
	got := []finding.Record{
		{Config: f.Config()}, {Summary: f.Summary()}, {Source: f.Sources()[0]}, {Profile: f.Profile()},
		{Attention: f.Attention()[0]}, {Incident: f.Incidents()[0]}, {Series: f.Series()[0]}, {Ledger: f.Ledger()[0]}, {Rule: f.Rules()[0]},
		{Message: m}, {Problem: problem},
	}
	if d := cmp.Diff(records, got); d != "" {
		t.Errorf("read back differs (-written +read):\n%s", d)
	}
	if byID, err := f.ByID(m.ID); err != nil || !cmp.Equal(byID, m) {
		t.Errorf("ByID: %v, %v", byID, err)
	}
	if none, err := f.ByID("m-none"); none != nil || err != nil {
		t.Errorf("an unknown id gives %v, %v", none, err)
	}
}

// Many messages with problems among them come back in order, each by its number and id.
func TestOrderAndIndex(t *testing.T) {
	records := full()[:1]
	const n = 3000
	for i := range n {
		records = append(records, finding.Record{Message: &finding.Message{ID: fmt.Sprintf("m-%016x", i*7919), Subject: strings.Repeat("件", i%50)}})
		if i%10 == 0 {
			records = append(records, finding.Record{Problem: &finding.Problem{Stage: "io", Reason: fmt.Sprint(i)}})
		}
	}
	f := open(t, write(t, records))
	if f.Len() != n || f.ProblemCount() != n/10 {
		t.Fatalf("%d messages, %d problems", f.Len(), f.ProblemCount())
	}
	next := 0
	err := f.Messages(func(i int, m *finding.Message) error {
		if i != next || m.ID != fmt.Sprintf("m-%016x", i*7919) {
			t.Fatalf("message %d is %s", i, m.ID)
		}
		next++
		return nil
	})
	if err != nil || next != n {
		t.Errorf("visited %d: %v", next, err)
	}
	for i := 0; i < n; i += 97 {
		if at, ok := f.Index(fmt.Sprintf("m-%016x", i*7919)); !ok || at != i {
			t.Errorf("Index of message %d: %d %v", i, at, ok)
		}
	}
	stop := errors.New("stop")
	if err := f.Messages(func(i int, _ *finding.Message) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a visitor's error is returned as it is, got %v", err)
	}
}

func TestOpen(t *testing.T) {
	const config = `{"config":{"protocol":"1","version":"v","rules_digest":""}}` + "\n"
	cases := []struct {
		name, in string
		want     error
	}{
		{"an empty file is no stream", "", finding.ErrNotFindings},
		{"a stream starts with its config", `{"message":{"id":"m-1"}}`, finding.ErrNotFindings},
		{"another protocol is refused, not guessed at", `{"config":{"protocol":"2"}}`, finding.ErrProtocol},
		{"text is no record", config + "hello\n", finding.ErrLine},
		{"a line cut off is an error, not an end", config + `{"message":{"verdict":"genu`, finding.ErrLine},
		{"a line holds one record", config + `{"rule":{},"source":{}}`, finding.ErrLine},
		{"kinds of a later version are passed over", config + `{"weather":{"sun":true}}` + "\n" + `{"message":{"id":"m-1","mood":3}}`, nil},
		{"empty lines and a last line without end are fine", "\n" + config + "\n\n" + `{"rule":{"id":"A1"}}`, nil},
		{"keys of a message may stand in another order", config + `{"message":{"verdict":"genuine","id":"m-1"}}`, nil},
		{"Windows line ends are white space", strings.ReplaceAll(config, "\n", "\r\n") + `{"rule":{"id":"A1"}}` + "\r\n", nil},
	}
	for _, c := range cases {
		_, err := finding.Open(strings.NewReader(c.in), int64(len(c.in)))
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// endless is a stream of one line that never ends.
type endless struct{}

func (endless) ReadAt(p []byte, _ int64) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A line beyond the limit is refused before it fills memory.
func TestLongLine(t *testing.T) {
	if _, err := finding.Open(endless{}, 1<<40); !errors.Is(err, finding.ErrLine) {
		t.Errorf("got %v", err)
	}
}

func TestWriterOrder(t *testing.T) {
	config, rule, message := finding.Record{Config: &finding.Config{}}, finding.Record{Rule: &finding.Rule{}}, finding.Record{Message: &finding.Message{}}
	problem := finding.Record{Problem: &finding.Problem{}}
	cases := []struct {
		name string
		in   []finding.Record
		ok   bool
	}{
		{"messages and problems mix", []finding.Record{config, message, problem, message}, true},
		{"config comes first", []finding.Record{rule}, false},
		{"there is one config", []finding.Record{config, config}, false},
		{"a rule after a message is out of place", []finding.Record{config, message, rule}, false},
		{"an empty record has no kind", []finding.Record{config, {}}, false},
		{"two kinds in one record are none", []finding.Record{config, {Rule: &finding.Rule{}, Message: &finding.Message{}}}, false},
	}
	for _, c := range cases {
		w := finding.NewWriter(&bytes.Buffer{})
		var err error
		for _, r := range c.in {
			if err == nil {
				err = w.Write(r)
			}
		}
		if (err == nil) != c.ok || err != nil && !errors.Is(err, finding.ErrOrder) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Times are written in UTC whatever zone they carry, markup stands as it is, and the caller's record is left alone.
func TestWriterBytes(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	at := time.Date(2026, 2, 3, 13, 5, 6, 0, tokyo)
	m := &finding.Message{ID: "m-1", Time: &at, Subject: "<b> & \u2028"}
	records := []finding.Record{
		{Config: &finding.Config{Protocol: "1", AsOf: &at}},
		{Attention: &finding.Attention{Why: finding.Text{ID: "x", Args: map[string]any{"b": at, "a": 1}}}},
		{Message: m},
	}
	got := string(write(t, records))
	for _, want := range []string{`"as_of":"2026-02-03T04:05:06Z"`, `"args":{"a":1,"b":"2026-02-03T04:05:06Z"}`, `"time":"2026-02-03T04:05:06Z"`, `"subject":"<b> & \u2028"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if m.Time.Location() != tokyo {
		t.Error("the writer changed the record it was given")
	}
}

// Whatever Open accepts can be read to its end, by number and by id, and what it refuses it refuses with one of its errors.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"config":{"protocol":"1"}}` + "\n" + `{"message":{"id":"m-1"}}` + "\n" + `{"problem":{"stage":"io"}}`))
	f.Add([]byte(`{"config":{"protocol":"1"}}` + "\n" + `{"message":{"id":"m\"1"}}` + "\r\n\n" + `{"x":1}`))
	f.Add([]byte(`{"config":{"protocol":"1"}}` + `{"message":{"id":"m-1"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := finding.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if !errors.Is(err, finding.ErrNotFindings) && !errors.Is(err, finding.ErrProtocol) && !errors.Is(err, finding.ErrLine) {
				t.Fatalf("unnamed error %v", err)
			}
			return
		}
		n := 0
		err = file.Messages(func(i int, m *finding.Message) error {
			n++
			if at, ok := file.Index(m.ID); !ok || at > i {
				t.Fatalf("message %d with id %q is at %d, %v", i, m.ID, at, ok)
			}
			return nil
		})
		if err == nil && n != file.Len() {
			t.Fatalf("%d of %d messages visited", n, file.Len())
		}
	})
}
