package mailauth

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// Bounds of what is kept of one header. Mail that went through two companies and a list has some twenty hops; what a
// sender stacks below is worth nothing. Fields are taken from the top, where the own receiver writes.
const (
	maxHops    = 100
	maxResults = 100
)

// Read collects the trace and the results of a header, topmost first. It judges nothing.
func Read(h *message.Header) (hops []fact.Hop, results []fact.Result) {
	var t trace
	for i := range h.Fields {
		f := &h.Fields[i]
		switch field(f.Name) {
		case fieldReceived:
			if len(hops) < maxHops {
				hop := t.received(f.Raw)
				hop.Index = i
				hops = append(hops, hop)
			}
		case fieldResults, fieldARCResults, fieldSPF, fieldSeal, fieldARCSignature:
			if len(results) < maxResults {
				results = append(results, readResult(field(f.Name), f.Raw, i))
			}
		}
	}
	return hops, results
}

// Glance reads of a header only what finding the boundary needs: the hops down to it and, of the hop below it, the index
// alone; and the results that stand around it. found reports whether the header has Authentication-Results at all. It costs
// a fraction of Read, because every message of a mailbox is glanced at. Raw is left empty, and the time of all hops but
// the boundary.
func Glance(h *message.Header) (hops []fact.Hop, p Path, results []fact.Result, found bool) {
	var t trace
	hops = make([]fact.Hop, 0, 4)
	p = Path{Boundary: -1, Fetch: -1}
	end := len(h.Fields)
	for i := range h.Fields {
		if field(h.Fields[i].Name) != fieldReceived {
			continue
		}
		if p.Boundary >= 0 {
			hops = append(hops, fact.Hop{Index: i})
			end = i
			break
		}
		if len(hops) == maxHops {
			break
		}
		hop, when := t.hop(h.Fields[i].Raw)
		hop.Index = i
		hops = append(hops, hop)
		if c := classify(&hop); c == foreign || c == login {
			hops[len(hops)-1].Time, hops[len(hops)-1].Zone = date(when)
			p = Trace(hops, nil)
		} else if c == submitted {
			break
		}
	}
	for i := range h.Fields {
		f := &h.Fields[i]
		if field(f.Name) != fieldResults {
			continue
		}
		found = true
		if i > end || p.Boundary < 0 || len(results) == maxResults {
			break
		}
		r := ParseResults(f.Raw)
		r.Index, r.Field = i, fieldResults
		results = append(results, r)
	}
	return hops, p, results, found
}

// The fields that are read, by their names in lower case.
const (
	fieldReceived     = "received"
	fieldResults      = "authentication-results"
	fieldARCResults   = "arc-authentication-results"
	fieldSeal         = "arc-seal"
	fieldARCSignature = "arc-message-signature"
	fieldSPF          = "received-spf"
)

// field is a field's name as one of the constants, "" for other fields.
func field(name string) string {
	for len(name) > 0 && (name[len(name)-1] == ' ' || name[len(name)-1] == '\t') {
		name = name[:len(name)-1]
	}
	switch len(name) {
	case len(fieldReceived), len(fieldSPF), len(fieldResults), len(fieldARCResults), len(fieldARCSignature):
	default:
		return ""
	}
	for _, f := range [...]string{fieldReceived, fieldSeal, fieldSPF, fieldResults, fieldARCResults, fieldARCSignature} {
		if len(f) == len(name) && strings.EqualFold(name, f) {
			return f
		}
	}
	return ""
}

func readResult(name, raw string, index int) fact.Result {
	var r fact.Result
	switch name {
	case fieldSPF:
		r = ParseReceivedSPF(raw)
	case fieldSeal, fieldARCSignature:
		r = parseSeal(raw)
	default:
		r = ParseResults(raw)
		if name == fieldResults && r.Instance > 0 {
			// An ARC set's content under another name is no receiver's result.
			r.AuthservID, r.Defect = "", "instance"
			r.Methods = nil
		}
	}
	r.Index, r.Field, r.Raw = index, name, cutRaw(raw, maxRaw)
	return r
}
