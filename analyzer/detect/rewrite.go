package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

// viaMarks stand between an author and the list in a display name that a list rewrote, as Mailman, Google Groups and
// others do since DMARC made them (RFC 7960 §4.1.3).
var viaMarks = []string{" via ", " 経由", " über ", " por medio de ", " par l'intermédiaire de "}

// rewrite finds a From that a mailing list rewrote: "Author via List <list@…>". The author's name still poses; the
// author's address, if kept, stands in Reply-To, X-Original-From or Cc.
func rewrite(s *scene) {
	name := s.from.Name
	lower := strings.ToLower(name)
	for _, m := range viaMarks {
		i := strings.LastIndex(lower, m)
		if i <= 0 || len(lower) != len(name) {
			continue
		}
		list := s.m.ListID != "" || s.m.Header.Get("List-Post") != "" || s.m.Header.Get("List-Unsubscribe") != "" || s.m.Header.Get("X-Mailman-Version") != "" ||
			s.m.Header.Get("X-Original-From") != "" || s.m.Header.Get("Mailing-List") != "" || s.m.Header.Get("X-BeenThere") != "" || s.toSelf()
		if !list {
			continue
		}
		s.via = true
		s.from.Name = strings.Trim(name[:i], ` '"`)
		s.name = strings.TrimSpace(script.Fold(s.from.Name))
		break
	}
	if !s.via {
		return
	}
	if v := s.m.Header.Get("X-Original-From"); v != "" {
		if list := message.ParseAddresses(v); len(list) > 0 {
			s.original = list[0]
		}
	}
	for _, r := range s.m.ReplyTo {
		if s.original.Address == "" && hostname.Registrable(sender.Host(r.Address)) != hostname.Registrable(s.fromSelf) {
			s.original = r
		}
	}
	// The list's address says nothing of the author.
	s.local = ""
	s.host = ""
	if s.original.Address != "" {
		author := sender.Resolve(s.original.Address, nil)
		s.host, s.local = author.Host, script.Fold(author.Local)
	}
	s.addAs("context.list_rewrite", finding.Weak, name)
}

// toSelf reports whether the message is addressed to the address it comes from, as posts to a list are.
func (s *scene) toSelf() bool {
	for _, a := range s.m.To {
		if a.Address != "" && strings.EqualFold(a.Address, s.m.From[0].Address) {
			return true
		}
	}
	return false
}

// carried reports whether what looks like the brand's own message was carried here by somebody else: a list that rewrote
// From, or a person who forwards. Where the author it names is official and no link leads anywhere else, its words are the
// brand's own as far as can be seen, and pose no more than a quotation does. Where a list took the links away nothing can
// be seen, and the words count.
func carried(s *scene) {
	claimsOfficial := false
	switch {
	case s.via && s.original.Address != "":
		_, _, claimsOfficial = s.officialSender(sender.Host(s.original.Address))
	case s.out.Forward != "":
		_, _, claimsOfficial = s.officialSender(sender.Host(s.original.Address))
	case s.out.Alias != "":
		_, _, claimsOfficial = s.officialSender(sender.Host(s.out.Alias))
	}
	if !claimsOfficial {
		return
	}
	official := 0
	for i := range s.links {
		l := &s.links[i]
		switch {
		case l.official:
			official++
		case l.acts() && !l.unsubscribe && !l.own:
			return
		}
	}
	s.carried = official > 0 || s.out.Alias != "" || s.out.Forward != ""
}
