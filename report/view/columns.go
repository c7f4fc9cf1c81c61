package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Value is one cell of a table: text already made safe, a time or a number. The zero Value is an empty cell: unknown, or
// not applicable.
type Value struct {
	Kind ValueKind
	Text string
	Time time.Time
	N    int64
}

// ValueKind tells which field of a Value counts.
type ValueKind uint8

// Kinds of values.
const (
	NoValue ValueKind = iota
	TextValue
	TimeValue // in the report's zone
	UTCValue  // in UTC
	NumberValue
	DecimalValue // a sum of money: Text holds its digits and point
)

// TextOf is a text cell; empty for "".
func TextOf(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{Kind: TextValue, Text: s}
}

// NumberOf is a number cell.
func NumberOf(n int64) Value { return Value{Kind: NumberValue, N: n} }

// DecimalOf is a cell of a decimal number such as 1234.50; text where s is none.
func DecimalOf(s string) Value {
	whole, frac, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if !digits(whole) || point && !digits(frac) || len(s) > 15 {
		return TextOf(SafeN(s, MaxCell))
	}
	return Value{Kind: DecimalValue, Text: s}
}

// UTCOf is a time cell in UTC; empty for nil.
func UTCOf(t *time.Time) Value {
	if t == nil {
		return Value{}
	}
	return Value{Kind: UTCValue, Time: t.UTC()}
}

// String is the value as plain text; times as 2026-02-03 13:05:06 in the zone they carry.
func (v Value) String() string {
	switch v.Kind {
	case TextValue, DecimalValue:
		return v.Text
	case NumberValue:
		return strconv.FormatInt(v.N, 10)
	case TimeValue, UTCValue:
		return v.Time.Format("2006-01-02 15:04:05")
	}
	return ""
}

// Column is one column of the table of messages.
type Column struct {
	ID    string  // its heading is the text "column." + ID
	Width float64 // in characters of the workbook's font
	Value func(r *Report, m *finding.Message) Value
}

// MaxCell is how many characters of one value a table of messages shows. Excel bears 32,767.
const MaxCell = 2000

func text(f func(r *Report, m *finding.Message) string) func(*Report, *finding.Message) Value {
	return func(r *Report, m *finding.Message) Value { return TextOf(f(r, m)) }
}

func raw(f func(m *finding.Message) string) func(*Report, *finding.Message) Value {
	return func(_ *Report, m *finding.Message) Value { return TextOf(SafeN(f(m), MaxCell)) }
}

// TimeColumns, and the columns that follow, are the ones every table of messages starts with.
func leadColumns() []Column {
	return []Column{
		{"time", 17, func(r *Report, m *finding.Message) Value { return r.local(m.Time) }},
		{"time_utc", 17, func(_ *Report, m *finding.Message) Value { return UTCOf(m.Time) }},
		{"verdict", 14, text(func(r *Report, m *finding.Message) string { return r.VerdictOf(m) })},
		{"event", 26, text(func(r *Report, m *finding.Message) string { return r.Event(m.Event) })},
		{"severity", 9, text(func(r *Report, m *finding.Message) string { return r.Severity(m.Severity) })},
		{"from_name", 20, raw(func(m *finding.Message) string { return from(m).Name })},
		{"from_address", 32, text(func(_ *Report, m *finding.Message) string { return Address(m, from(m).Address) })},
		{"subject", 52, raw(func(m *finding.Message) string { return m.Subject })},
		{"folder", 12, text(func(r *Report, m *finding.Message) string {
			if m.Read == nil {
				return ""
			}
			return r.Folder(m.Read.Folder)
		})},
		{"read", 10, text(func(r *Report, m *finding.Message) string { return r.Word("read", ReadState(m)) })},
	}
}

