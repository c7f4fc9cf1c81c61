// Package attention says what needs a person: a short list, most serious first, in which one story is one item, each
// with what was seen, why it matters and what to do now.
//
// Severity is that of what happened to the account, never what a fake claims. That somebody else acted is said of incidents
// alone, and an incident needs what honest acts don't show (package timeline). Every other change of the account is a
// question, one line that only the owner can answer: medium, or low where its notices were read. Whether a nightly run
// tells an item is a property of its own (finding.Attention.Tell).
// Where there is nothing to do, an all-clear says what was looked at, over which time, and what could not be known.
//
// What to do is data (steps.toml), each step with its source and date, chosen by situation and by the country of the
// marketplace.
package attention

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/records"
	"github.com/mailaudit/mailaudit/analyzer/statement"
	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

// Kinds of attention items.
const (
	Takeover         = "takeover"               // an account_takeover incident
	Phish            = "phish_then_change"      // the incident of that name
	Burst            = "purchase_burst"         // the incident of that name
	Bomb             = "mail_bomb"              // the incident of that name
	Silence          = "silence"                // the incident of that name
	Reset            = "password_reset_unasked" // the incident of that name
	Question         = "question"               // a change of which only the owner knows whether it was his own
	UnnoticedChange  = "unnoticed_change"       // genuine notices of changes that were never opened
	GenuineInSpam    = "genuine_in_spam"        // genuine notices that lie in spam
	UnknownRead      = "unknown_read"           // serious genuine notices of which it is not known whether they were read
	Unverifiable     = "unverifiable_notice"    // serious notices that can be shown to be neither genuine nor fake
	ExposedKey       = "exposed_key"            // Amazon says that an access key is in other hands
	RepliedToFake    = "replied_to_fake"        // a fake was answered
	OpenedFake       = "opened_fake"            // fakes were opened
	RiskContent      = "risk_content"           // dangerous text that came through the brand's own mail
	MissingStatement = "missing_statement"      // statements that never came
	UnreadStatement  = "unread_statement"       // statements that came and were not read
	OrderNoMail      = records.NoMail           // orders of Amazon's records that mail should tell of
	OrdersUntold     = records.Untold           // the same in a mailbox that lacks many
	MailNoOrder      = records.NoRecord         // genuine confirmations of orders that Amazon's records lack
	Unexplained      = records.Charged          // charges of a card that nothing explains
	MailLost         = "mail_lost"              // mail that could not be read
	Incomplete       = "incomplete"             // the scan was interrupted
	More             = "more"                   // what did not fit on the list
	AllClear         = "all_clear"              // nothing found, and what that rests on
)

// maxItems is how many items a list has; one more then says how many are left out, which stand among the incidents and
// series. A family's mailbox of twenty years has less than twenty.
const maxItems = 60

// Input is what the conclusion is drawn from.
type Input struct {
	Entries  []fact.Entry   // copies counted once; in any order
	Accounts []fact.Account // by Entry.Account
	Brands   *brand.Set     // Entry.Brand is an index into Brands.All()
	// Others are the brands that are not audited; nil for none. An Entry.Brand behind Brands is an index into them: such an
	// entry is told only in an incident that began there.
	Others *brand.Set
	Lookup fact.Lookup
	// Span is the time of the oldest and the newest message of the whole mailbox; zero where it has none.
	Span [2]time.Time
	// Until is up to when mail that came would be in the mailbox: of one in use now, of an export zero. Until then a
	// statement can be missing behind the last mail too.
	Until time.Time
	// Months counts all mail by month, "2006-01"; Arrivals by hour since the Unix epoch.
	Months   map[string]int64
	Arrivals map[int32]int32
	// AsOf is the time that what depends on the calendar is judged for.
	AsOf time.Time
	// Location is the owner's zone, for night hours and for the month of a statement; nil where it is not known: then
	// nothing is said of the night, and months are those of the issuer's own zone.
	Location *time.Location
	// Own are the owner's addresses, lower case; nil where they are not known.
	Own map[string]bool
	// Incomplete tells that the scan was interrupted, Lost how many problems lost mail.
	Incomplete bool
	Lost       int64
	// Records are what Amazon keeps of the account and statements of cards; nil where none were given.
	Records *records.Set
}

