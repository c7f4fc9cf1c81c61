package finding_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// asJSONWrites is the line of a message by encoding/json.
func asJSONWrites(t testing.TB, m *finding.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(finding.Record{Message: m}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A message with every field set, one with none, and one with objects that are empty are written as encoding/json does: a
// field of a record that our encoder was not told of fails here.
func TestEncodeIsThatOfJSON(t *testing.T) {
	no := false
	for name, m := range map[string]*finding.Message{
		"every field": fullMessage(), "no field": {},
		"empty objects": {
			From: &finding.Address{}, ReplyTo: []finding.Address{{}, {}}, Details: &finding.Details{}, Auth: &finding.Auth{DKIM: []finding.DKIM{{}}, Signatures: []finding.Selector{{}}},
			Signals: []finding.Signal{{}}, Links: []finding.Link{{}, {Chain: []string{""}}}, Attachments: []finding.Attachment{{}}, Read: &finding.Read{Seen: &no},
			Copies: []evidence.Location{{}}, Incidents: []string{""}, Location: evidence.Location{Path: []string{}},
		},
	} {
		if got, want := written(t, m), asJSONWrites(t, m); !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

// Whatever texts, numbers and times a message has, it is written as encoding/json does.
func TestDrawnEncodeIsThatOfJSON(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"plain text of more than eight bytes", "short", "\"", "\\", "\n", "\r", "\t", "\b", "\f", "\x00", "\x1f", "\x7f", "\x80", "\xe3\x80", "日本語", "\u2028", "\u2029", "\u202a",
		"é", "\ufffd", "\U0001f600", "<&>", " ", "1234567\"", "12345678\\", "\xed\xa0\x80",
	})
	text := rapid.Custom(func(t *rapid.T) string {
		s := ""
		for _, p := range rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces") {
			s += p
		}
		return s
	})
	rapid.Check(t, func(rt *rapid.T) {
		at := time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(rt, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(rt, "nanoseconds")).UTC()
		var digest evidence.Digest
		copy(digest[:], rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(rt, "digest"))
		m := &finding.Message{
			ID: text.Draw(rt, "id"), Subject: text.Draw(rt, "subject"), Time: &at, SHA256: digest, MoreCopies: rapid.Int64().Draw(rt, "more"),
			Location: evidence.Location{Path: rapid.SliceOfN(text, 0, 3).Draw(rt, "path"), Offset: rapid.Int64().Draw(rt, "offset"), Source: rapid.Int().Draw(rt, "source")},
			Links:    []finding.Link{{Target: text.Draw(rt, "target"), Chain: rapid.SliceOfN(text, 0, 3).Draw(rt, "chain")}},
		}
		if got, want := written(t, m), asJSONWrites(t, m); !bytes.Equal(got, want) {
			rt.Fatalf("\n got %s\nwant %s", got, want)
		}
	})
}

// FuzzEncode holds the writing of one text to that of encoding/json.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "abc", "abcdefgh\"", "日本\u2028", "\xff\x00\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := &finding.Message{Subject: s}
		if got, want := written(t, m), asJSONWrites(t, m); !bytes.Equal(got, want) {
			t.Fatalf("\n got %s\nwant %s", got, want)
		}
	})
}

// A time that JSON cannot hold is an error, as it is in encoding/json.
func TestImpossibleTimeIsNotWritten(t *testing.T) {
	at := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := finding.Encode(finding.Record{Message: &finding.Message{Time: &at}}); err == nil {
		t.Error("the year 10000 was written")
	}
}
