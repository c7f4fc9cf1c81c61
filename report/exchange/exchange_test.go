package exchange_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/exchange"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

type writer func(context.Context, *finding.File, io.Writer, view.Options) error

func streams() map[string]*reporttest.Stream {
	return map[string]*reporttest.Stream{"takeover": reporttest.Takeover(), "hostile": reporttest.Hostile(), "empty": reporttest.Empty()}
}

func made(t *testing.T, w writer, s *reporttest.Stream) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w(context.Background(), s.File(), &b, view.Options{Lang: view.EN, Zone: reporttest.Tokyo}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Timesketch wants message, datetime and timestamp_desc in every line, and a timestamp that is the same instant.
func TestTimesketch(t *testing.T) {
	for name, s := range streams() {
		n := 0
		last := int64(-1 << 62)
		for line := range bytes.Lines(made(t, exchange.WriteTimesketch, s)) {
			var row struct {
				Message       *string `json:"message"`
				DateTime      string  `json:"datetime"`
				Timestamp     int64   `json:"timestamp"`
				TimestampDesc string  `json:"timestamp_desc"`
			}
			if err := json.Unmarshal(line, &row); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			at, err := time.Parse(time.RFC3339Nano, row.DateTime)
			if err != nil || row.Message == nil || row.TimestampDesc == "" || at.UnixMicro() != row.Timestamp {
				t.Errorf("%s: %v, line %s", name, err, line)
			}
			if row.Timestamp < last {
				t.Errorf("%s: %s stands after a later one", name, row.DateTime)
			}
			last = row.Timestamp
			n++
		}
		want := len(s.Ledger)
		for i := range s.Messages {
			if s.Messages[i].Time != nil {
				want++
			}
		}
		if n != want {
			t.Errorf("%s: %d lines, want %d", name, n, want)
		}
	}
}

var uuid5 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// emailRelations are those of MISP's template of email objects, version 3, with their types.
var emailRelations = map[string]string{
	"reply-to": "email-reply-to", "message-id": "email-message-id", "to": "email-dst", "to-display-name": "email-dst-display-name", "subject": "email-subject",
	"attachment": "email-attachment", "send-date": "datetime", "from": "email-src", "from-display-name": "email-src-display-name",
}

// mispCategories are the categories MISP takes for each type used here (describeTypes.json).
var mispCategories = map[string][]string{
	"email-src": {"Payload delivery"}, "email-dst": {"Payload delivery"}, "email-subject": {"Payload delivery"}, "email-attachment": {"Payload delivery"},
	"email-message-id": {"Payload delivery"}, "email-reply-to": {"Payload delivery"}, "email-src-display-name": {"Payload delivery"},
	"email-dst-display-name": {"Payload delivery"}, "datetime": {"Other"}, "domain": {"Network activity", "Payload delivery"}, "url": {"Network activity", "Payload delivery"},
	"ip-src": {"Network activity", "Payload delivery"},
}

func TestMISP(t *testing.T) {
	type value struct {
		UUID, Type, Category, Value string
		Relation                    string `json:"object_relation"`
	}
	for name, s := range streams() {
		var doc struct {
			Event struct {
				UUID, Info, Date string
				Attribute        []value
				Object           []struct {
					UUID, Name string
					Template   string `json:"template_uuid"`
					Attribute  []value
				}
			}
		}
		if err := json.Unmarshal(made(t, exchange.WriteMISP, s), &doc); err != nil {
			t.Fatal(err)
		}
		e := doc.Event
		if _, err := time.Parse(time.DateOnly, e.Date); err != nil || !uuid5.MatchString(e.UUID) || e.Info == "" {
			t.Errorf("%s: the event is %q of %q with id %q", name, e.Info, e.Date, e.UUID)
		}
		seen := map[string]bool{}
		check := func(v value) {
			if !uuid5.MatchString(v.UUID) || seen[v.UUID] {
				t.Errorf("%s: the id %q is none, or stands twice", name, v.UUID)
			}
			seen[v.UUID] = true
			if !slices.Contains(mispCategories[v.Type], v.Category) || v.Value == "" {
				t.Errorf("%s: type %q in category %q with value %q", name, v.Type, v.Category, v.Value)
			}
		}
		fakes := 0
		for i := range s.Messages {
			if s.Messages[i].Verdict == finding.Impersonation {
				fakes++
			}
		}
		if len(e.Object) != fakes {
			t.Errorf("%s: %d objects for %d fakes", name, len(e.Object), fakes)
		}
		for _, o := range e.Object {
			if o.Name != "email" || !uuid5.MatchString(o.UUID) || o.Template != "a0c666e0-fc65-4be8-b48f-3423d788b552" {
				t.Errorf("%s: object %+v", name, o)
			}
			for _, a := range o.Attribute {
				check(a)
				if emailRelations[a.Relation] != a.Type {
					t.Errorf("%s: relation %q with type %q", name, a.Relation, a.Type)
				}
			}
		}
		for _, a := range e.Attribute {
			check(a)
		}
	}
}

// wantedKeys are the properties that STIX 2.1 requires of the objects written here.
var wantedKeys = map[string][]string{
	"identity": {"created", "modified", "name"}, "indicator": {"created", "modified", "pattern", "pattern_type", "valid_from", "created_by_ref"},
	"observed-data": {"created", "modified", "first_observed", "last_observed", "number_observed", "object_refs"},
	"email-message": {"is_multipart"}, "email-addr": {"value"}, "domain-name": {"value"}, "url": {"value"}, "ipv4-addr": {"value"}, "ipv6-addr": {"value"},
}

func TestSTIX(t *testing.T) {
	pattern := regexp.MustCompile(`^\[(domain-name:value|url:value|email-message:from_ref\.value) = '([^'\\]|\\['\\])+'\]$`)
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	for name, s := range streams() {
		var doc struct {
			Type, ID string
			Objects  []map[string]any
		}
		raw := made(t, exchange.WriteSTIX, s)
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, o := range doc.Objects {
			ids[fmt.Sprint(o["id"])] = true
		}
		if len(ids) != len(doc.Objects) || doc.Type != "bundle" {
			t.Errorf("%s: %d ids for %d objects", name, len(ids), len(doc.Objects))
		}
		for _, o := range doc.Objects {
			kind := fmt.Sprint(o["type"])
			prefix, id, _ := strings.Cut(fmt.Sprint(o["id"]), "--")
			if prefix != kind || !uuid5.MatchString(id) || o["spec_version"] != "2.1" || wantedKeys[kind] == nil {
				t.Errorf("%s: object %v", name, o)
			}
			for _, key := range wantedKeys[kind] {
				if o[key] == nil || o[key] == "" {
					t.Errorf("%s: %s lacks %s", name, o["id"], key)
				}
			}
			for key, v := range o {
				refs, _ := v.([]any)
				if strings.HasSuffix(key, "_ref") {
					refs = []any{v}
				}
				if strings.HasSuffix(key, "_ref") || strings.HasSuffix(key, "_refs") {
					for _, r := range refs {
						if !ids[fmt.Sprint(r)] {
							t.Errorf("%s: %s of %s leads to %v, which is not there", name, key, o["id"], r)
						}
					}
				}
				if key == "created" || key == "modified" || key == "first_observed" || key == "last_observed" || key == "valid_from" || key == "date" {
					if !stamp.MatchString(fmt.Sprint(v)) {
						t.Errorf("%s: %s of %s is %v", name, key, o["id"], v)
					}
				}
			}
			if kind == "indicator" && !pattern.MatchString(fmt.Sprint(o["pattern"])) {
				t.Errorf("%s: the pattern %v", name, o["pattern"])
			}
		}
	}
	// The id of an observable is made as STIX 2.1 §2.9 says.
	s := reporttest.Takeover()
	for i := range s.Messages {
		if s.Messages[i].Verdict == finding.Impersonation {
			s.Messages[i].Auth = &finding.Auth{Client: "198.51.100.3"}
		}
	}
	if !bytes.Contains(made(t, exchange.WriteSTIX, s), []byte(`"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"`)) {
		t.Error("the id of 198.51.100.3 is not that of its value")
	}
}

// No indicator is a brand's own domain, however a fake forges it, and no cell is a formula.
func TestIndicators(t *testing.T) {
	for name, s := range streams() {
		rows, err := csv.NewReader(bytes.NewReader(made(t, exchange.WriteIndicators, s))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if name == "takeover" && len(rows) < 3 {
			t.Errorf("%d rows: the test tests nothing", len(rows))
		}
		for _, row := range rows[1:] {
			if !slices.Contains([]string{"email-src", "domain", "url", "ip-src"}, row[0]) || strings.HasSuffix(row[1], "amazon.co.jp") && row[0] != "url" {
				t.Errorf("%s: %q is an indicator", name, row)
			}
			for _, c := range row {
				if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
					t.Errorf("%s: the cell %q is a formula", name, c)
				}
			}
		}
	}
	s := reporttest.Takeover()
	for i := range s.Messages {
		m := &s.Messages[i]
		m.Auth, m.Signals = nil, nil
		if m.Verdict == finding.Impersonation {
			m.From = &finding.Address{Address: "no-reply@amazon.co.jp"}
		}
	}
	if got := made(t, exchange.WriteIndicators, s); bytes.Contains(got, []byte(",no-reply@amazon.co.jp,")) || bytes.Contains(got, []byte(",amazon.co.jp,")) {
		t.Error("a forged address of the brand is an indicator")
	}
}

// A calendar's lines end in CRLF, are no longer than 75 bytes, and begin and end what they name.
func TestCalendar(t *testing.T) {
	for name, s := range streams() {
		got := string(made(t, exchange.WriteCalendar, s))
		if !strings.HasSuffix(got, "END:VCALENDAR\r\n") || strings.Count(got, "BEGIN:VEVENT") != strings.Count(got, "END:VEVENT") {
			t.Errorf("%s: the calendar is %q", name, got)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				t.Errorf("%s: the line %q", name, line)
			}
		}
		if name == "takeover" && !strings.Contains(got, "BEGIN:VEVENT") {
			t.Error("no day in the calendar: the test tests nothing")
		}
	}
}

