package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Fakes that show nothing of the brand but its name in a sentence are known by how the sentence is built, in any language: the
// brand, something of the reader's (an account, an order, a parcel), that something is wrong with it, and what is to be done.
// Any of these stands in honest mail; all of them from a sender who shows no name of its own is the brand's voice.

// How far from the brand's name the thing may stand that is said to be of the brand, in bytes: in one sentence, and in the next.
const (
	beside = 80
	about  = 160
)

// demand is what a message says and shows of itself that makes a demand in the brand's name, or an honest one.
type demand struct {
	role      bool // the sender is nobody but a role
	anonymous bool // or bears a name that the text does not
	near      bool // a thing of the reader's stands beside the brand's name
	object    bool // or anywhere
	wrong     bool // something is wrong with it
	lure      bool // or something is to be had
	asks      bool // something is to be done
	data      bool // and it is more than to confirm
	own       bool // what it leads to is known: the sender's, or a place of many
	elsewhere bool // it is short, and its one link leads to a stranger
	linkless  bool // it leads nowhere
	number    bool // an amount and a telephone number stand in it
	thanks    bool // it thanks or greets for using the brand
	paid      bool // the brand is named as whom money was paid to
	cards     bool // the brand's gift cards are spoken of
	question  bool // the brand stands in a question
	nobody    bool // the sender's domain says nothing of whose it is
	home      bool // its links lead to the sender's own pages
	trademark bool // it says whose trademark the name is
}

// demandRows are the rows by which a demand is weighed; the first that holds decides.
func demandRows() []struct {
	strength finding.Strength // "" for no claim
	when     func(d *demand) bool
} {
	const strong, medium = finding.Strong, finding.Medium
	return []struct {
		strength finding.Strength
		when     func(d *demand) bool
	}{
		{strong, func(d *demand) bool { return d.role && d.object && d.wrong && d.asks && !d.own }},
		// Who broke into a site has the page there too.
		{strong, func(d *demand) bool {
			return d.role && d.near && d.wrong && d.asks && (d.nobody || d.home && !d.cards)
		}},
		{strong, func(d *demand) bool { return d.role && d.near && !d.own && d.elsewhere }},
		{strong, func(d *demand) bool { return d.role && !d.own && d.number && (d.near || d.linkless && !d.paid) }},
		// Whatever it says: a role speaks of the brand and sends the reader to a stranger's page.
		{strong, func(d *demand) bool {
			return d.role && !d.own && d.elsewhere && !d.trademark && (d.wrong || d.asks)
		}},
		{medium, func(d *demand) bool { return d.role && !d.own && d.elsewhere && !d.trademark }},
		{"", func(d *demand) bool { return d.own || !d.near || !d.anonymous }},
		// Nobody but the brand thanks for using the brand, and this one gives a number instead of a name.
		{strong, func(d *demand) bool { return d.linkless && !d.paid && d.number && d.thanks }},
		// A bank that tells of a purchase and gives its number bears a name, and has no link to a stranger.
		{"", func(d *demand) bool { return !d.elsewhere }},
		{strong, func(d *demand) bool { return d.lure && d.asks }},
		// To confirm something alone is what neighbours and offices ask for too.
		{medium, func(d *demand) bool { return d.wrong && !d.question || d.data || d.lure }},
	}
}

// demandClaim weighs demands about the reader's things with the brand, and prizes in its name, from a sender who shows no face.
func (s *scene) demandClaim() {
	if s.excused() || s.inReplyTo() {
		return
	}
	at, near := s.objectOfBrand()
	if at < 0 || s.party() {
		return
	}
	d := s.demand(at, near)
	for _, row := range demandRows() {
		if row.when(d) {
			if row.strength != "" {
				s.addAs("brand.body", row.strength, s.around(at))
			}
			return
		}
	}
}

// demand reads what the rows ask about. The brand's name stands at a place of the text.
func (s *scene) demand(at int, near bool) *demand {
	calls := s.withPhone(s.hits[kindCall])
	data := len(s.hits[kindDemand])+len(s.hits[kindLogin])+len(s.hits[kindPay])+len(s.hits[kindClaim]) > 0
	wrong := s.troubled()
	return &demand{
		role: s.faceless() || s.lone(), anonymous: s.anonymous(),
		near: near, object: near || len(s.hits[kindObject]) > 0,
		wrong: wrong, lure: wrong || len(s.hits[kindCard])*len(s.hits[kindPrize]) > 0,
		asks: data || len(s.hits[kindConfirm])+len(calls) > 0, data: data,
		own: s.ownLinks() || s.placed(), home: s.ownLinks(), nobody: s.domainOfNobody(),
		elsewhere: s.elsewhere(), linkless: len(s.links) == 0,
		number: money(s.text) && dials(s.text), thanks: len(calls) > 0 && len(s.voice(kindThanks))+len(s.voice(kindGreeting)) > 0,
		paid: s.paidTo(at), cards: len(s.hits[kindCard]) > 0, question: s.question(at), trademark: s.trademark(),
	}
}

