package view

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Printer says things in one language and one zone.
type Printer struct {
	Lang  Lang
	Zone  *time.Location
	texts *Catalogue
	asked []string                 // the ids of the brands that were asked for; nil for Amazon
	names map[string]finding.Brand // of brands that the texts have no word for
	told  *time.Time               // within a sentence or a story: the last time told
}

// NewPrinter returns a Printer. A nil zone is UTC.
func NewPrinter(c *Catalogue, lang Lang, zone *time.Location) *Printer {
	if zone == nil {
		zone = time.UTC
	}
	return &Printer{Lang: lang, Zone: zone, texts: c}
}

// Args are the values of a sentence's gaps by name.
type Args = map[string]any

// Say fills the sentence with an id; args are name and value in turn. An unknown id says so instead of failing: a stream
// may come from a later version.
func (p *Printer) Say(id string, args ...any) string {
	m := make(Args, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return p.fill(id, m)
}

// Text says a Text of the record stream.
func (p *Printer) Text(t finding.Text) string {
	if day := t.ID + ".day"; p.Has(day) && p.oneDay(t.Args) {
		return p.fill(day, t.Args)
	}
	return p.fill(t.ID, t.Args)
}

// oneDay reports whether start and end of a sentence are the same day, which is then named once.
func (p *Printer) oneDay(args Args) bool {
	day := func(name string) string {
		switch v := args[name].(type) {
		case string:
			if t, err := time.Parse(time.RFC3339, v); err == nil {
				return p.Date(t)
			}
			return v
		case time.Time:
			return p.Date(v)
		}
		return ""
	}
	return day("start") != "" && day("start") == day("end")
}

// Texts says several.
func (p *Printer) Texts(ts []finding.Text) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = p.Text(t)
	}
	return out
}

// Story says the sentences of a story one after another. The first time is told in full; what the one before has told
// is left out of those that follow, the year or the day, as people tell it.
func (p *Printer) Story(ts []finding.Text) []string {
	q := *p
	q.told = new(time.Time)
	return q.Texts(ts)
}

// toldTime is t as it follows what the sentence or the story has told before: without the year or the day where they are
// the same. Kind "when" heads a line, any other stands within an English sentence, after "at" or "between".
func (p *Printer) toldTime(kind string, t time.Time) string {
	if p.told == nil {
		return p.Time(t)
	}
	last := p.told.In(p.Zone)
	*p.told = t
	t = t.In(p.Zone)
	date := p.ShortDate(t)
	switch {
	case t.Year() != last.Year() && p.Lang == JA:
		date = p.Date(t)
	case t.Year() != last.Year():
		date += t.Format(" 2006")
	case t.YearDay() == last.YearDay():
		return p.Clock(t)
	}
	switch {
	case p.Lang == JA:
		return date + " " + p.Clock(t)
	case kind == "when":
		return date + ", " + p.Clock(t)
	}
	return p.Clock(t) + " on " + date
}

// Has reports whether there is a sentence with an id.
func (p *Printer) Has(id string) bool { return p.texts.Has(id) }

// Word is the word for a value of a kind: Word("verdict", "genuine"). Where there is none the value itself is shown.
func (p *Printer) Word(kind, value string) string {
	if value == "" {
		return ""
	}
	if s, ok := p.texts.texts[kind+"."+value]; ok {
		return p.join(s[p.Lang], nil)
	}
	if b, ok := p.names[value]; ok && kind == "issuer" {
		if p.Lang == JA && b.NameJA != "" {
			return Safe(b.NameJA)
		}
		return Safe(b.Name)
	}
	return Safe(value)
}

// fewBrands is how many brands a sentence names before it speaks of the chosen ones.
const fewBrands = 3

// Asked names the brands that were asked for: "Amazon", "Apple and DHL".
func (p *Printer) Asked() string {
	if len(p.asked) == 0 {
		return p.Word("issuer", "amazon")
	}
	if len(p.asked) > fewBrands || p.asked[0] == "all" {
		return p.Say("words.chosen_brands")
	}
	var names []string
	for _, id := range p.asked {
		names = append(names, p.Word("issuer", id))
	}
	return p.List(names)
}

// Knows names, for the sentences, the brands of a stream.
func (p *Printer) Knows(c *finding.Config, known []finding.Brand) {
	p.asked, p.names = c.Brands, make(map[string]finding.Brand, len(known))
	for _, b := range known {
		p.names[b.ID] = b
	}
}

// Verdict is the name of a verdict.
func (p *Printer) Verdict(v finding.Verdict) string { return p.Word("verdict", string(v)) }

// Event is the name of an event.
func (p *Printer) Event(e finding.Event) string { return p.Word("event", string(e)) }

// Severity is the name of a severity.
func (p *Printer) Severity(s finding.Severity) string { return p.Word("severity", string(s)) }

// Folder is the name of a folder's role.
func (p *Printer) Folder(f finding.Folder) string { return p.Word("folder", string(f)) }

// Signal says what a signal means, and whether the sentence quotes what was seen; it stands for a message that nobody
// vouches for.
func (p *Printer) Signal(s finding.Signal) (sentence string, quotes bool) {
	return p.SignalOf(&finding.Message{}, s)
}

// SignalOf says what a signal means in m, and whether the sentence quotes what was seen.
func (p *Printer) SignalOf(m *finding.Message, s finding.Signal) (sentence string, quotes bool) {
	text, ok := p.texts.texts[s.ID]
	if family, _, cut := strings.Cut(s.ID, "."); !ok && cut {
		// A family of signals may share a sentence: the sending programs a user's own pack adds to kit.
		text, ok = p.texts.texts[family+".*"]
	}
	if !ok {
		return Safe(s.ID), false
	}
	said := text[p.Lang]
	for _, g := range said {
		quotes = quotes || g.name == "shown"
	}
	return p.join(said, Args{"shown": p.shown(m, s), "id": s.ID}), quotes
}

