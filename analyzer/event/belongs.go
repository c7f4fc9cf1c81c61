package event

import (
	"slices"
	"strings"
)

// saysEnded reports whether the subject of a notice of a subscription, membership or card says that it ended.
func (c *compiled) saysEnded(subject string) bool {
	s := fold(subject)
	in := func(w string) bool { return strings.Contains(s, w) }
	return slices.ContainsFunc(c.ends, in) && !slices.ContainsFunc(c.notEnds, in)
}

// awsDigits is how many digits the number of an AWS account has (AWS Account Management Reference Guide, "View AWS
// account identifiers").
const awsDigits = 12

// awsAccount is the account that a notice of AWS is about: the first number of twelve digits in its subject, else the
// first one in the text that the word for an account stands before. "" where there is none.
func awsAccount(r *reading) string {
	for _, n := range awsNumbers(r.subject) {
		return strings.ReplaceAll(r.subject[n.at:n.end], "-", "")
	}
	for _, n := range awsNumbers(r.folded) {
		before := r.folded[max(0, n.at-60):n.at]
		if !slices.ContainsFunc([]string{"account", "アカウント", "konto", "cuenta", "compte", "conta"}, func(w string) bool { return strings.Contains(before, w) }) {
			continue
		}
		return strings.ReplaceAll(r.folded[n.at:n.end], "-", "")
	}
	return ""
}

type stretch struct{ at, end int }

// awsNumbers are the numbers of twelve digits in s, "123456789012" or "1234-5678-9012"; at most the first twenty.
func awsNumbers(s string) []stretch {
	var out []stretch
	for i := 0; i < len(s) && len(out) < 20; {
		if !digit(s[i]) {
			i++
			continue
		}
		end, count := i, 0
		for end < len(s) && (digit(s[end]) || s[end] == '-' && end+1 < len(s) && digit(s[end+1])) {
			if s[end] != '-' {
				count++
			}
			end++
		}
		run := s[i:end]
		if count == awsDigits && (len(run) == awsDigits || len(run) == awsDigits+2 && run[4] == '-' && run[9] == '-') {
			out = append(out, stretch{i, end})
		}
		i = end
	}
	return out
}