// question reports whether the sentence at a place of the text asks something: people ask, notices tell.
func (s *scene) question(at int) bool {
	end := strings.IndexAny(s.text[at:], ".!?。！？")
	return end >= 0 && (s.text[at+end] == '?' || strings.HasPrefix(s.text[at+end:], "？"))
}

// inReplyTo reports whether the message answers another one: people talk.
func (s *scene) inReplyTo() bool {
	return s.reply && (s.m.Header.Get("In-Reply-To") != "" || s.m.Header.Get("References") != "")
}

// excused reports whether something explains why a stranger speaks of the brand and asks for something.
func (s *scene) excused() bool {
	if s.official || s.via || s.hearsay || s.out.Forward != "" || s.out.Alias != "" || s.namesItself() {
		return true
	}
	for _, id := range []string{"context.list", "context.newsletter", "context.third_party", "context.discussion", "context.own_domain", "context.rival", "context.namesake"} {
		// A shop whose mailbox somebody else uses has its own name above what is said in the brand's.
		if s.has(id) && (id != "context.own_domain" || len(s.voice(kindGreeting)) == 0 || !s.elsewhere()) {
			return true
		}
	}
	for i := range s.links {
		if l := &s.links[i]; l.official && l.acts() {
			return true // it leads to the brand itself
		}
	}
	return false
}

// lone reports whether the sender is nobody: no display name, or an address in its place.
func (s *scene) lone() bool {
	name := strings.Trim(s.name, " \"'<>")
	return name == "" || strings.Contains(name, "@")
}

// letterLength is how long a text is at most, in bytes, that is about one thing.
const letterLength = 2500

// onlyHost is the one host that the message has its reader go to, "" where there is none or there are several, or where it is
// the sender's own.
func (s *scene) onlyHost() string {
	only := ""
	for i := range s.links {
		l := &s.links[i]
		if !l.acts() || l.unsubscribe || l.rec.From == "image" || l.benign {
			continue
		}
		if l.own || only != "" && only != l.host || l.u.last == "tracker" && !s.troubled() {
			return "" // through a mail service, newsletters go to pages of their own
		}
		only = l.host
	}
	return only
}

// troubled reports whether something is said to be wrong, or to come to an end.
func (s *scene) troubled() bool { return len(s.hits[kindTrouble])+len(s.hits[kindThreat]) > 0 }

// elsewhere reports whether the message is short and its one link leads neither to its sender nor to the brand.
func (s *scene) elsewhere() bool { return len(s.text) < letterLength && s.onlyHost() != "" }

// objectOfBrand finds the brand's name, in text or subject, and reports whether a thing of the reader's stands beside it in one
// sentence. The place is that of the name in the text, 0 where only the subject has it, and below 0 where nothing has it.
func (s *scene) objectOfBrand() (at int, near bool) {
	objects := s.hits[kindObject]
	if len(s.hits[kindPrize]) > 0 {
		objects = append(slices.Clip(objects), s.hits[kindCard]...)
	}
	at = -1
	if strings.Contains(s.markedSubject, mark) {
		at, near = 0, s.subjectSays.any(setOf(kindObject))
	}
	for from := 0; from < len(s.text); {
		i := strings.Index(s.text[from:], mark)
		if i < 0 {
			break
		}
		i += from
		if at <= 0 {
			at = i
		}
		if _, service := slices.BinarySearch(s.services, i); service {
			return i, true
		}
		for _, o := range objects {
			d := max(o.at-i, i-o.at)
			if d < beside && oneSentence(s.text[min(i, o.at):max(i, o.at)]) || d < about && len(s.text) < letterLength/3 {
				return i, true
			}
		}
		from = i + len(mark)
	}
	return at, near
}

// oneSentence reports whether no sentence ends in a piece of text.
func oneSentence(text string) bool {
	return !strings.ContainsAny(text, "!?。！？") && !strings.Contains(text, ". ")
}
