package html

import (
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// ref is a short reference to a message: time, mark and subject, with a link to where it is told.
type ref struct {
	Href, Time, Clock, Class, Verdict, Event, Subject, From, Place string
	Severity                                                       string
	Unnoticed                                                      bool
	Quoted                                                         bool // the event is what a fake says
}

// maxRefs is how many mails an item lists; the rest is counted.
const maxRefs = 30

// refs looks up messages by id, in the order given.
func (p *page) refs(ids []string) (list []ref, more int, err error) {
	for _, id := range ids {
		if len(list) == maxRefs {
			return list, len(ids) - maxRefs, nil
		}
		i, ok := p.Index(id)
		if !ok {
			continue
		}
		m, err := p.Message(i)
		if err != nil {
			return nil, 0, err
		}
		list = append(list, p.ref(i, m))
	}
	return list, 0, nil
}

func (p *page) ref(i int, m *finding.Message) ref {
	r := ref{
		Class: messageClass(m), Verdict: p.VerdictOf(m), Event: p.Event(m.Event), Subject: p.subject(m), From: p.from(m),
		Place: p.Place(m), Severity: severityClass(m.Severity), Unnoticed: m.Unnoticed, Href: "#" + p.anchor(i),
	}
	if e := p.Entries[i]; e.Fake() || e.VerdictWord() == finding.Suspicious {
		r.Severity, r.Quoted = severityClass(finding.Info), quotesEvent(e)
	}
	if m.Time != nil {
		r.Time, r.Clock = p.Time(*m.Time), p.Clock(*m.Time)
	} else {
		r.Time = p.Say("undated")
	}
	return r
}

// anchor is the fragment of a message: its details where the page tells them, else its row. Messages are numbered, for
// an id comes from the stream and may be anything.
func (p *page) anchor(i int) string {
	if p.detailed[i] {
		return "d" + strconv.Itoa(i)
	}
	return "m" + strconv.Itoa(i)
}

func (p *page) subject(m *finding.Message) string {
	if s := view.Safe(m.Subject); strings.TrimSpace(s) != "" {
		return s
	}
	return p.Say("no.subject")
}

// from is the sender as the table shows it: the name, and the address where there is no name or nobody vouches for it.
func (p *page) from(m *finding.Message) string {
	if m.From == nil || m.From.Name == "" && m.From.Address == "" {
		return p.Say("no.from")
	}
	name, address := view.SafeN(m.From.Name, 80), view.Address(m, m.From.Address)
	switch {
	case name == "":
		return address
	case address == "" || view.Trusted(m):
		return name
	}
	return name + " <" + address + ">"
}

// messageClass is verdictClass but for genuine senders with somebody else's harmful text: those are coloured as a warning.
func messageClass(m *finding.Message) string {
	if view.Beware(m) {
		return "v-beware"
	}
	return verdictClass(m.Verdict)
}

// verdictClass is the CSS class of a verdict, from a fixed set whatever the stream says.
func verdictClass(v finding.Verdict) string {
	switch v {
	case finding.Genuine, finding.GenuineRelay:
		return "v-genuine"
	case finding.LikelyGenuine:
		return "v-likely"
	case finding.Impersonation:
		return "v-fake"
	case finding.Suspicious:
		return "v-suspicious"
	case finding.Mention:
		return "v-mention"
	}
	return "v-open"
}

func severityClass(s finding.Severity) string {
	if s.Level() == 0 {
		return "s-info"
	}
	return "s-" + string(s)
}

type attentionItem struct {
	Rank                     int
	Class, Severity          string
	Why, Account             string
	Do, Limits               []string
	Calm                     bool // says that nothing needs anybody
	Refs                     []ref
	N, More                  int // mails in all, and those not listed
	Incident, IncidentAnchor string
	Ack                      string // the command that acknowledges it, with the id to give
}

func (p *page) attention() error {
	var items []attentionItem
	ranked := false
	list := p.Attention()
	for i, a := range list {
		refs, more, err := p.refs(a.Messages)
		if err != nil {
			return err
		}
		item := attentionItem{
			Rank: a.Rank, Class: severityClass(a.Severity), Severity: p.ItemSeverity(a), Why: p.Text(a.Why), Refs: refs, N: len(refs) + more, More: more,
			Account: p.Account(a.Account), Calm: view.Calm(a),
		}
		ranked = ranked || !item.Calm
		if finding.ValidAttentionID(a.ID) && !item.Calm && a.Acknowledged == nil {
			item.Ack = "mailaudit ack " + a.ID
		}
		for _, t := range a.Do {
			if view.Grouped(list, i) {
				break
			}
			if view.Limit(t) {
				item.Limits = append(item.Limits, p.Text(t))
			} else {
				item.Do = append(item.Do, p.Text(t))
			}
		}
		for n, i := range p.Incidents() {
			if i.ID == a.Incident && a.Incident != "" {
				item.IncidentAnchor = "#i" + strconv.Itoa(n)
			}
		}
		items = append(items, item)
	}
	return p.exec("attention", map[string]any{"Items": items, "Ranked": ranked})
}

type incidentView struct {
	ID, Kind, Class, Severity, Account, Span string
	Story                                    []storyStep
	Refs                                     []ref
	N, More                                  int // mails in all, and those not listed
	Strips                                   []*strip
}

// storyStep is one sentence of a story with links to the mails that say so.
type storyStep struct {
	Text  string
	Mails []storyMail
}

type storyMail struct{ Href, Facts string }

func (p *page) story(i *finding.Incident) (out []storyStep, err error) {
	steps, err := p.StorySteps(i)
	for _, s := range steps {
		step := storyStep{Text: s.Text}
		for _, m := range s.Mails {
			step.Mails = append(step.Mails, storyMail{"#" + p.anchor(m.Index), m.Facts})
		}
		out = append(out, step)
	}
	return out, err
}

func (p *page) incidents() error {
	if len(p.Incidents()) == 0 {
		return nil
	}
	if err := p.exec("incidents-open", nil); err != nil {
		return err
	}
	for n, i := range p.Incidents() {
		refs, more, err := p.refs(i.Messages)
		if err != nil {
			return err
		}
		story, err := p.story(i)
		if err != nil {
			return err
		}
		v := incidentView{
			ID: "i" + strconv.Itoa(n), Kind: p.Word("kind", i.Kind), Class: severityClass(i.Severity), Severity: p.Severity(i.Severity),
			Account: p.Account(i.Account), Story: story, Refs: refs, N: len(refs) + more, More: more,
		}
		if i.Start != nil && i.End != nil {
			v.Span = p.Say("incident.span", "first", *p.Began(i), "last", *i.End)
			v.Strips = p.incidentStrips(*i.Start, *i.End)
		}
		if err := p.exec("incident", v); err != nil {
			return err
		}
	}
	return p.exec("section-close", nil)
}

type calendarCell struct {
	Mark, State, Class, Period, Href string
}

type calendarRow struct {
	Issuer, Account, Cadence string
	Months                   [][]calendarCell
	Whole                    []calendarCell
}

type calendarYear struct {
	Year   string
	Months []string
	Rows   []calendarRow
	Whole  bool
}

// stateClasses are the classes of period states; others have none.
func stateClass(state string) string {
	for _, s := range finding.PeriodStates {
		if s == state {
			return "p-" + strings.ReplaceAll(s, "_", "-")
		}
	}
	return "p-unknown"
}

func (p *page) statements() error {
	if len(p.Series()) == 0 {
		return nil
	}
	var years []calendarYear
	cells := func(ps []finding.Period) (list []calendarCell) {
		for _, period := range ps {
			c := calendarCell{Mark: view.StateMark(period.State), State: p.Word("state", period.State), Class: stateClass(period.State), Period: p.Period(period.Period)}
			if i, ok := p.Index(period.Message); ok && period.Message != "" {
				c.Href = "#" + p.anchor(i)
			}
			list = append(list, c)
		}
		return list
	}
	used := map[string]bool{}
	for _, y := range p.Calendar() {
		v := calendarYear{Year: p.Say("period.year", "year", strconv.Itoa(y.Year))}
		for m := time.January; m <= time.December; m++ {
			v.Months = append(v.Months, p.ShortMonth(m))
		}
		for _, r := range y.Rows {
			row := calendarRow{Issuer: p.SeriesName(r.Series), Account: p.Account(r.Series.Account), Cadence: p.Word("cadence", r.Series.Cadence), Whole: cells(r.Whole)}
			for _, ps := range r.Months {
				for _, period := range ps {
					used[period.State] = true
				}
				row.Months = append(row.Months, cells(ps))
			}
			for _, period := range r.Whole {
				used[period.State] = true
				v.Whole = true
			}
			v.Rows = append(v.Rows, row)
		}
		years = append(years, v)
	}
	var key []calendarCell
	for _, s := range finding.PeriodStates {
		if used[s] {
			key = append(key, calendarCell{Mark: view.StateMark(s), State: p.Word("state", s), Class: stateClass(s)})
		}
	}
	return p.exec("statements", map[string]any{"Years": years, "Key": key})
}

type originRow struct {
	Name, Count, First, Last, Href string
}

// maxOriginRows is how many senders and hosts the page lists; the workbook has all.
const maxOriginRows = 100

func (p *page) origins() error {
	if len(p.Senders)+len(p.Hosts) == 0 {
		return nil
	}
	rows := func(list []view.Origin) (out []originRow) {
		for _, o := range list[:min(len(list), maxOriginRows)] {
			out = append(out, originRow{view.DefangHost(o.Name), p.Number(int64(o.Count)), p.unixDate(o.First), p.unixDate(o.Last), "#" + p.anchor(int(o.Example))})
		}
		return out
	}
	return p.exec("origins", map[string]any{
		"Senders": rows(p.Senders), "Hosts": rows(p.Hosts),
		"MoreSenders": max(0, len(p.Senders)-maxOriginRows), "MoreHosts": max(0, len(p.Hosts)-maxOriginRows),
	})
}

func (p *page) unixDate(t int64) string {
	if t == 0 {
		return ""
	}
	return p.Date(time.Unix(t, 0))
}

type methodRow struct{ Name, Text, Count string }

func (p *page) method() error {
	var verdicts, trust, rules []methodRow
	for _, v := range finding.Verdicts() {
		verdicts = append(verdicts, methodRow{p.Verdict(v), p.Say("verdict.long." + string(v)), p.Number(int64(p.Count(v)))})
	}
	for _, t := range p.Profile().Trust {
		trust = append(trust, methodRow{view.Safe(t.Domain), p.TrustLine(t), p.Number(t.Messages)})
	}
	for _, r := range p.Rules() {
		rules = append(rules, methodRow{view.Safe(r.ID), p.RuleText(r.ID), ""})
	}
	var owner []string
	for i, o := range p.Profile().Owner {
		if i == 50 {
			break
		}
		owner = append(owner, view.Safe(o))
	}
	c := p.Config()
	return p.exec("method", map[string]any{
		"Verdicts": verdicts, "Trust": trust, "Rules": rules, "Owner": owner, "Labels": p.UnknownLabels(),
		"Version": p.Say("method.version", "version", c.Version, "digest", shortDigest(c.RulesDigest), "protocol", c.Protocol),
	})
}

func shortDigest(s string) string {
	if len(s) > 16 {
		return s[:16]
	}
	return s
}

type sourceRow struct {
	Name, Size, SHA256, Mailboxes, Messages string
}

type problemRow struct {
	Lost                    bool
	Stage, Reason, Location string
}

// maxProblemRows is how many problems the page lists, those that lost mail first; the workbook has all.
const maxProblemRows = 500

func (p *page) evidence() error {
	var sources []sourceRow
	skipped := 0
	for i, s := range p.Sources() {
		skipped += len(s.Skipped)
		if i == maxProblemRows {
			continue
		}
		row := sourceRow{view.Safe(s.Name), p.Bytes(s.Size), "", p.Number(s.Mailboxes), p.Number(s.Messages)}
		if !s.SHA256.IsZero() {
			row.SHA256 = s.SHA256.String()
		}
		sources = append(sources, row)
	}
	var lost, kept []problemRow
	err := p.Problems(func(pr *finding.Problem) error {
		row := problemRow{pr.Lost, p.Word("stage", pr.Stage), p.Reason(pr.Reason), view.PathText(pr.Location) + " @ " + p.Number(pr.Location.Offset)}
		if pr.Lost && len(lost) < maxProblemRows {
			lost = append(lost, row)
		} else if !pr.Lost && len(kept) < maxProblemRows {
			kept = append(kept, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	problems := append(lost, kept...)
	problems = problems[:min(len(problems), maxProblemRows)]
	s := p.Summary()
	account := p.Say("method.bytes", "bytes", s.Bytes, "accounted", s.BytesAccounted)
	if s.Bytes != s.BytesAccounted {
		account = p.Say("method.bytes.off", "bytes", s.Bytes, "accounted", s.BytesAccounted)
	}
	return p.exec("evidence", map[string]any{
		"Sources": sources, "Bytes": account, "Skipped": skipped, "Problems": problems, "More": max(0, p.ProblemCount()-len(problems)),
	})
}

func (p *page) glossary() error { return p.exec("glossary", map[string]any{"Terms": p.Glossary()}) }
