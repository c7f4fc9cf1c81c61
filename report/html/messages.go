package html

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// maxRowSubject is how many characters of a subject a row shows: some four lines. Its details show more.
const maxRowSubject = 160

const (
	blockRows = 100 // the largest number of rows of one block
	rowHeight = 34  // of one, as style.css makes it, in CSS pixels
)

type block struct {
	Title, Count string
	Class        string // its height for content-visibility
	First        bool   // of its month
	Codes        string // what the filter knows of its rows
	Sought       string // what the search finds them by, a line each
	Later        bool   // taken in when it comes near the window, when the rows are asked for, or when there is time
}

// eagerBlocks is how many blocks of a long list the browser takes in before it shows the page.
const eagerBlocks = 4

type row struct {
	ID, Href             string
	Verdict, VerdictWord string
	Event, Time          string
	From, Subject, Place string
	Unnoticed            bool
}

// messages writes the table of all messages in blocks by month, newest first.
func (p *page) messages() error {
	if err := p.exec("messages-open", map[string]any{"N": len(p.Entries), "Classes": p.classes(), "Verdicts": p.usedVerdicts(), "Zone": p.Zone.String(), "Places": p.has(view.Placed), "Big": p.big()}); err != nil {
		return err
	}
	n := 0
	for start := 0; start < len(p.ByTime); {
		end, month := p.blockEnd(start)
		b := block{Title: month, Class: "r" + strconv.Itoa(end-start), First: true, Later: p.big() && n >= eagerBlocks}
		n++
		if start > 0 {
			_, before := p.blockEnd(start - 1)
			b.First = before != month
		}
		if b.First {
			b.Count = p.Say("month.count", "n", p.monthCount(start))
		}
		b.Codes = p.codes(p.ByTime[start:end])
		sought := make([]string, 0, end-start)
		rows := make([]row, 0, end-start)
		for _, i := range p.ByTime[start:end] {
			m, err := p.Message(int(i))
			if err != nil {
				return err
			}
			sought = append(sought, p.Sought(m, p.detailed[i]))
			rows = append(rows, p.row(int(i), m))
		}
		b.Sought = strings.Join(sought, "\n")
		if err := p.exec("block-open", b); err != nil {
			return err
		}
		for _, r := range rows {
			if err := p.exec("row", r); err != nil {
				return err
			}
		}
		if err := p.exec("block-close", b); err != nil {
			return err
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		start = end
	}
	return p.exec("section-close", nil)
}

// big reports whether the page is so long that what is out of sight is not laid out. A shorter one is, so that a picture of
// the whole page shows it all.
func (p *page) big() bool { return len(p.Entries) > view.SmallReport }

// has reports whether any entry has a flag.
func (p *page) has(flag view.EntryFlags) bool {
	return slices.ContainsFunc(p.Entries, func(e view.Entry) bool { return e.Flags&flag != 0 })
}

func (p *page) monthOf(at int) string {
	t := p.Entries[p.ByTime[at]].Time
	if t == 0 {
		return p.Say("undated")
	}
	return p.Month(time.Unix(t, 0))
}

// blockEnd is the end of the block that begins at a place in ByTime, and the month it is of.
func (p *page) blockEnd(start int) (end int, month string) {
	month = p.monthOf(start)
	end = start + 1
	for end < len(p.ByTime) && end-start < blockRows && p.monthOf(end) == month {
		end++
	}
	return end, month
}

func (p *page) monthCount(start int) int {
	month, n := p.monthOf(start), 0
	for at := start; at < len(p.ByTime) && p.monthOf(at) == month; at++ {
		n++
	}
	return n
}

func (p *page) row(i int, m *finding.Message) row {
	r := row{
		ID: "m" + strconv.Itoa(i), Verdict: messageClass(m), VerdictWord: p.VerdictOf(m), Event: p.Event(m.Event),
		From: view.CutText(p.from(m), 120), Subject: view.CutText(p.subject(m), maxRowSubject), Place: p.Place(m), Unnoticed: m.Unnoticed,
	}
	if p.detailed[i] {
		r.Href = "#d" + strconv.Itoa(i)
	}
	if m.Time != nil {
		r.Time = p.ShortDate(*m.Time) + " " + p.Clock(*m.Time)
	}
	if quotesEvent(p.Entries[i]) {
		r.Verdict += " q"
	}
	return r
}

// quotesEvent reports whether a row's event is what a fake, or what is likely one, says that happened; it is then set in
// quotation marks.
func quotesEvent(e view.Entry) bool {
	return (e.Fake() || e.VerdictWord() == finding.Suspicious) && e.EventWord().Class() != "other"
}

// codes tells the script what it filters and sorts by, a word for each row: the time in seconds to the base of 36, a letter
// for the verdict (from A) and one for the subject area (from a), the severity as a digit, and letters for what else there
// is: n a notice above the line of the timeline, u unnoticed, t needs attention, s in spam or trash. One attribute of a block takes a fifth of the time that
// attributes of its rows do.
func (p *page) codes(rows []int32) string {
	b := make([]byte, 0, 12*len(rows))
	for k, i := range rows {
		if k > 0 {
			b = append(b, ' ')
		}
		e := p.Entries[i]
		if e.Time != 0 {
			b = strconv.AppendInt(b, e.Time, 36)
		}
		b = append(b, '.', verdictCode(e.VerdictWord()), classCode(e.EventWord()), '0'+e.Severity)
		if e.Notice() {
			b = append(b, 'n')
		}
		for _, f := range []struct {
			flag view.EntryFlags
			code byte
		}{{view.Unnoticed, 'u'}, {view.InAttention, 't'}, {view.Aside, 's'}} {
			if e.Flags&f.flag != 0 {
				b = append(b, f.code)
			}
		}
	}
	return string(b)
}

func verdictCode(v finding.Verdict) byte { return 'A' + byte(slices.Index(finding.Verdicts(), v)) }

func classCode(e finding.Event) byte {
	known := eventClasses()
	if i := slices.Index(known, e.Class()); i >= 0 {
		return 'a' + byte(i)
	}
	return 'a' + byte(len(known)-1)
}

// verdictKey is the verdict, or unverifiable for what a later version may say.
func verdictKey(v finding.Verdict) finding.Verdict {
	for _, known := range finding.Verdicts() {
		if v == known {
			return v
		}
	}
	return finding.Unverifiable
}

// eventClasses are the subject areas one can filter by; what is of none is of the last.
func eventClasses() []string {
	return []string{"security", "account", "prime", "order", "giftcard", "subscription", "statement", "seller", "aws", "marketing", "other"}
}

type choice struct{ Value, Name string }

func (p *page) classes() []choice {
	used := map[byte]bool{}
	for _, e := range p.Entries {
		used[classCode(e.EventWord())] = true
	}
	var list []choice
	for i, c := range eventClasses() {
		if code := 'a' + byte(i); used[code] {
			list = append(list, choice{string(code), p.Say("class." + c)})
		}
	}
	return list
}

func (p *page) usedVerdicts() []choice {
	var list []choice
	for _, v := range finding.Verdicts() {
		if p.Count(v) > 0 {
			list = append(list, choice{string(verdictCode(v)), p.Verdict(v)})
		}
	}
	return list
}

type signalView struct{ Text, Shown, Strength, Class string }

type linkView struct {
	Shown, Target string
	Official      bool
}

type authView struct {
	Trusted  string
	Results  []string
	Raw      string
	Ignored  string
	Checked  []string
	Boundary string
}

type detail struct {
	ID, RowHref               string
	Ref                       ref
	VerdictLong               string
	Rule                      string
	For, Against, Claims      []signalView
	Auth                      *authView
	Details                   []view.Detail
	Links                     []linkView
	MoreLinks                 int
	Attachments, Notes        []string
	Path                      string
	SHA256, MessageID, Number string
	Ways                      []view.Way
	Show                      string // the command that shows header and source
	Copies                    []string
	From, To                  string
	Pick                      bool // told in full on paper too
}

// Details stand in blocks too. On a page of more than maxEager that matter little, the blocks of the others are set in
// noscript elements: with JavaScript the browser takes each block for one text until it comes near the window or is asked
// for, without it they are there as all others. 3,000 messages in full would take twice the time of 50,000 rows.
const (
	detailRows   = 50
	detailHeight = 44 // of one that is closed, in CSS pixels
	maxEager     = 300
)

// detailBlock is a run of messages told in full that the browser takes in together.
type detailBlock struct {
	Class   string  // its height for content-visibility
	IDs     string  // numbers of its messages
	Later   bool    // taken in when it is asked for
	members []int32 // numbers of messages
}

// detailBlocks cuts the chosen messages, n of them, into blocks.
func (p *page) detailBlocks(n int) (blocks []*detailBlock) {
	eager := 0
	var b *detailBlock
	for _, i := range p.ByTime {
		if !p.detailed[i] {
			continue
		}
		later := n > view.SmallReport && !p.picked(i)
		if later {
			eager++
			later = eager > maxEager
		}
		if b == nil || len(b.members) == detailRows || b.Later != later {
			b = &detailBlock{Later: later}
			blocks = append(blocks, b)
		}
		b.members = append(b.members, i)
	}
	for _, b := range blocks {
		b.Class = "d" + strconv.Itoa(len(b.members))
		if b.Later {
			b.IDs = strings.Trim(fmt.Sprint(b.members), "[]")
		}
	}
	return blocks
}

// picked reports whether a message matters enough to be told in full on paper too.
func (p *page) picked(i int32) bool {
	return p.Entries[i].Flags&(view.InAttention|view.InIncident|view.Unnoticed) != 0
}

// details tells the chosen messages in full, in the order of the table.
func (p *page) details() error {
	n := 0
	for _, d := range p.detailed {
		if d {
			n++
		}
	}
	if len(p.Entries) == 0 {
		return nil
	}
	if err := p.exec("details-open", map[string]any{"N": n, "Rest": len(p.Entries) - n, "Big": p.big()}); err != nil {
		return err
	}
	for _, b := range p.detailBlocks(n) {
		if err := p.exec("details-block", b); err != nil {
			return err
		}
		for _, i := range b.members {
			if err := p.ctx.Err(); err != nil {
				return err
			}
			m, err := p.Message(int(i))
			if err != nil {
				return err
			}
			if err := p.exec("detail", p.detail(int(i), m)); err != nil {
				return err
			}
		}
		if err := p.exec("details-block-close", b); err != nil {
			return err
		}
	}
	return p.exec("section-close", nil)
}

// Bounds of what one message's details list.
const (
	maxLinks   = 12
	maxSignals = 30
)

func (p *page) detail(i int, m *finding.Message) detail {
	d := detail{
		ID: "d" + strconv.Itoa(i), RowHref: "#m" + strconv.Itoa(i), Ref: p.ref(i, m), VerdictLong: p.Say("verdict.long." + string(verdictKey(m.Verdict))),
		Rule: p.RuleText(m.Rule), Details: p.Details(m), SHA256: m.SHA256.String(), MessageID: view.WholeMessageID(m),
		Path: p.bytesAt(m), Ways: p.Ways(m),
	}
	if finding.ValidMessageID(m.ID) {
		d.Number, d.Show = m.ID, "mailaudit export --show "+m.ID
	}
	if d.Rule != "" {
		d.Rule = view.Safe(m.Rule) + " · " + d.Rule
	}
	for k, s := range m.Signals {
		if k == maxSignals {
			break
		}
		text, quotes := p.SignalOf(m, s)
		v := signalView{Text: text, Strength: p.Word("strength", string(s.Strength)), Class: strengthClass(s.Strength)}
		if !quotes {
			v.Shown = view.SignalShown(m, s)
		}
		switch s.For {
		case finding.ForGenuine, finding.ForMention:
			d.For = append(d.For, v)
		case finding.ForPosing, finding.ForAction:
			d.Claims = append(d.Claims, v)
		default:
			d.Against = append(d.Against, v)
		}
	}
	if m.Auth != nil {
		d.Auth = p.authOf(m)
	}
	for k, l := range m.Links {
		if k == maxLinks {
			d.MoreLinks = len(m.Links) - maxLinks
			break
		}
		shown := view.LinkShown(l)
		if l.Official {
			shown = view.QuoteN(m, l.Shown, 120)
		}
		d.Links = append(d.Links, linkView{shown, view.CutText(view.LinkTarget(m, l), 200), l.Official})
	}
	for k, a := range m.Attachments {
		if k == maxLinks {
			break
		}
		d.Attachments = append(d.Attachments, p.Say("why.attachment", "name", view.SafeN(a.Name, 120), "type", view.SafeN(a.Type, 80), "size", a.Size))
	}
	d.From = d.Ref.From
	d.Pick = p.picked(int32(i))
	if m.From != nil && m.From.Name != "" && view.Trusted(m) {
		d.From += " <" + view.Address(m, m.From.Address) + ">"
	}
	var to []string
	for k, a := range m.To {
		if k == 5 {
			break
		}
		to = append(to, view.Safe(a.Address))
	}
	d.To = p.List(to)
	if view.Beware(m) {
		d.VerdictLong = p.Say("verdict.long.beware")
	}
	d.Notes = p.notes(m)
	return d
}

func (p *page) bytesAt(m *finding.Message) string {
	return p.Say("why.bytes.at", "path", view.SafeN(strings.Join(m.Location.Path, " ! "), view.MaxShown), "offset", m.Location.Offset, "length", m.Location.Length)
}

func strengthClass(s finding.Strength) string {
	switch s {
	case finding.Strong, finding.Medium:
		return "w-" + string(s)
	}
	return "w-weak"
}

// notes are what a reader should know of a message beside its signals.
func (p *page) notes(m *finding.Message) []string {
	var notes []string
	switch {
	case view.Beware(m): // said by the verdict itself
	case m.ContentRisk == "high":
		notes = append(notes, p.Say("why.risk.high"))
	case m.ContentRisk == "low":
		notes = append(notes, p.Say("why.risk.low"))
	}
	if len(m.MoreFrom) > 0 {
		var list []string
		for _, a := range m.MoreFrom {
			list = append(list, a.Address)
		}
		notes = append(notes, p.Say("why.ignored_from", "list", list))
	}
	if m.ClockDoubt != "" {
		notes = append(notes, p.Say("why.clock", "reason", p.Word("clock", m.ClockDoubt)))
	}
	if m.StartDoubt != "" {
		notes = append(notes, p.Say("why.start"))
	}
	if m.Inner {
		notes = append(notes, p.Say("why.inner"))
	}
	if n := len(m.Copies); n > 0 {
		notes = append(notes, p.Say("why.copies", "n", n))
	}
	return notes
}

func (p *page) authOf(m *finding.Message) *authView {
	a := m.Auth
	v := &authView{Raw: view.QuoteN(m, a.Raw, 600), Boundary: view.Safe(a.Boundary)}
	result := func(name, value, of string) {
		if value == "" {
			return
		}
		s := name + " " + p.Word("result", value)
		if of != "" {
			s += p.Say("why.auth.of", "of", view.QuoteN(m, of, 100))
		}
		v.Results = append(v.Results, s)
	}
	if a.Trusted != "" {
		v.Trusted = p.Say("why.auth.trusted", "id", a.Trusted)
		if a.Assumed {
			v.Trusted = p.Say("why.auth.assumed", "id", a.Trusted)
		}
		result("DMARC", a.DMARC, "")
		for k, d := range a.DKIM {
			if k == 6 {
				break
			}
			result("DKIM", d.Result, d.Domain)
		}
		result("SPF", a.SPF, a.MailFrom)
		result("ARC", a.ARC, "")
		if a.Aligned {
			v.Results = append(v.Results, p.Say("why.auth.aligned"))
		} else {
			v.Results = append(v.Results, p.Say("why.auth.unaligned"))
		}
	}
	for k, d := range a.Checked {
		if k == 6 {
			break
		}
		v.Checked = append(v.Checked, p.Word("result", d.Result)+p.Say("why.auth.of", "of", view.QuoteN(m, d.Domain, 100)))
	}
	if len(a.Ignored) > 0 {
		var ids []string
		for _, id := range a.Ignored[:min(len(a.Ignored), 6)] {
			ids = append(ids, view.SafeN(id, 100))
		}
		v.Ignored = p.List(ids)
	}
	return v
}
