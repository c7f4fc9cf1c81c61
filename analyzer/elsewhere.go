package analyzer

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

// Notices from elsewhere are those of brands that are not audited but keep what opens other accounts (brand.Keys): the
// mailbox, the telephone. A takeover often begins there. They are read, judged and kept like candidates, and a record is
// written of one only where an incident holds it: beside that the report is about the brands that were asked for.

// elsewhere is the fact of a notice from elsewhere that says that an account there was changed, nil for any other message.
func (x *extractor) elsewhere(e *mailbox.Extent, header *message.Header, lim limit.Limits) *fact.Fact {
	if x.cfg.Others == nil || !x.keyHolder(header.Get("From")) {
		return nil
	}
	f, _ := x.fact(e, lim, x.cfg.Others)
	if f == nil || !timeline.Key(f.Event) {
		return nil
	}
	if b := x.cfg.Others.ByID(f.Brand); b == nil || !b.Can(brand.Keys) {
		return nil
	}
	return f
}

// keyHolder reports whether a From field is one that a brand which keeps keys and is not audited writes from about its
// accounts. Where such senders are known, its other mail is not looked at.
func (x *extractor) keyHolder(from string) bool {
	if len(from) > maxFrom {
		return false
	}
	if _, in, ok := strings.Cut(from, "<"); ok {
		from = in
	}
	address := strings.ToLower(strings.Trim(from, "<> \t"))
	_, host, _ := strings.Cut(address, "@")
	b, d, ok := x.cfg.Others.Lookup(host)
	if !ok || !b.Can(brand.Keys) || d.Role != brand.Retail && d.Role != brand.Service {
		return false
	}
	if s, _, ok := x.cfg.Others.Sender(address); ok {
		return s.Kind == securitySender
	}
	return !slices.ContainsFunc(b.Senders, func(s brand.Sender) bool { return s.Kind == securitySender })
}

// securitySender is the kind of senders that write about the security of accounts (brand.Sender).
const securitySender = "security"

// set is the set of brands that a fact was read with: those audited, or the others.
func (s *scan) set(f *fact.Fact) *brand.Set {
	if s.cfg.Others != nil && s.cfg.Brands.ByID(f.Brand) == nil && s.cfg.Others.ByID(f.Brand) != nil {
		return s.cfg.Others
	}
	return s.cfg.Brands
}

// allBrands are the brands that entries point to: those audited, then the others.
func (s *scan) allBrands() []*brand.Brand {
	out := slices.Clone(s.cfg.Brands.All())
	if s.cfg.Others != nil {
		out = append(out, s.cfg.Others.All()...)
	}
	return out
}

// outside reports whether an entry is of a notice from elsewhere.
func (s *scan) outside(e *fact.Entry) bool { return int(e.Brand) >= len(s.cfg.Brands.All()) }

// silent reports whether no record is written of a message: a notice from elsewhere that no incident holds.
func (s *scan) silent(j *judged, pos uint32, f *fact.Fact) bool {
	return s.set(f) == s.cfg.Others && len(j.out.Incident(pos)) == 0
}

// counts counts the verdicts of what is audited.
func (s *scan) counts(entries []fact.Entry) map[string]int64 {
	verdicts := finding.Verdicts()
	n := make([]int64, len(verdicts))
	for i := range entries {
		if !s.outside(&entries[i]) {
			n[entries[i].Verdict]++
		}
	}
	out := make(map[string]int64)
	for i, v := range verdicts {
		if n[i] > 0 {
			out[string(v)] = n[i]
		}
	}
	return out
}

// toldOutside are the ids of the brands elsewhere whose notices an incident holds.
func (s *scan) toldOutside(j *judged) map[string]bool {
	out := make(map[string]bool)
	all := s.allBrands()
	for i := range j.entries {
		if e := &j.entries[i]; s.outside(e) && int(e.Brand) < len(all) && len(j.out.Incident(e.Pos)) > 0 {
			out[all[e.Brand].ID] = true
		}
	}
	return out
}
