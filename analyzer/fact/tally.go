package fact

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"
)

// Tally is what all messages together show, whether they are candidates or not: counts only. Tallies merge by addition
// (Merge), so the same messages give the same Tally in whatever order and by however many workers they are counted.
// What a single message can add is bounded; see learn.Observe.
type Tally struct {
	Messages int64
	Months   map[string]int64 // messages by the month they came in, "2006-01", UTC
	Arrivals map[int32]int32  // messages by the hour they came in, counted from the Unix epoch

	// Received is the span of the receivers' clocks, Dated that of the Date fields of messages without a receiver, and
	// DatedMonths counts these by month, "2006-01".
	Received, Dated Span
	DatedMonths     map[string]int64

	Receivers map[ReceiverKey]ReceiverCount
	Senders   map[SenderKey]int32 // messages, by who sent them and what the receiver did
	Results   map[ResultKey]ResultCount
	Groups    map[string]GroupCount
	Styles    map[StyleKey]int64

	Addresses map[string]AddressCount // candidates for the owner's addresses, lower case
	Sent      map[SentKey]int32       // recipients of messages that were written here
	Answers   map[uint64]int32        // HashMessageID of what messages that were written here answer
	Zones     map[int32]int64         // minutes east of UTC in the Date of messages that were written here
	Labels    map[string]LabelCount
	Pairs     map[LabelPair]int64 // messages that bear both labels

	Others map[string]int64 // fakes of brands that are not audited, by the id of the brand, copies counted each
}

// Span is a span of time in Unix seconds; both ends are 0 where there is none.
type Span struct{ First, Last int64 }

// ReceiverKey names a receiver: the domain of the boundary's by-host, in a group, in a year (0 where not known).
type ReceiverKey struct {
	Group  string
	Year   int
	Domain string
}

// ReceiverCount counts messages that came in through a receiver.
type ReceiverCount struct {
	Messages int64
	Results  int64 // of these, with any Authentication-Results field
}

// ResultKey names a form of results: an authserv-id ("*.example.net" where its first label has digits in it; "" for the
// form without one) in a place ("above", "below") relative to the boundary.
type ResultKey struct {
	ReceiverKey
	ID, Place string
}

// ResultCount counts messages with results of a form.
type ResultCount struct {
	Messages int64
	Fields   int64 // fields, several a message counted each
	Late     int64 // messages whose fields stand behind the sender's own From, To, Subject or Date
	// Messages with a result of each of these methods.
	SPF, DKIM, DMARC int64
}

// Add adds up two counts.
func (c ResultCount) Add(o ResultCount) ResultCount {
	return ResultCount{
		Messages: c.Messages + o.Messages, Fields: c.Fields + o.Fields, Late: c.Late + o.Late,
		SPF: c.SPF + o.SPF, DKIM: c.DKIM + o.DKIM, DMARC: c.DMARC + o.DMARC,
	}
}

// GroupCount counts the messages of a group.
type GroupCount struct {
	Messages int64
	Status   int64 // with a Status field
	// Statuses counts those of them whose Status stands where mail programs write it, at the end of the header, by what
	// the sender's domain hashes to: one sender falls into one of the places, whatever he sends.
	Statuses [64]int32
	// Mozilla counts messages with X-Mozilla-Status, Told those among them that say more than "read": another state, or
	// fields that Thunderbird writes into the mail of an account that keeps its state in the messages.
	Mozilla, Told int64
}

// add adds up two counts; sign is -1 to take the second away.
func (c GroupCount) add(o GroupCount) GroupCount {
	c.Messages += o.Messages
	c.Status += o.Status
	for i := range c.Statuses {
		c.Statuses[i] += o.Statuses[i]
	}
	c.Mozilla += o.Mozilla
	c.Told += o.Told
	return c
}

// StyleKey names a style of From_ lines in a group.
type StyleKey struct{ Group, Style string }

// AddressCount counts what speaks for an address being the owner's.
type AddressCount struct {
	Delivered int64 // messages that the receiver delivered to it
	To        int64 // messages addressed to it alone, where the receiver names no recipient
	Sent      int64 // messages from it that were written here
}

// SentKey is a sender and a recipient of a message that was written here, by HashAddress.
type SentKey struct{ From, To uint64 }

// LabelCount counts the messages that bear a label.
type LabelCount struct {
	Messages int64
	Sent     int64 // of these, messages that came through no receiver
}

// LabelPair is two labels on one message, in the order of their bytes.
type LabelPair struct{ A, B string }

// NewTally returns an empty Tally.
func NewTally() *Tally {
	return &Tally{
		Months: make(map[string]int64), DatedMonths: make(map[string]int64), Arrivals: make(map[int32]int32),
		Receivers: make(map[ReceiverKey]ReceiverCount), Results: make(map[ResultKey]ResultCount),
		Senders: make(map[SenderKey]int32),
		Groups:  make(map[string]GroupCount), Styles: make(map[StyleKey]int64),
		Addresses: make(map[string]AddressCount), Sent: make(map[SentKey]int32), Answers: make(map[uint64]int32), Zones: make(map[int32]int64),
		Labels: make(map[string]LabelCount), Pairs: make(map[LabelPair]int64), Others: make(map[string]int64),
	}
}

