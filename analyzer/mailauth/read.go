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
	for i := range h.Fields {
		f := &h.Fields[i]
		switch field(f.Name) {
		case fieldReceived:
			if len(hops) < maxHops {
				hop := ParseReceived(f.Raw)
				hop.Index = i
				hops = append(hops, hop)
			}
		case fieldResults, fieldARCResults, fieldSPF, fieldSeal:
			if len(results) < maxResults {
				results = append(results, readResult(field(f.Name), f.Raw, i))
			}
		}
	}
	return hops, results
}

// The fields that are read, by their names in lower case.
const (
	fieldReceived   = "received"
	fieldResults    = "authentication-results"
	fieldARCResults = "arc-authentication-results"
	fieldSeal       = "arc-seal"
	fieldSPF        = "received-spf"
)

// field is a field's name as one of the constants, "" for other fields.
func field(name string) string {
	name = strings.TrimRight(name, " \t")
	switch len(name) {
	case len(fieldReceived), len(fieldSPF), len(fieldResults), len(fieldARCResults):
	default:
		return ""
	}
	for _, f := range [...]string{fieldReceived, fieldSeal, fieldSPF, fieldResults, fieldARCResults} {
		if strings.EqualFold(name, f) {
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
	case fieldSeal:
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