// BriefColumns are those of the sheets that pick messages out: what a person reads, and the id to find the rest by.
func BriefColumns() []Column {
	return append(leadColumns(),
		Column{"amount", 12, func(_ *Report, m *finding.Message) Value { return DecimalOf(details(m).Amount) }},
		Column{"currency", 9, raw(func(m *finding.Message) string { return details(m).Currency })},
		Column{"details", 34, text(func(r *Report, m *finding.Message) string { return r.DetailLine(m) })},
		Column{"id", 20, raw(func(m *finding.Message) string { return m.ID })},
	)
}

// Columns are all columns of the table of messages, the same in CSV and in the workbook.
func Columns() []Column {
	return append(leadColumns(),
		Column{"unnoticed", 9, text(func(r *Report, m *finding.Message) string { return r.mark(m.Unnoticed) })},
		Column{"risk", 9, text(func(r *Report, m *finding.Message) string { return r.Word("danger", m.ContentRisk) })},
		Column{"amount", 12, func(_ *Report, m *finding.Message) Value { return DecimalOf(details(m).Amount) }},
		Column{"currency", 9, raw(func(m *finding.Message) string { return details(m).Currency })},
		Column{"order_id", 22, raw(func(m *finding.Message) string {
			d := details(m)
			if len(d.OrderIDs) == 0 {
				return d.OrderID
			}
			return joinSome(d.OrderIDs, ", ", func(s string) string { return s })
		})},
		Column{"details", 34, text(func(r *Report, m *finding.Message) string { return r.DetailLine(m) })},
		Column{"rule", 7, raw(func(m *finding.Message) string { return m.Rule })},
		Column{"brand", 12, text(func(r *Report, m *finding.Message) string { return r.Word("issuer", m.Brand) })},
		Column{"marketplace", 10, raw(func(m *finding.Message) string { return m.Marketplace })},
		Column{"account", 24, raw(func(m *finding.Message) string { return m.Account })},
		Column{"to", 26, raw(func(m *finding.Message) string {
			return joinSome(m.To, ", ", func(a finding.Address) string { return a.Address })
		})},
		Column{"reply_to", 26, text(func(_ *Report, m *finding.Message) string { return addresses(m, m.ReplyTo) })},
		Column{"return_path", 26, text(func(_ *Report, m *finding.Message) string { return Address(m, m.ReturnPath) })},
		Column{"trusted", 18, raw(func(m *finding.Message) string { return auth(m).Trusted })},
		Column{"dmarc", 8, raw(func(m *finding.Message) string { return auth(m).DMARC })},
		Column{"spf", 8, raw(func(m *finding.Message) string { return auth(m).SPF })},
		Column{"dkim", 30, raw(func(m *finding.Message) string { return dkimLine(auth(m).DKIM) })},
		Column{"aligned", 8, text(func(r *Report, m *finding.Message) string {
			if m.Auth == nil {
				return ""
			}
			if m.Auth.Aligned {
				return r.Word("value", "yes")
			}
			return r.Word("value", "no")
		})},
		Column{"boundary", 30, raw(func(m *finding.Message) string { return auth(m).Boundary })},
		Column{"signals", 60, text(func(r *Report, m *finding.Message) string { return r.SignalLine(m) })},
		Column{"links", 60, text(func(_ *Report, m *finding.Message) string { return LinkLine(m) })},
		Column{"attachments", 24, raw(func(m *finding.Message) string { return attachmentLine(m) })},
		Column{"labels", 20, raw(func(m *finding.Message) string {
			if m.Read == nil {
				return ""
			}
			return strings.Join(m.Read.Labels, ", ")
		})},
		Column{"incidents", 20, raw(func(m *finding.Message) string { return strings.Join(m.Incidents, " ") })},
		Column{"clock_doubt", 16, text(func(r *Report, m *finding.Message) string { return r.Word("clock", m.ClockDoubt) })},
		Column{"header_date", 17, func(_ *Report, m *finding.Message) Value { return UTCOf(m.HeaderDate) }},
		Column{"message_id", 34, raw(func(m *finding.Message) string { return m.MessageID })},
		Column{"id", 20, raw(func(m *finding.Message) string { return m.ID })},
		Column{"sha256", 66, text(func(_ *Report, m *finding.Message) string { return m.SHA256.String() })},
		Column{"location", 50, text(func(_ *Report, m *finding.Message) string { return PathText(m.Location) })},
		Column{"offset", 14, func(_ *Report, m *finding.Message) Value { return NumberOf(m.Location.Offset) }},
		Column{"length", 12, func(_ *Report, m *finding.Message) Value { return NumberOf(m.Location.Length) }},
		Column{"copies", 8, func(_ *Report, m *finding.Message) Value { return NumberOf(int64(len(m.Copies)) + m.MoreCopies) }},
	)
}