// Merge adds o to t. It is commutative and associative. o is not changed and may be used on.
func (t *Tally) Merge(o *Tally) {
	t.Messages += o.Messages
	t.Received.Merge(o.Received)
	t.Dated.Merge(o.Dated)
	add(t.Months, o.Months)
	add(t.DatedMonths, o.DatedMonths)
	add(t.Arrivals, o.Arrivals)
	add(t.Styles, o.Styles)
	add(t.Sent, o.Sent)
	add(t.Answers, o.Answers)
	add(t.Zones, o.Zones)
	add(t.Pairs, o.Pairs)
	add(t.Others, o.Others)
	add(t.Senders, o.Senders)
	for k, v := range o.Receivers {
		c := t.Receivers[k]
		t.Receivers[k] = ReceiverCount{c.Messages + v.Messages, c.Results + v.Results}
	}
	for k, v := range o.Results {
		t.Results[k] = t.Results[k].Add(v)
	}
	for k, v := range o.Groups {
		t.Groups[k] = t.Groups[k].add(v)
	}
	for k, v := range o.Addresses {
		c := t.Addresses[k]
		t.Addresses[k] = AddressCount{c.Delivered + v.Delivered, c.To + v.To, c.Sent + v.Sent}
	}
	for k, v := range o.Labels {
		c := t.Labels[k]
		t.Labels[k] = LabelCount{c.Messages + v.Messages, c.Sent + v.Sent}
	}
}

func add[K comparable, V int32 | int64](dst, src map[K]V) {
	for k, v := range src {
		dst[k] += v
	}
}

// Merge widens the span to cover another.
func (s *Span) Merge(o Span) {
	if o == (Span{}) {
		return
	}
	if *s == (Span{}) {
		*s = o
		return
	}
	s.First, s.Last = min(s.First, o.First), max(s.Last, o.Last)
}

// Add widens the span to a time; the zero time is passed over.
func (s *Span) Add(t time.Time) {
	if !t.IsZero() && t.Unix() != 0 {
		s.Merge(Span{t.Unix(), t.Unix()})
	}
}

// Bounds of what the Date fields of messages without a receiver may say of the span. Sent mail, and exports that keep no
// trace, have nothing else, so they count. But anybody can write any date: a few messages years away from all others are
// no sign that there was mail then.
const (
	strayMessages = 3  // so few messages
	strayMonths   = 24 // with nothing for so long between them and the rest
)

// span is that of the receivers' clocks and of the Date fields, without dates that stand alone.
func (t *Tally) span() Span {
	if len(t.DatedMonths) == 0 {
		return t.Received
	}
	runs := t.runs()
	keep := make([]bool, len(runs))
	some := t.Received != (Span{})
	for i, r := range runs {
		keep[i] = r.sure || r.n > strayMessages
		some = some || keep[i]
	}
	out := t.Received
	for i, r := range runs {
		if !keep[i] && some {
			continue
		}
		// The ends of all are known to the second, those between by the month: of what is new too little is said rather
		// than too much.
		r.span.First = max(r.span.First, t.Dated.First)
		if t.Dated.Last < r.span.Last {
			r.span.Last = t.Dated.Last
		} else if last := r.span.Last + 1; t.Dated.Last > last {
			r.span.Last = time.Unix(last, 0).UTC().AddDate(0, -1, 0).Unix()
		}
		out.Merge(r.span)
	}
	return out
}

// run is months with mail, none of them far from the next.
type run struct {
	span Span
	n    int64
	sure bool // a receiver's clock falls into it
}

// runs are the months of the Date fields and of the receivers' clocks, in order, divided where nothing came for long.
func (t *Tally) runs() (out []run) {
	received := Span{monthOf(t.Received.First), monthOf(t.Received.Last)}
	months := slices.Sorted(maps.Keys(t.DatedMonths))
	for _, name := range months {
		m, err := time.Parse("2006-01", name)
		if err != nil {
			continue
		}
		next := m.AddDate(0, 1, 0).Unix() - 1
		near := t.Received != (Span{}) && monthOf(m.Unix()) >= received.First-strayMonths && monthOf(m.Unix()) <= received.Last+strayMonths
		if n := len(out); n > 0 && monthOf(m.Unix())-monthOf(out[n-1].span.Last) <= strayMonths {
			r := &out[n-1]
			r.span.Last, r.n, r.sure = next, r.n+t.DatedMonths[name], r.sure || near
			continue
		}
		out = append(out, run{Span{m.Unix(), next}, t.DatedMonths[name], near})
	}
	return out
}

// monthOf is a number of the month of a time, counted from the year 0.
func monthOf(unix int64) int64 {
	t := time.Unix(unix, 0).UTC()
	return int64(t.Year())*12 + int64(t.Month())
}

// Oldest is when the first message came in, in UTC; zero where no clock can be believed.
func (t *Tally) Oldest() time.Time { return moment(t.span().First) }

// Newest is when the last message came in, in UTC; zero where no clock can be believed.
func (t *Tally) Newest() time.Time { return moment(t.span().Last) }

func moment(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

// SilentMonths are the months between the first and the last message in which none came in, "2006-01", in order.
func (t *Tally) SilentMonths() []string {
	var out []string
	first, last := t.Oldest(), t.Newest()
	if first.IsZero() {
		return nil
	}
	for m := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC); !m.After(last); m = m.AddDate(0, 1, 0) {
		if name := m.Format("2006-01"); t.Months[name] == 0 {
			out = append(out, name)
		}
	}
	return out
}

// HashMessageID is how a Message-ID stands in a Tally and a Profile: of what stands between the angle brackets.
func HashMessageID(id string) uint64 {
	return HashAddress(strings.Trim(id, "<> \t"))
}

// HashAddress is 64 bits of the SHA-256 of an address in lower case. With it the recipients of a million sent messages
// take little memory, and a stranger can't choose an address that is taken for one of them.
func HashAddress(address string) uint64 {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(address))))
	return binary.BigEndian.Uint64(sum[:8])
}
