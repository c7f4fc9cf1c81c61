package view

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Report is a stream seen through Options: what every format needs to know before it writes its first line. Building one
// reads the messages once and keeps some 16 bytes of each.
type Report struct {
	finding.Reader // masked already where Options ask for it
	*Printer
	Options Options

	Entries []Entry // one for each message, in the order of the stream
	Months  []Month // every month between the first and the last message with a time, empty ones included
	Answer  Answer

	Senders []Origin // From domains of impersonations, most frequent first
	Hosts   []Origin // unofficial hosts that impersonations link to, most frequent first

	ByTime []int32 // numbers of all messages, newest first; those without a time at the end
}

// Entry is what is kept of one message.
type Entry struct {
	Time     int64 // Unix seconds; 0 unknown
	Event    uint8 // index in finding.Events, 255 for none
	Verdict  uint8 // index in finding.Verdicts
	Severity uint8 // finding.Severity.Level
	Flags    EntryFlags
	Copies   uint32 // how many copies the record names
}

// EntryFlags are yes-or-no facts of an entry.
type EntryFlags uint8

// Flags of entries.
const (
	Unnoticed  EntryFlags = 1 << iota
	InIncident            // belongs to an incident
	InAttention
	ClockDoubt
	RiskHigh
	Placed // its folder, or whether it was read, is known
	Aside  // lies in spam or trash
)

// VerdictWord is the entry's verdict.
func (e Entry) VerdictWord() finding.Verdict { return verdicts[e.Verdict] }

// EventWord is the entry's event; "" where it has none.
func (e Entry) EventWord() finding.Event {
	if int(e.Event) >= len(events) {
		return ""
	}
	return events[e.Event]
}

// Fake reports whether the entry lies below the line of the timeline.
func (e Entry) Fake() bool { return verdicts[e.Verdict] == finding.Impersonation }

// Beware reports whether the brand's servers sent what somebody else wrote, to do harm. It is drawn and coloured as a
// warning, never as genuine.
func (e Entry) Beware() bool { return e.Flags&RiskHigh != 0 && verdicts[e.Verdict].FromAmazon() }

// Notice reports whether the entry lies above the line: the brand's own mail, surely or likely, about an event. Marketing
// and one-time codes tell no story.
func (e Entry) Notice() bool {
	if !verdicts[e.Verdict].FromAmazon() || e.Flags&RiskHigh != 0 {
		return false
	}
	switch e.EventWord() {
	case "", finding.Marketing, finding.OtherEvent, finding.OTP:
		return false
	}
	return true
}

// AccountNotice reports whether a notice is about the account itself.
func (e Entry) AccountNotice() bool {
	c := e.EventWord().Class()
	return e.Notice() && (c == "security" || c == "account" || c == "prime")
}

var (
	verdicts = finding.Verdicts()
	events   = finding.Events()
)

// Month counts the messages of one calendar month of the report's zone.
type Month struct {
	Start         time.Time // the first instant of the month
	Genuine       int       // genuine and likely genuine
	Impersonation int
	Other         int
	Unnoticed     int
	Silent        bool // the mailbox holds no mail at all of this month
}

// Total is the number of messages of the month.
func (m Month) Total() int { return m.Genuine + m.Impersonation + m.Other }

// Origin is where impersonations come from or lead to.
type Origin struct {
	Name        string
	Count       int
	First, Last int64 // Unix seconds, 0 unknown
	Example     int32 // number of a message
}

// maxOrigins bounds how many different hosts are counted; a list of a hundred thousand is read by no one.
const maxOrigins = 100_000

// maxMonths bounds the table of months: clocks of hostile mail reach from 1970 to 9999.
const maxMonths = 12 * 60

// Build reads src and prepares a report of it.
func Build(ctx context.Context, src finding.Reader, opt Options) (*Report, error) {
	opt, err := opt.Normal()
	if err != nil {
		return nil, err
	}
	texts, err := Load()
	if err != nil {
		return nil, err
	}
	p := NewPrinter(texts, opt.Lang, opt.Zone)
	p.Knows(src.Config(), src.Profile().Brands)
	if opt.Redact {
		if src, err = Redact(ctx, src, p); err != nil {
			return nil, err
		}
	}
	r := &Report{Reader: src, Printer: p, Options: opt}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	r.sortByTime()
	r.countMonths()
	r.Answer = r.answer()
	return r, nil
}

// read makes the entries and counts origins.
func (r *Report) read(ctx context.Context) error {
	inAttention := map[string]bool{}
	for _, a := range r.Attention() {
		for _, id := range a.Messages {
			inAttention[id] = true
		}
	}
	inIncident := map[string]bool{}
	for _, i := range r.Incidents() {
		for _, id := range i.Messages {
			inIncident[id] = true
		}
	}
	senders, hosts := origins{}, origins{}
	r.Entries = make([]Entry, 0, r.Len())
	err := briefs(ctx, r.Reader, func(i int, b brief) {
		e := b.entry
		if inAttention[b.id] {
			e.Flags |= InAttention
		}
		if inIncident[b.id] {
			e.Flags |= InIncident
		}
		r.Entries = append(r.Entries, e)
		senders.add(b.sender, e.Time, i)
		for _, h := range b.hosts {
			hosts.add(h, e.Time, i)
		}
	})
	if err != nil {
		return fmt.Errorf("read findings: %w", err)
	}
	r.Senders, r.Hosts = senders.sorted(), hosts.sorted()
	return nil
}

