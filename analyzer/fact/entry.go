package fact

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Entry is one judged message, copies counted once. It must stay below 64 bytes: a million of them are held at once.
type Entry struct {
	Content  uint64 // first eight bytes of the content digest, big endian: the message id
	Time     int64  // Unix seconds; 0 where no clock can be believed
	Order    uint64 // hash of the first order number, 0 where there is none
	Pos      uint32 // ordinal of the fact on the spool
	Account  uint32 // index of the account (recipient and marketplace) among the accounts of the scan
	Line     uint32 // hash of the card, the AWS account or the subscription's name: tells series of one issuer apart; 0 for none
	Brand    uint16 // index of the brand
	Flags    Flags
	Event    uint8 // index in finding.Events
	Verdict  uint8 // index in finding.Verdicts
	Severity uint8 // finding.Severity.Level
}

// Flags are what is known of an entry.
type Flags uint32

// Flags.
const (
	SeenKnown Flags = 1 << iota
	Seen
	OpenedKnown
	Opened
	InSpam
	InTrash
	InArchive
	Replied
	ClockDoubt
	RiskHigh
	StartDoubt
	Deleted
	MoreOrders // the notice names more than one order
	Digital    // the first order number is of a digital order (D01-…)
	NoRecords  // unverifiable because nothing that was kept shows who sent it, with nothing against it
	Ends       // confirms that a card, a membership or a subscription ended
	Forwarded  // a person's forward: it shows that a notice was sent to somebody, not that it came
)

// Has reports whether all flags of o are set.
func (f Flags) Has(o Flags) bool { return f&o == o }

// Lookup fetches the fact at a position of the spool.
type Lookup func(pos uint32) (*Fact, error)

// Account is one recipient at one marketplace: incidents and series never cross accounts.
type Account struct {
	Address     string // lower case; "" where it is not known who received the message
	Marketplace string // "co.jp"; "" where the brand has none
	Site        string // that of a brand without marketplaces whose account it is: "apple.com"; "" for Amazon and issuers
}

// Shop is what tells the accounts of one recipient apart: the marketplace, or the site.
func (a Account) Shop() string { return a.Marketplace + a.Site }

// String names the account as finding.Message.Account does: "address/marketplace", "address/site", or the address alone, or "" where the
// recipient is not known.
func (a Account) String() string {
	if a.Address == "" || a.Shop() == "" {
		return a.Address
	}
	return a.Address + "/" + a.Shop()
}

// Name is the account as people know it: "address (amazon.co.jp)"; "" where nothing is known of it.
func (a Account) Name() string {
	site := a.Site
	if a.Marketplace != "" {
		site = "amazon." + a.Marketplace
	}
	switch {
	case site == "":
		return a.Address
	case a.Address == "":
		return site
	}
	return a.Address + " (" + site + ")"
}

// Same reports whether an entry of account o can be context for account a: the same recipient, and no other marketplace.
// A fake often names none.
func (a Account) Same(o Account) bool {
	return a.Address == o.Address && a.Site == o.Site && (a.Marketplace == o.Marketplace || a.Marketplace == "" || o.Marketplace == "")
}

// EventIndex is the index of e in finding.Events, and that of finding.OtherEvent for what is not there.
func EventIndex(e finding.Event) uint8 {
	if i := slices.Index(finding.Events(), e); i >= 0 {
		return uint8(i)
	}
	return uint8(slices.Index(finding.Events(), finding.OtherEvent))
}

// VerdictIndex is the index of v in finding.Verdicts, and that of finding.Mention for what is not there.
func VerdictIndex(v finding.Verdict) uint8 {
	if i := slices.Index(finding.Verdicts(), v); i >= 0 {
		return uint8(i)
	}
	return uint8(slices.Index(finding.Verdicts(), finding.Mention))
}

// Compare orders entries by time, then by content, so that the order is the same in every run: entries without a
// believable time come first.
func (e *Entry) Compare(o *Entry) int {
	if c := cmp.Compare(e.Time, o.Time); c != 0 {
		return c
	}
	if c := cmp.Compare(e.Content, o.Content); c != 0 {
		return c
	}
	return cmp.Compare(e.Pos, o.Pos)
}

// ID is the id of the message (finding.Message.ID).
func (e *Entry) ID() string { return MessageID(e.Content) }

// MessageID is the id of the message whose content digest begins with these bytes.
func MessageID(content uint64) string { return "m-" + hex16(content) }

// When is the time of the entry in UTC, zero where it has none.
func (e *Entry) When() time.Time {
	if e.Time == 0 {
		return time.Time{}
	}
	return time.Unix(e.Time, 0).UTC()
}

// KnownRead reports whether the mailbox says that the message was opened, or seen where it keeps no note of opening.
func (f Flags) KnownRead() bool {
	if f.Has(OpenedKnown) {
		return f.Has(Opened)
	}
	return f.Has(SeenKnown | Seen)
}

// KnownUnread reports whether the mailbox says that the message was never seen or never opened. What was opened and
// marked unread again was seen.
func (f Flags) KnownUnread() bool {
	if f.Has(OpenedKnown) {
		return !f.Has(Opened)
	}
	return f.Has(SeenKnown) && !f.Has(Seen)
}

func hex16(v uint64) string {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := 15; i >= 0; i-- {
		b[i] = digits[v&15]
		v >>= 4
	}
	return string(b[:])
}

// NewEntry makes the entry of a fact as judged: t and doubt are what Clock says, read is the merged read state of
// all copies, nil where nothing is known. The caller sets Pos, Account and Brand.
func NewEntry(f *Fact, v finding.Verdict, event finding.Event, severity finding.Severity, t time.Time, doubt string, read *finding.Read) Entry {
	e := Entry{
		Content:  ContentID(f.Content),
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
	if f.Forward != "" {
		e.Flags |= Forwarded
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
		if d.Ends {
			e.Flags |= Ends
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

// line tells series of one issuer and account apart: a statement by the card, a bill of AWS by the account there, a
// subscription by its name.
func line(event finding.Event, d *finding.Details) uint32 {
	key := ""
	switch event {
	case finding.StatementIssued, finding.StatementInvoice:
		key = d.CardEnd
		if key == "" {
			key = strings.ToLower(strings.Join(strings.Fields(d.Card), ""))
		}
	case finding.AWSBilling:
		key = d.AWSAccount
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

// StableID makes an id from what names a thing: the same in every run, whatever else is in the mailbox.
func StableID(prefix string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:]) // never fails
		h.Write([]byte(p))
	}
	return prefix + "-" + hex.EncodeToString(h.Sum(nil)[:8])
}
