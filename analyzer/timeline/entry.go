package timeline

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// NewEntry makes the entry of a fact as judged: t and doubt are what fact.Clock says, read is the merged read state of
// all copies, nil where nothing is known. The caller sets Pos, Account and Brand.
func NewEntry(f *fact.Fact, v finding.Verdict, event finding.Event, severity finding.Severity, t time.Time, doubt string, read *finding.Read) Entry {
	e := Entry{
		Content:  binary.BigEndian.Uint64(f.Content[:8]),
		Event:    EventIndex(event),
		Verdict:  VerdictIndex(v),
		Severity: uint8(severity.Level()),
		Flags:    ReadFlags(read),
	}
	if !t.IsZero() {
		e.Time = t.Unix()
	}
	if doubt != "" {
		e.Flags |= ClockDoubt
	}
	if f.ContentRisk == "high" {
		e.Flags |= RiskHigh
	}
	if f.Envelope != nil && f.Envelope.Doubt != "" {
		e.Flags |= StartDoubt
	}
	if d := f.Details; d != nil {
		first := d.OrderID
		if first == "" && len(d.OrderIDs) > 0 {
			first = d.OrderIDs[0]
		}
		e.Order = OrderHash(first)
		if len(d.OrderIDs) > 1 {
			e.Flags |= MoreOrders
		}
		if strings.HasPrefix(first, "D") {
			e.Flags |= Digital
		}
		e.Line = line(event, d)
	}
	return e
}

// ReadFlags are the flags of a read state; nil sets none.
func ReadFlags(r *finding.Read) Flags {
	if r == nil {
		return 0
	}
	var f Flags
	known := func(v *bool, known, set Flags) {
		if v == nil {
			return
		}
		f |= known
		if *v {
			f |= set
		}
	}
	known(r.Seen, SeenKnown, Seen)
	known(r.Opened, OpenedKnown, Opened)
	known(r.Replied, 0, Replied)
	known(r.Deleted, 0, Deleted)
	switch r.Folder {
	case finding.Spam:
		f |= InSpam
	case finding.Trash:
		f |= InTrash
	case finding.Archive:
		f |= InArchive
	}
	return f
}

// OrderHash is how an order number stands in an Entry: 0 for none.
func OrderHash(id string) uint64 {
	if id == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(strings.ToUpper(id))) // never fails
	return h.Sum64() | 1
}

// line tells series of one issuer and account apart: a statement by the card, a subscription by its name.
func line(event finding.Event, d *finding.Details) uint32 {
	key := ""
	switch event {
	case finding.StatementIssued, finding.StatementInvoice:
		key = d.CardEnd
	case finding.SubscriptionCharged, finding.SubscriptionChanged:
		key = strings.ToLower(d.Merchant)
	}
	if key == "" {
		return 0
	}
	h := fnv.New32a()
	h.Write([]byte(key)) // never fails
	return h.Sum32() | 1
}