// An abuse report is read by what reads mail: words, the report, and the fake as it is stored, whatever stands in it.
func TestARF(t *testing.T) {
	s := reporttest.Takeover()
	i := slices.IndexFunc(s.Messages, func(m finding.Message) bool { return m.Verdict == finding.Impersonation && len(m.Links) > 0 })
	m := s.Messages[i]
	m.ReturnPath = "<x@example.test>\r\nBcc: all@example.test"
	stored := []byte("From: x\n\n--mailaudit-" + m.SHA256.String() + "\nbody\x00" + strings.Repeat("y", 2000) + "\n")
	var b bytes.Buffer
	if err := exchange.WriteARF(&b, &m, stored, []string{"reportascam@amazon.com", "x\r\nBcc: y@example.test"}, "1.0 beta", "Fake\r\nBcc: z@example.test", "See below.\n"); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || got.Header.Get("To") != "reportascam@amazon.com" {
		t.Errorf("the header is %v", got.Header)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["report-type"] != "feedback-report" {
		t.Fatalf("%q, %v, %v", kind, params, err)
	}
	var kinds []string
	r := multipart.NewReader(got.Body, params["boundary"])
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, part.Header.Get("Content-Type"))
		switch part.Header.Get("Content-Type") {
		case "message/feedback-report":
			fields, err := mail.ReadMessage(bytes.NewReader(append(body, "\r\n\r\n"...)))
			if err != nil || fields.Header.Get("Feedback-Type") != "fraud" || fields.Header.Get("Version") != "1" || fields.Header.Get("User-Agent") == "" || fields.Header.Get("Bcc") != "" {
				t.Errorf("the report is %q, %v", body, err)
			}
		case "message/rfc822":
			if want := strings.ReplaceAll(string(stored), "\n", "\r\n"); string(body) != want {
				t.Errorf("the fake is %.80q, want %.80q", body, want)
			}
		}
	}
	if want := []string{"text/plain; charset=utf-8", "message/feedback-report", "message/rfc822"}; !slices.Equal(kinds, want) {
		t.Errorf("parts %q, want %q", kinds, want)
	}
}

// Every place has its source; a brand's place takes the fakes of that brand alone.
func TestPlaces(t *testing.T) {
	places, err := exchange.Places()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		if p.Country != "" && (p.In(view.JA) == "" || p.In(view.EN) == "") {
			t.Errorf("%s has no name", p.Address)
		}
	}
}