// Output is the conclusion.
type Output struct {
	Incidents []finding.Incident
	Series    []finding.Series
	Ledger    []finding.Ledger    // with Input.Records
	Attention []finding.Attention // ranked
	Problems  []finding.Problem   // what had to be left out

	unnoticed map[uint32]bool
	incidents map[uint32][]string
}

// Unnoticed reports whether the message at a position of the spool is unnoticed (STREAM §4).
func (o *Output) Unnoticed(pos uint32) bool { return o.unnoticed[pos] }

// UnnoticedCount is how many messages are.
func (o *Output) UnnoticedCount() int { return len(o.unnoticed) }

// Incident is the ids of the incidents that a message belongs to, nil for none.
func (o *Output) Incident(pos uint32) []string { return o.incidents[pos] }

// conclusion draws up the list.
type conclusion struct {
	Input
	events   []finding.Event
	verdicts []finding.Verdict
	found    timeline.Found
	series   []statement.Series
	beside   records.Output
	told     map[uint32]bool // entries that an item already tells
	items    []item
	out      Output
	home     map[string]string // see homes
	failed   error             // the first failed lookup
}

// item is an attention item with what it is ranked by.
type item struct {
	finding.Attention
	score  int   // READSTATE §1: how well hidden it was
	latest int64 // time of its newest message
	rest   bool  // gathers what is left: stands behind the stories of its severity
}

// Conclude finds incidents, series and what needs attention. The result does not depend on the order of in.Entries.
func Conclude(in Input) (Output, error) {
	c := &conclusion{
		Input: in, events: finding.Events(), verdicts: finding.Verdicts(), told: make(map[uint32]bool),
		out: Output{unnoticed: make(map[uint32]bool), incidents: make(map[uint32][]string)},
	}
	var audited []bool
	var issuers []statement.Issuer
	if in.Brands != nil {
		for _, b := range in.Brands.All() {
			audited = append(audited, b.Can(brand.Account))
			issuers = append(issuers, statement.Issuer{ID: b.ID, Cadence: b.Cadence})
		}
	}
	var err error
	c.found, err = timeline.Find(timeline.Input{
		Entries: in.Entries, Accounts: in.Accounts, Audited: c.only(audited), Keys: c.keys(), Lookup: in.Lookup, Span: in.Span, Months: in.Months,
		Arrivals: in.Arrivals, Own: in.Own, Location: c.Location,
	})
	if err != nil {
		return Output{}, fmt.Errorf("finding incidents: %w", err)
	}
	known := in.Span
	if in.Until.After(known[1]) && !known[1].IsZero() {
		known[1] = in.Until
	}
	statements, err := statement.Find(statement.Input{
		Entries: in.Entries, Accounts: in.Accounts, Issuers: issuers, Lookup: in.Lookup, Span: known, Months: in.Months, Arrivals: in.Arrivals,
		AsOf: in.AsOf, Location: c.Location,
	})
	if err != nil {
		return Output{}, fmt.Errorf("finding series: %w", err)
	}
	c.series = statements.Series
	c.out.Problems = slices.Concat(c.found.Problems, statements.Problems)
	if in.Records != nil {
		c.beside, err = records.Match(in.Records, records.Input{Entries: in.Entries, Accounts: in.Accounts, Lookup: in.Lookup, Span: in.Span, Months: in.Months})
		if err != nil {
			return Output{}, fmt.Errorf("beside Amazon's records: %w", err)
		}
		c.out.Ledger = c.beside.Lines
		c.out.Problems = append(c.out.Problems, in.Records.Problems...)
	}
	if err := c.mark(); err != nil {
		return Output{}, err
	}
	for _, in := range c.found.Incidents {
		if b := c.place(in.AccountIndex).brand; b != nil {
			for i, t := range in.Story {
				in.Story[i].Args = maps.Clone(t.Args)
				if in.Story[i].Args == nil {
					in.Story[i].Args = args{}
				}
				if in.Story[i].Args["brand"] == nil {
					in.Story[i].Args["brand"] = b.ID
				}
			}
		}
		c.out.Incidents = append(c.out.Incidents, in.Incident)
	}
	for _, s := range c.series {
		c.out.Series = append(c.out.Series, s.Series)
	}
	c.list()
	if c.failed != nil {
		return Output{}, c.failed
	}
	c.rank()
	return c.out, nil
}

