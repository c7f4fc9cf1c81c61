package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// subject finds subjects that speak as a notice of the brand: its name in brackets or before a colon, or beside words of
// notices. A subject that only names the brand ("Amazon sales this week") poses as nobody.
func subject(s *scene) {
	if s.subject == "" {
		return
	}
	marked := s.markedSubject
	named := strings.Contains(marked, mark)
	prime := s.brand.Can(brand.Products) && (strings.Contains(marked, "prime membership") || strings.Contains(marked, "membership prime") || strings.Contains(marked, "プライム会") || strings.Contains(marked, "プライム特典") || strings.Contains(marked, "renewal prime"))
	if !named && !prime {
		_, _, spaced := script.IndexSpaced(s.subject, s.mainName())
		_, _, split := script.IndexSplit(s.subject, s.mainName())
		if !spaced && !split {
			return
		}
		marked += mark
	}
	strength := finding.Strength("")
	switch {
	case strings.HasPrefix(marked, "【"+mark) || strings.HasPrefix(marked, "["+mark) || strings.HasPrefix(marked, "「"+mark) || strings.Contains(marked, "】"+mark) || strings.Contains(marked, "【"+mark),
		strings.HasPrefix(marked, mark+":"), strings.HasPrefix(marked, mark+" :"):
		strength = finding.Medium
	case s.says(marked).any(setOf(kindNotice)):
		strength = finding.Medium
	}
	if strength == "" {
		return
	}
	// A reply or a discussion quotes the subject of what it is about.
	if s.hearsay || s.has("context.discussion") || s.has("context.namesake") || s.has("context.rival") || s.has("context.third_party") {
		strength = finding.Weak
	}
	s.addAs("brand.subject", strength, s.m.Subject)
}

// mainName is the brand's first name in Latin letters.
func (s *scene) mainName() string {
	if len(s.words.Letters) == 0 {
		return ""
	}
	return s.words.Letters[0]
}

// body reports whether the text speaks to the reader as the brand: greets its customer, thanks for using it, speaks of
// "your Amazon account", signs, has the legal footer. One such sentence stands in many an honest text; two of different
// kinds, or one under a subject or sender that says so, are a voice.
func body(s *scene) {
	kindsFound := 0
	var first *hit
	for _, kind := range []kind{kindGreeting, kindThanks, kindAccount, kindPrime} {
		if hits := s.voice(kind); len(hits) > 0 {
			kindsFound++
			if first == nil {
				first = &hits[0]
			}
		}
	}
	weak := s.has("context.rival") || s.has("context.namesake") || s.has("context.discussion") || s.has("context.third_party") || s.has("context.own_domain")
	level := func(enough bool) finding.Strength {
		if weak || !enough {
			return finding.Weak
		}
		return finding.Medium
	}
	if first != nil {
		s.addAs("brand.body", level(kindsFound > 1 || len(s.hits[kindGreeting])+len(s.hits[kindThanks]) > 0 || s.posing.any() || s.deadline() && (s.domainOfNobody() || !s.placed())), s.around(first.at))
	}
	if !weak && s.deadline() && s.letterhead() {
		s.addAs("brand.signature", finding.Medium, s.brand.Name)
	}
	if t := s.markNames(script.Fold(s.m.HTML.Title)); strings.Contains(t, mark) && len(t) < 60 && !weak {
		s.addAs("brand.title", finding.Medium, s.m.HTML.Title)
	}
	for _, kind := range []kind{kindSign, kindFooter} {
		if hits := s.voice(kind); len(hits) > 0 {
			s.addAs("brand.signature", level(kindsFound > 0 || s.posing.any() || s.deadline()), s.around(hits[len(hits)-1].at))
			break
		}
	}
}

// letterhead reports whether the text begins with the brand's name on a line of its own, where a letter has its head.
func (s *scene) letterhead() bool {
	for i, l := range s.lines {
		if i >= 4 {
			break
		}
		if strings.Trim(s.markNames(l.folded), " .,|©®™-") == mark {
			return true
		}
	}
	return false
}

// deadline reports whether the text threatens and calls to act: what a notice about the reader's account does, and what an
// article about the brand does not.
func (s *scene) deadline() bool {
	return len(s.hits[kindThreat]) > 0 && len(s.hits[kindLogin])+len(s.hits[kindPay])+len(s.hits[kindConfirm]) > 0
}

// voice returns the hits of a kind. Phrases without the brand's name count for Prime alone, which only Amazon has, and
// only where the brand is Amazon.
func (s *scene) voice(kind kind) []hit {
	var out []hit
	for _, h := range s.hits[kind] {
		if strings.Contains(h.phrase, mark) || kind == kindPrime && s.brand.Can(brand.Products) && (s.named > 0 || s.posing.any()) || kind == kindFooter && s.brand.Can(brand.Products) {
			out = append(out, h)
		}
	}
	return out
}

// prize finds gift cards and prizes handed out in the brand's name. Shops and points programmes give the brand's cards
// away in their own name and link to themselves; the lure comes from nobody and says that the reader was chosen.
func prize(s *scene) {
	cards := s.hits[kindCard]
	subject := s.markedSubject
	named := strings.Contains(subject, mark) || s.named > 0
	if !named || len(s.hits[kindPrize]) == 0 && !s.subjectSays.any(setOf(kindPrize)) {
		return
	}
	if len(cards) == 0 && !s.subjectSays.any(setOf(kindCard)) {
		return
	}
	strength := finding.Medium
	if !s.ownLinks() && !s.excused() && (s.faceless() || s.lone()) && (s.calls() || len(s.hits[kindDemand]) > 0) {
		strength = finding.Strong // a prize in the brand's name from nobody
	} else if s.has("context.own_domain") || s.has("context.third_party") || s.has("context.discussion") || s.has("context.rival") || s.ownLinks() || s.named < 2 && !strings.Contains(subject, mark) {
		strength = finding.Weak
	}
	shown := s.m.Subject
	if !strings.Contains(subject, mark) && len(cards) > 0 {
		shown = s.around(cards[0].at)
	}
	s.addAs("brand.prize", strength, shown)
}