// shown is what a signal saw, in words where the analyzer names it by its own: the features of the brand's path.
func (p *Printer) shown(m *finding.Message, s finding.Signal) string {
	switch s.ID {
	case "path.fingerprint":
		var words []string
		for name := range strings.SplitSeq(s.Shown, ", ") {
			words = append(words, p.Word("feature", name))
		}
		return p.List(words)
	case "path.forwarder":
		if kind, host, ok := strings.Cut(s.Shown, " "); ok {
			return p.Word("forwarder", kind) + " " + Quote(m, host)
		}
	case "start.doubt":
		return p.Word("doubt", s.Shown)
	}
	return SignalShown(m, s)
}

func (p *Printer) fill(id string, args Args) string {
	s, ok := p.texts.texts[id]
	if !ok {
		if id == "words.unknown" {
			return Safe(id)
		}
		return p.Say("words.unknown", "id", id)
	}
	if p.told == nil {
		q := *p
		q.told = new(time.Time)
		p = &q
	}
	return p.join(s[p.Lang], args)
}

func (p *Printer) join(s sentence, args Args) string {
	if len(s) == 1 && s[0].name == "" {
		return s[0].text
	}
	var b strings.Builder
	for _, g := range s {
		if g.name == "" {
			b.WriteString(g.text)
			continue
		}
		b.WriteString(p.value(g, args[g.name]))
	}
	return b.String()
}

// maxListed is how many values of a list are shown in a sentence before "and n more".
const maxListed = 8

// value shows one argument as its gap wants it.
func (p *Printer) value(g segment, v any) string {
	switch list := v.(type) {
	case nil:
		switch g.kind {
		case "account":
			return p.Word("account", "unknown")
		case "asked":
			return p.Asked()
		case "brand":
			return p.Word("issuer", "amazon")
		}
		return p.Word("value", "unknown")
	case []any:
		return p.list(g, list)
	case []string:
		all := make([]any, len(list))
		for i, s := range list {
			all[i] = s
		}
		return p.list(g, all)
	}
	switch g.kind {
	case "plural":
		n, ok := number(v)
		if !ok {
			return Safe(fmt.Sprint(v))
		}
		if n == 1 {
			return p.Number(n) + " " + g.one
		}
		return p.Number(n) + " " + g.many
	case "bytes":
		if n, ok := number(v); ok {
			return p.Bytes(n)
		}
	case "time", "when", "date", "month":
		return p.timeValue(g.kind, v)
	}
	if n, ok := number(v); ok {
		return p.Number(n)
	}
	switch v := v.(type) {
	case bool:
		if v {
			return p.Word("value", "yes")
		}
		return p.Word("value", "no")
	case time.Time:
		return p.toldTime(g.kind, v)
	case string:
		return p.stringValue(g.kind, v)
	case finding.Event:
		return p.Event(v)
	case finding.Verdict:
		return p.Verdict(v)
	case finding.Severity:
		return p.Severity(v)
	}
	return Safe(fmt.Sprint(v))
}

func (p *Printer) stringValue(kind, v string) string {
	switch kind {
	case "event", "verdict", "severity", "folder", "issuer", "state", "kind":
		return p.Word(kind, v)
	case "brand":
		return p.Word("issuer", v)
	case "account":
		return p.quotedAccount(v)
	case "host":
		return DefangHost(v)
	case "address":
		return DefangAddress(v)
	case "url":
		return DefangURL(v)
	case "amount": // "48600 JPY"
		amount, currency, _ := strings.Cut(v, " ")
		return p.Amount(amount, currency)
	}
	return Safe(v)
}

func (p *Printer) list(g segment, all []any) string {
	var parts []string
	for i, v := range all {
		if i == maxListed && len(all) > maxListed+1 {
			parts = append(parts, p.Say("words.more", "n", len(all)-maxListed))
			break
		}
		parts = append(parts, p.value(g, v))
	}
	return p.List(parts)
}

// List joins parts as the language does.
func (p *Printer) List(parts []string) string {
	if p.Lang == JA {
		return strings.Join(parts, "、")
	}
	return strings.Join(parts, ", ")
}

// timeValue shows a value of a time, date or month kind; what is no time is shown as it is.
func (p *Printer) timeValue(kind string, v any) string {
	t, isTime := v.(time.Time)
	if s, ok := v.(string); ok {
		for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01", "2006"} {
			parsed, err := time.Parse(layout, s)
			if err != nil {
				continue
			}
			t, isTime = parsed, true
			if layout != time.RFC3339 {
				// A calendar date has no zone to be moved to.
				t = time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, p.Zone)
			}
			if layout == "2006" {
				if kind == "month" {
					return p.Period(s)
				}
				break
			}
			if layout == "2006-01" {
				kind = "month"
			} else if layout == "2006-01-02" && kind != "month" {
				kind = "date"
			}
			break
		}
	}
	if !isTime {
		return Safe(fmt.Sprint(v))
	}
	switch kind {
	case "date":
		return p.Date(t)
	case "month":
		return p.Month(t)
	}
	return p.toldTime(kind, t)
}

// number reads the integers that come in Go values and JSON numbers.
func number(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case int32:
		return int64(n), true
	case uint32:
		return int64(n), true
	case float64:
		if n == float64(int64(n)) {
			return int64(n), true
		}
	case json.Number:
		i, err := strconv.ParseInt(n.String(), 10, 64)
		return i, err == nil
	}
	return 0, false
}
