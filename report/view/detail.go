package view

import "github.com/mailaudit/mailaudit/analyzer/finding"

// Limits of what a page tells in full. A reader looks at what needs attention; thousands of impersonations are more than
// anybody opens. A message told in full takes some 4 kB and sixty elements; a row of the table a tenth of that.
const (
	// SmallReport is the number of messages up to which every message is told in full.
	SmallReport = 1000
	// MaxDetailedFakes is how many impersonations are told in full, the newest.
	MaxDetailedFakes = 3000
	// MaxDetailed bounds all of it together.
	MaxDetailed = 4000
)

// Detailed tells which messages are told in full: all of a small report; of a large one what needs attention, what
// nobody noticed, what belongs to an incident, and the newest impersonations.
func (r *Report) Detailed() []bool {
	in := make([]bool, len(r.Entries))
	n := 0
	take := func(i int32) {
		if !in[i] && n < MaxDetailed {
			in[i] = true
			n++
		}
	}
	if len(r.Entries) <= SmallReport {
		for i := range in {
			in[i] = true
		}
		return in
	}
	for _, want := range []EntryFlags{InAttention, Unnoticed, InIncident} {
		for _, i := range r.ByTime {
			if r.Entries[i].Flags&want != 0 {
				take(i)
			}
		}
	}
	fakes := 0
	for _, i := range r.ByTime {
		if r.Entries[i].Fake() && fakes < MaxDetailedFakes {
			fakes++
			take(i)
		}
	}
	return in
}

// VerdictOf is the verdict on a message in a word. A genuine sender with somebody else's harmful text gets a word of its
// own: «genuine» alone would be read as a promise.
func (p *Printer) VerdictOf(m *finding.Message) string {
	if Beware(m) {
		return p.Say("verdict.beware")
	}
	return p.Verdict(m.Verdict)
}

// Beware reports whether the brand's servers sent what somebody else wrote, to do harm.
func Beware(m *finding.Message) bool { return m.ContentRisk == "high" && m.Verdict.FromAmazon() }

// ReadState is one word for what is known about reading: "unread", "unopened", "read" or "" for unknown.
func ReadState(m *finding.Message) string {
	r := m.Read
	switch {
	case r == nil:
		return ""
	case r.Seen != nil && !*r.Seen:
		return "unread"
	case r.Opened != nil && !*r.Opened:
		return "unopened"
	case r.Seen != nil || r.Opened != nil:
		return "read"
	}
	return ""
}

// Place is one sentence on where a message lies and whether it was read: "Spam · never read".
func (p *Printer) Place(m *finding.Message) string {
	var parts []string
	if m.Read != nil && m.Read.Folder != "" {
		parts = append(parts, p.Folder(m.Read.Folder))
	}
	deleted := m.Read != nil && m.Read.Deleted != nil && *m.Read.Deleted
	if s := ReadState(m); s == "read" && (deleted || m.Read.Folder == finding.Trash) {
		parts, deleted = append(parts, p.Word("read", "thrown")), false
	} else if s != "" {
		parts = append(parts, p.Word("read", s))
	}
	if deleted {
		parts = append(parts, p.Word("read", "deleted"))
	}
	out := ""
	for i, s := range parts {
		if i > 0 {
			out += p.Word("value", "separator")
		}
		out += s
	}
	return out
}

// Detail is one thing a notice says, with its label.
type Detail struct {
	Label, Value string
}

// Details lists what a notice says of its event.
func (p *Printer) Details(m *finding.Message) []Detail {
	d := m.Details
	if d.IsZero() {
		return nil
	}
	var out []Detail
	add := func(id, value string) {
		if value != "" {
			out = append(out, Detail{p.Word("detail", id), value})
		}
	}
	if d.Amount != "" {
		add("amount", p.Amount(d.Amount, d.Currency))
	}
	add("device", Safe(d.Device))
	add("near", Safe(d.Near))
	add("when", Safe(d.When))
	orders := d.OrderIDs
	if len(orders) == 0 && d.OrderID != "" {
		orders = []string{d.OrderID}
	}
	if len(orders) > 0 {
		add("order_id", p.value(segment{}, orders))
	}
	add("old_email", Address(m, d.OldEmail))
	add("new_email", Address(m, d.NewEmail))
	add("card_end", Safe(d.CardEnd))
	add("card", Safe(d.Card))
	add("aws_account", Safe(d.AWSAccount))
	if d.NextDate != "" {
		add("next_date", p.timeValue("date", d.NextDate))
	}
	add("merchant", Safe(d.Merchant))
	add("item", Safe(d.Item))
	return out
}
