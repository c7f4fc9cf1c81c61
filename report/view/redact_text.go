package view

import (
	"regexp"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// text masks the arguments of a sentence. What stays is known not to come from anybody's mail: times and months, numbers,
// order numbers, words that the reports have a word for, and what the advice itself names. Addresses get their stand-in.
// All else may be a quotation, if only of one word, and is masked.
func (r *redacted) text(t finding.Text) finding.Text {
	if t.Args == nil {
		return t
	}
	args := make(map[string]any, len(t.Args))
	for k, v := range t.Args {
		if s, ok := v.(string); ok && strings.HasPrefix(t.ID, "do.") && adviceArgs[k] {
			args[k] = s
			continue
		}
		args[k] = r.argument(v)
	}
	return finding.Text{ID: t.ID, Args: args}
}

// adviceArgs are the gaps of the steps to take: the telephone number of the police, where to report, Amazon's own site.
// They are data of the analyzer (attention/steps.toml).
var adviceArgs = map[string]bool{"phone": true, "address": true, "site": true, "site_report": true}

var (
	// accountText is an account as the analyzer names it: an address, and its marketplace in one form or the other.
	accountText = regexp.MustCompile(`^[^\s<>"'()\[\],;:@/]+@[^\s<>"'()\[\],;:@/]+(/[a-z.]{1,20}| \([a-z.]{1,20}\))?$`)
	// countText is a number, a month, week or day, or an order number.
	countText = regexp.MustCompile(`^(-?\d{1,6}|-?(0|[1-9]\d{0,8})(\.\d{1,6})?|\d{4}-(\d{2}(-\d{2})?|W\d{2})|\d{3}-\d{7}-\d{7})$`)
	// siteText is Amazon's own site.
	siteText = regexp.MustCompile(`^amazon(\.[a-z]{2,3}){1,2}$`)
)

// wordKinds are the kinds of words of the stream that sentences name.
var wordKinds = []string{"event", "severity", "verdict", "folder", "issuer", "state", "kind", "cadence"}

func (r *redacted) argument(v any) any {
	switch v := v.(type) {
	case string:
		return r.argumentText(v)
	case []any:
		return each(v, r.argument)
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = r.argument(s)
		}
		return out
	case map[string]any:
		return r.mask
	}
	return v
}

func (r *redacted) argumentText(s string) string {
	if _, err := time.Parse(time.RFC3339, s); err == nil || countText.MatchString(s) || siteText.MatchString(s) {
		return s
	}
	if accountText.MatchString(s) {
		return r.scrub(s)
	}
	for _, kind := range wordKinds {
		if r.printer.Has(kind + "." + s) {
			return s
		}
	}
	// An issuer of the user's own rules has no word; it stands in its series.
	for _, series := range r.Reader.Series() {
		if series.Issuer == s {
			return s
		}
	}
	return r.quoted(s)
}
