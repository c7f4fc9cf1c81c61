package analyzer

import (
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/analyzer/verdict"
)

// otherFake gives the brand, not one of those audited, that a message poses as, and "". All that is ever said of these is how
// many there are, so that it may be cheap: it looks only at messages whose display name bears the name of the brand at an
// address that is not the brand's, and judges them by their words alone, without what the mailbox teaches.
func (x *extractor) otherFake(e *mailbox.Extent, header *message.Header, lim limit.Limits) string {
	if x.cfg.Others == nil || !x.namesOther(header) {
		return ""
	}
	f, _ := x.fact(e, lim, x.cfg.Others)
	if f == nil {
		return ""
	}
	if verdict.Judge(f, &fact.Profile{}, x.cfg.Others, time.Time{}).Verdict != finding.Impersonation {
		return ""
	}
	return f.Brand
}

// namesOther reports whether the From field shows the name of a brand that is not audited at another's address.
func (x *extractor) namesOther(header *message.Header) bool {
	value := header.Get("From")
	name, address, ok := strings.Cut(value, "<")
	if !ok || len(value) > maxFrom {
		return false
	}
	_, host, _ := strings.Cut(strings.TrimRight(address, "> \t"), "@")
	if b, d, ok := x.cfg.Others.Lookup(strings.ToLower(host)); ok && b != nil && d.Role != brand.Customer {
		return false
	}
	found := false
	x.cfg.Others.Mentions(script.Fold(message.DecodeHeader(name)), func(m brand.Mention, _ int) bool {
		found = m.Word.Kind == "name"
		return !found
	})
	return found
}

// maxFrom is the longest From field that is looked at for other brands' names, in bytes.
const maxFrom = 1 << 10

// named names the brands of a report that its readers don't know by their id.
func (s *scan) named(j *judged) []finding.Brand {
	met := make(map[uint16]bool)
	for i := range j.entries {
		met[j.entries[i].Brand] = true
	}
	var out []finding.Brand
	add := func(b *brand.Brand, audited bool) {
		out = append(out, finding.Brand{ID: b.ID, Name: b.Name, NameJA: b.NameJA, Site: b.Contact.Site, Audited: audited})
	}
	for i, b := range s.cfg.Brands.All() {
		if (b.Wider || b.User) && (met[uint16(i)] || slices.Contains(s.cfg.Asked, b.ID)) {
			add(b, true)
		}
	}
	if s.cfg.Others != nil {
		told := s.toldOutside(j)
		for _, b := range s.cfg.Others.All() {
			if s.tally.Others[b.ID] > 0 || told[b.ID] {
				add(b, false)
			}
		}
	}
	return out
}