// mark notes which messages are unnoticed and which incidents they belong to.
func (c *conclusion) mark() error {
	hiding := make(map[uint32]bool)
	for _, in := range c.found.Incidents {
		for _, i := range in.Members {
			pos := c.Entries[i].Pos
			hiding[pos] = hiding[pos] || in.Hiding
			c.out.incidents[pos] = append(c.out.incidents[pos], in.ID)
		}
	}
	undated := 0
	first := uint32(0)
	for i := range c.Entries {
		e := &c.Entries[i]
		if c.foreign(e) {
			continue
		}
		inside := len(c.out.incidents[e.Pos]) > 0
		if timeline.IsUnnoticed(c.event(e), c.severity(e), c.verdict(e), e.Flags, inside, hiding[e.Pos]) {
			c.out.unnoticed[e.Pos] = true
		}
		if e.Time == 0 && c.verdict(e).FromAmazon() && c.severity(e).Level() >= finding.MediumS.Level() {
			if undated == 0 || e.Compare(&c.Entries[first]) < 0 {
				first = uint32(i)
			}
			undated++
		}
	}
	if undated > 0 {
		p := finding.Problem{Stage: "header", Reason: fmt.Sprintf("no clock of %d genuine notices can be believed: they are in no incident and no series", undated)}
		if c.Lookup != nil {
			f, err := c.Lookup(c.Entries[first].Pos)
			if err != nil {
				return fmt.Errorf("looking up message %s: %w", c.Entries[first].ID(), err)
			}
			p.Location = f.Location
		}
		c.out.Problems = append(c.out.Problems, p)
	}
	return nil
}

func (c *conclusion) event(e *fact.Entry) finding.Event {
	if int(e.Event) < len(c.events) {
		return c.events[e.Event]
	}
	return finding.OtherEvent
}

func (c *conclusion) verdict(e *fact.Entry) finding.Verdict {
	if int(e.Verdict) < len(c.verdicts) {
		return c.verdicts[e.Verdict]
	}
	return finding.Mention
}

func (c *conclusion) severity(e *fact.Entry) finding.Severity { return severityOf(int(e.Severity)) }

func severityOf(level int) finding.Severity {
	all := finding.Severities()
	if level < 1 || level > len(all) {
		return finding.Info
	}
	return all[len(all)-level]
}

// rank sorts the items, most serious first: by severity, then by how well it was hidden, then the newest first.
func (c *conclusion) rank() {
	slices.SortFunc(c.items, func(a, b item) int {
		return cmp.Or(
			cmp.Compare(b.Severity.Level(), a.Severity.Level()),
			cmp.Compare(order(a.Kind), order(b.Kind)),
			compareBool(a.rest, b.rest),
			cmp.Compare(b.score, a.score),
			cmp.Compare(b.latest, a.latest),
			cmp.Compare(a.ID, b.ID),
		)
	})
	if left := len(c.items) - maxItems; left > 0 {
		worst := c.items[maxItems].Severity
		c.items = append(c.items[:maxItems:maxItems], item{Attention: finding.Attention{
			ID: fact.StableID("a", More), Severity: worst, Kind: More, Why: text(More, args{"n": left}),
		}})
	}
	for k := range c.items {
		c.items[k].Rank = k + 1
		c.items[k].Tell = c.items[k].Tell || c.items[k].Severity.Level() >= finding.High.Level()
		c.out.Attention = append(c.out.Attention, c.items[k].Attention)
	}
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// order puts kinds of one severity in the order in which a person should read them.
func order(kind string) int {
	return slices.Index([]string{
		Takeover, Phish, Silence, OrderNoMail, Unexplained, MailNoOrder, ExposedKey, RepliedToFake, Bomb, Burst, UnnoticedChange, GenuineInSpam, UnknownRead, Reset,
		RiskContent, MailLost, Incomplete, MissingStatement, UnreadStatement, Unverifiable, OpenedFake, OrdersUntold, Question, More, AllClear,
	}, kind)
}