func entryOf(m *finding.Message) Entry {
	e := Entry{Event: 255, Severity: uint8(m.Severity.Level()), Copies: uint32(len(m.Copies))}
	if m.Time != nil {
		e.Time = m.Time.Unix()
	}
	if i := slices.Index(events, m.Event); i >= 0 {
		e.Event = uint8(i)
	}
	// A verdict of a later version is shown as unverifiable: never better, never worse.
	e.Verdict = uint8(max(0, slices.Index(verdicts, finding.Unverifiable)))
	if i := slices.Index(verdicts, m.Verdict); i >= 0 {
		e.Verdict = uint8(i)
	}
	if m.Unnoticed {
		e.Flags |= Unnoticed
	}
	if m.ClockDoubt != "" {
		e.Flags |= ClockDoubt
	}
	if m.ContentRisk == "high" {
		e.Flags |= RiskHigh
	}
	if r := m.Read; r != nil {
		if r.Folder == finding.Spam || r.Folder == finding.Trash {
			e.Flags |= Aside
		}
		if r.Folder != "" || ReadState(m) != "" || r.Deleted != nil && *r.Deleted {
			e.Flags |= Placed
		}
	}
	return e
}

// strangeHosts lists the unofficial hosts m links to, each once.
func strangeHosts(m *finding.Message) []string {
	var hosts []string
	for _, l := range m.Links {
		if !l.Official && l.Host != "" && !slices.Contains(hosts, l.Host) {
			hosts = append(hosts, l.Host)
			if len(hosts) == 50 {
				break
			}
		}
	}
	return hosts
}

func domainOf(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return ""
}

type origins map[string]*Origin

func (o origins) add(name string, at int64, i int) {
	if name == "" {
		return
	}
	name = CutText(name, MaxShown)
	h := o[name]
	if h == nil {
		if len(o) >= maxOrigins {
			return
		}
		h = &Origin{Name: name, First: at, Last: at, Example: int32(i)}
		o[name] = h
	}
	h.Count++
	if at != 0 && (h.First == 0 || at < h.First) {
		h.First = at
	}
	h.Last = max(h.Last, at)
}

func (o origins) sorted() []Origin {
	list := make([]Origin, 0, len(o))
	for _, h := range o {
		list = append(list, *h)
	}
	slices.SortFunc(list, func(a, b Origin) int {
		switch {
		case a.Count != b.Count:
			return b.Count - a.Count
		case a.Name < b.Name:
			return -1
		}
		return 1
	})
	return list
}

func (r *Report) sortByTime() {
	r.ByTime = make([]int32, len(r.Entries))
	for i := range r.ByTime {
		r.ByTime[i] = int32(i)
	}
	slices.SortStableFunc(r.ByTime, func(a, b int32) int {
		ta, tb := r.Entries[a].Time, r.Entries[b].Time
		switch {
		case ta > tb:
			return -1
		case ta < tb:
			return 1
		}
		return int(a - b)
	})
}

func (r *Report) countMonths() {
	first, last := r.Span()
	if first.IsZero() {
		return
	}
	silent := map[string]bool{}
	for _, m := range r.Summary().SilentMonths {
		silent[m] = true
	}
	at := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, r.Zone)
	for len(r.Months) < maxMonths && !at.After(last) {
		r.Months = append(r.Months, Month{Start: at, Silent: silent[at.Format("2006-01")]})
		at = at.AddDate(0, 1, 0)
	}
	for _, e := range r.Entries {
		i := r.monthIndex(e.Time)
		if i < 0 {
			continue
		}
		m := &r.Months[i]
		switch v := e.VerdictWord(); {
		case e.Beware():
			m.Other++
		case v.FromAmazon():
			m.Genuine++
		case v == finding.Impersonation:
			m.Impersonation++
		default:
			m.Other++
		}
		if e.Flags&Unnoticed != 0 {
			m.Unnoticed++
		}
	}
}

func (r *Report) monthIndex(unix int64) int {
	if unix == 0 || len(r.Months) == 0 {
		return -1
	}
	t, first := time.Unix(unix, 0).In(r.Zone), r.Months[0].Start
	i := (t.Year()-first.Year())*12 + int(t.Month()-first.Month())
	if i >= len(r.Months) {
		return -1
	}
	return i
}

// Span is the time from the first to the last message of the report that has one, in its zone; both are zero where none
// has. Times whose clock is in doubt do not stretch it, unless there are no others.
func (r *Report) Span() (first, last time.Time) {
	lo, hi := r.span(func(e Entry) bool { return e.Flags&ClockDoubt == 0 })
	if lo == 0 {
		lo, hi = r.span(func(Entry) bool { return true })
	}
	if lo == 0 {
		return
	}
	return time.Unix(lo, 0).In(r.Zone), time.Unix(hi, 0).In(r.Zone)
}

func (r *Report) span(use func(Entry) bool) (lo, hi int64) {
	for _, e := range r.Entries {
		if e.Time == 0 || !use(e) {
			continue
		}
		if lo == 0 || e.Time < lo {
			lo = e.Time
		}
		hi = max(hi, e.Time)
	}
	return lo, hi
}

// Count is the number of messages with a verdict among those given.
func (r *Report) Count(vs ...finding.Verdict) int {
	n := 0
	for _, e := range r.Entries {
		if slices.Contains(vs, e.VerdictWord()) {
			n++
		}
	}
	return n
}

// RuleText explains a rule of the decision table in the report's language, from the stream's own records.
func (r *Report) RuleText(id string) string {
	for _, rule := range r.Rules() {
		if rule.ID != id {
			continue
		}
		if r.Lang == JA {
			return Safe(rule.JA)
		}
		return Safe(rule.EN)
	}
	if r.Has("rule." + id) {
		return r.Say("rule." + id)
	}
	return ""
}
