package exchange

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// sketchRow is one line of Timesketch's JSONL: message, datetime and timestamp_desc are wanted, all else is searchable.
type sketchRow struct {
	Message       string   `json:"message"`
	DateTime      string   `json:"datetime"`
	Timestamp     int64    `json:"timestamp"` // microseconds
	TimestampDesc string   `json:"timestamp_desc"`
	Tag           []string `json:"tag,omitempty"`
	ID            string   `json:"mailaudit_id,omitempty"`
	Verdict       string   `json:"verdict"`
	Rule          string   `json:"rule,omitempty"`
	Event         string   `json:"event,omitempty"`
	Severity      string   `json:"severity,omitempty"`
	From          string   `json:"email_from,omitempty"`
	To            string   `json:"email_to,omitempty"`
	Subject       string   `json:"email_subject,omitempty"`
	MessageID     string   `json:"message_id,omitempty"`
	OrderIDs      []string `json:"order_ids,omitempty"`
	Amount        string   `json:"amount,omitempty"`
	Currency      string   `json:"currency,omitempty"`
	Device        string   `json:"device,omitempty"`
	Read          string   `json:"read_state,omitempty"`
	Folder        string   `json:"folder,omitempty"`
	Hosts         []string `json:"link_hosts,omitempty"`
	ClientIP      string   `json:"ip,omitempty"`
	Incidents     []string `json:"incidents,omitempty"`
	SHA256        string   `json:"sha256,omitempty"`
	Source        string   `json:"source_file,omitempty"`
	Offset        int64    `json:"source_offset"`
	ClockDoubt    string   `json:"clock_doubt,omitempty"`
}

// timeDesc says what a message's time is.
func timeDesc(m *finding.Message) string {
	switch m.TimeSource {
	case "received":
		return "Email Received"
	case "envelope":
		return "Email Stored"
	}
	return "Email Sent (Date header)"
}

// WriteTimesketch writes the timeline of all messages with a time as Timesketch imports it: JSON lines, oldest first.
func WriteTimesketch(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	return write(ctx, f, w, opt, "timesketch", func(r *view.Report, b *bufio.Writer) error {
		put := func(row any) error {
			line, err := marshal(row)
			if err != nil {
				return err
			}
			_, err = b.Write(append(line, '\n'))
			return err
		}
		beside := ledgerInOrder(r)
		until := func(t time.Time) error {
			for len(beside) > 0 && !beside[0].Time.After(t) {
				if err := put(sketchOfLedger(r, beside[0])); err != nil {
					return err
				}
				beside = beside[1:]
			}
			return nil
		}
		err := inOrder(ctx, r, func(_ int, m *finding.Message) error {
			if m.Time == nil {
				return nil
			}
			if err := until(*m.Time); err != nil {
				return err
			}
			return put(sketchOf(r, m))
		})
		if err != nil {
			return err
		}
		return until(time.Unix(1<<40, 0))
	})
}

// ledgerInOrder are the lines of Amazon's records and card statements with a time, oldest first.
func ledgerInOrder(r *view.Report) []*finding.Ledger {
	list := slices.DeleteFunc(slices.Clone(r.Ledger()), func(l *finding.Ledger) bool { return l.Time == nil })
	slices.SortStableFunc(list, func(a, b *finding.Ledger) int { return a.Time.Compare(*b.Time) })
	return list
}

// ledgerRow is a line of Amazon's records among the mails.
type ledgerRow struct {
	Message       string   `json:"message"`
	DateTime      string   `json:"datetime"`
	Timestamp     int64    `json:"timestamp"`
	TimestampDesc string   `json:"timestamp_desc"`
	Tag           []string `json:"tag,omitempty"`
	Kind          string   `json:"ledger_kind"`
	State         string   `json:"ledger_state"`
	OrderIDs      []string `json:"order_ids,omitempty"`
	Amount        string   `json:"amount,omitempty"`
	Currency      string   `json:"currency,omitempty"`
	Item          string   `json:"item,omitempty"`
	Messages      []string `json:"mailaudit_ids,omitempty"`
	Source        string   `json:"source_file,omitempty"`
	Row           int      `json:"source_row,omitempty"`
}

