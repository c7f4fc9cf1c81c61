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

// demandClaim weighs demands about the reader's things with the brand, and prizes in its name, from a sender who shows no face.
func (s *scene) demandClaim() {
	if s.excused() || s.inReplyTo() {
		return
	}
	at, near := s.objectOfBrand()
	if at < 0 || s.party() {
		return
	}
	own := s.ownLinks() || s.placed()
	wrong := s.troubled()
	asks := len(s.hits[kindDemand])+len(s.hits[kindLogin])+len(s.hits[kindPay])+len(s.hits[kindConfirm])+len(s.withPhone(s.hits[kindCall])) > 0
	object := near || len(s.hits[kindObject]) > 0
	lure := wrong || len(s.hits[kindCard])*len(s.hits[kindPrize]) > 0
	asks = asks || len(s.hits[kindClaim]) > 0
	switch role := s.faceless() || s.lone(); {
	case role && object && wrong && asks && !own, role && near && wrong && asks && (s.domainOfNobody() || s.ownLinks() && len(s.hits[kindCard]) == 0), role && near && !own && s.elsewhere():
		s.addAs("brand.body", finding.Strong, s.around(at))
	case role && !own && money(s.text) && dials(s.text) && (near || len(s.links) == 0 && !s.paidTo(at)):
		s.addAs("brand.body", finding.Strong, s.around(at))
	case role && !own && s.elsewhere() && !s.trademark():
		// Whatever it says: a role speaks of the brand and sends the reader to a stranger's page.
		strength := finding.Medium
		if wrong || asks {
			strength = finding.Strong
		}
		s.addAs("brand.body", strength, s.around(at))
	case own || !near || !s.anonymous():
	case len(s.links) == 0 && !s.paidTo(at) && money(s.text) && len(s.withPhone(s.hits[kindCall])) > 0 && len(s.voice(kindThanks))+len(s.voice(kindGreeting)) > 0:
		// Nobody but the brand thanks for using the brand, and this one gives a number instead of a name.
		s.addAs("brand.body", finding.Strong, s.around(at))
	case !s.elsewhere():
		// A bank that tells of a purchase and gives its number bears a name, and has no link to a stranger.
	case lure && asks:
		s.addAs("brand.body", finding.Strong, s.around(at))
	case wrong && !s.question(at), len(s.hits[kindDemand])+len(s.hits[kindLogin])+len(s.hits[kindPay])+len(s.hits[kindClaim]) > 0, lure:
		// To confirm something alone is what neighbours and offices ask for too.
		s.addAs("brand.body", finding.Medium, s.around(at))
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