// local is t in the report's zone.
func (r *Report) local(t *time.Time) Value {
	if t == nil {
		return Value{}
	}
	return Value{Kind: TimeValue, Time: t.In(r.Zone)}
}

// Local is t in the report's zone, as a cell.
func (r *Report) Local(t *time.Time) Value { return r.local(t) }

func (p *Printer) mark(v bool) string {
	if v {
		return "●"
	}
	return ""
}

func from(m *finding.Message) finding.Address {
	if m.From == nil {
		return finding.Address{}
	}
	return *m.From
}

func details(m *finding.Message) finding.Details {
	if m.Details == nil {
		return finding.Details{}
	}
	return *m.Details
}

func auth(m *finding.Message) finding.Auth {
	if m.Auth == nil {
		return finding.Auth{}
	}
	return *m.Auth
}

// maxJoined is how many addresses, links or signals one cell lists.
const maxJoined = 20

func joinSome[T any](list []T, sep string, show func(T) string) string {
	var parts []string
	for i, v := range list {
		if i == maxJoined {
			parts = append(parts, "+"+strconv.Itoa(len(list)-maxJoined))
			break
		}
		if s := show(v); s != "" {
			parts = append(parts, s)
		}
	}
	return CutText(strings.Join(parts, sep), MaxCell)
}

func addresses(m *finding.Message, list []finding.Address) string {
	return joinSome(list, ", ", func(a finding.Address) string { return Address(m, a.Address) })
}

func dkimLine(list []finding.DKIM) string {
	return joinSome(list, ", ", func(d finding.DKIM) string { return d.Domain + "=" + d.Result })
}

func attachmentLine(m *finding.Message) string {
	return joinSome(m.Attachments, ", ", func(a finding.Attachment) string { return a.Name + " (" + a.Type + ")" })
}

// SignalLine lists the signals of a message in words.
func (p *Printer) SignalLine(m *finding.Message) string {
	return joinSome(m.Signals, " / ", func(s finding.Signal) string {
		line, quotes := p.SignalOf(m, s)
		if s.Shown != "" && !quotes {
			line += " [" + SignalShown(m, s) + "]"
		}
		return line
	})
}

// SignalShown quotes what a signal saw in m, so that nothing makes a link of it. The names in the brand's own mail stay
// readable, except those that somebody else put there.
func SignalShown(m *finding.Message, s finding.Signal) string {
	if s.For == finding.ForRisk || s.For == finding.ForImpersonation {
		return defangQuote(Safe(s.Shown))
	}
	return Quote(m, s.Shown)
}

// LinkLine lists where the links of a message lead.
func LinkLine(m *finding.Message) string {
	return joinSome(m.Links, " ", func(l finding.Link) string { return LinkTarget(m, l) })
}

// DetailLine lists what a notice says of its event in one line.
func (p *Printer) DetailLine(m *finding.Message) string {
	return joinSome(p.Details(m), " / ", func(d Detail) string { return d.Label + ": " + d.Value })
}

// PathText is a location's path for people: members joined by "!".
func PathText(l evidence.Location) string { return SafeN(strings.Join(l.Path, "!"), MaxCell) }