func sketchOfLedger(r *view.Report, l *finding.Ledger) ledgerRow {
	t := l.Time.UTC()
	row := ledgerRow{
		DateTime: t.Format("2006-01-02T15:04:05.000000+00:00"), Timestamp: t.UnixMicro(), TimestampDesc: "Amazon Record", Tag: []string{"ledger"},
		Kind: plain(l.Kind), State: plain(l.State), Amount: plain(l.Amount), Currency: plain(l.Currency), Item: plain(l.Item),
		Source: view.PathText(evidence.Location{Path: l.Path}), Row: l.Row,
	}
	if l.Kind == "charge" {
		row.TimestampDesc = "Card Charge"
	}
	if view.Unfit(l) {
		row.Tag = append(row.Tag, "unfit")
	}
	for _, id := range append([]string{l.OrderID}, l.Orders...) {
		if id != "" && len(row.OrderIDs) < 20 {
			row.OrderIDs = append(row.OrderIDs, plain(id))
		}
	}
	for _, id := range l.Messages {
		if finding.ValidMessageID(id) {
			row.Messages = append(row.Messages, id)
		}
	}
	row.Message = r.Word("ledger.kind", l.Kind) + ": " + r.Word("ledger.state", l.State) + " – " + row.Item
	return row
}

func sketchOf(r *view.Report, m *finding.Message) sketchRow {
	t := m.Time.UTC()
	row := sketchRow{
		DateTime: t.Format("2006-01-02T15:04:05.000000+00:00"), Timestamp: t.UnixMicro(), TimestampDesc: timeDesc(m),
		Verdict: plain(string(m.Verdict)), Rule: plain(m.Rule), Event: plain(string(m.Event)), Severity: plain(string(m.Severity)),
		Subject: plain(m.Subject), MessageID: view.WholeMessageID(m), Read: view.ReadState(m), SHA256: m.SHA256.String(),
		Source: view.PathText(m.Location), Offset: m.Location.Offset, ClockDoubt: plain(m.ClockDoubt),
	}
	if finding.ValidMessageID(m.ID) {
		row.ID = m.ID
	}
	if m.From != nil {
		row.From = plain(m.From.Address)
	}
	var to []string
	for i, a := range m.To {
		if i == 10 {
			break
		}
		to = append(to, plain(a.Address))
	}
	row.To = strings.Join(to, ", ")
	if m.Read != nil {
		row.Folder = plain(string(m.Read.Folder))
	}
	if d := m.Details; d != nil {
		for _, o := range append(d.OrderIDs[:len(d.OrderIDs):len(d.OrderIDs)], d.OrderID) {
			if o != "" && len(row.OrderIDs) < 20 {
				row.OrderIDs = append(row.OrderIDs, plain(o))
			}
		}
		row.Amount, row.Currency, row.Device = plain(d.Amount), plain(d.Currency), plain(d.Device)
	}
	for k, l := range m.Links {
		if k == maxLinks {
			break
		}
		if h, ok := host(l.Host); ok && !l.Official {
			row.Hosts = append(row.Hosts, h)
		}
	}
	if a, ok := client(m); ok {
		row.ClientIP = a.String()
	}
	for _, id := range m.Incidents {
		row.Incidents = append(row.Incidents, plain(id))
	}
	row.Tag = append(row.Tag, row.Verdict)
	if m.Unnoticed {
		row.Tag = append(row.Tag, "unnoticed")
	}
	if len(m.Incidents) > 0 {
		row.Tag = append(row.Tag, "incident")
	}
	what := r.Event(m.Event)
	if what == "" {
		what = row.Subject
	}
	row.Message = r.VerdictOf(m) + ": " + what + " – " + row.From + " – " + row.Subject
	return row
}

// stixTime is a time as STIX wants it.
func stixTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
