package event

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// setEmails reads old and new e-mail addresses. Labels ("New e-mail: …") were read before; here come sentences as 「A から
// B に変更」 and "from A to B". Addresses of the brand itself (where to write) don't count.
func (c *compiled) setEmails(d *finding.Details, r *reading) {
	if d.OldEmail != "" && d.NewEmail != "" {
		return
	}
	s := strings.Join(r.lines, " ")
	found := addresses(s)
	for i := 1; i < len(found); i++ {
		between := s[found[i-1].end:found[i].start]
		if len(between) > gap {
			continue
		}
		// Folding with a letter on either side keeps the spaces that a wording as " to " needs.
		between = fold("a " + between + " a")
		if slices.ContainsFunc(c.between, func(w string) bool { return strings.Contains(between, w) }) {
			set(&d.OldEmail, s[found[i-1].start:found[i-1].end])
			set(&d.NewEmail, s[found[i].start:found[i].end])
			return
		}
	}
	if r.event == finding.EmailAdded && d.NewEmail == "" && len(found) > 0 {
		set(&d.NewEmail, s[found[0].start:found[0].end])
	}
}

type span struct{ start, end int }

// addresses finds e-mail addresses in s that are not the brand's own. At most 20: notices name two.
func addresses(s string) []span {
	var found []span
	for i := 0; len(found) < 20; {
		at := strings.IndexByte(s[i:], '@')
		if at < 0 {
			break
		}
		at += i
		start, end := at, at+1
		for start > i && at-start < 64 && atom(s[start-1]) {
			start--
		}
		for end < len(s) && end-at < 254 && hostByte(s[end]) {
			end++
		}
		host := strings.TrimRight(s[at+1:end], ".-")
		end = at + 1 + len(host)
		i = end
		if start < at && strings.Contains(host, ".") && !strings.Contains(strings.ToLower(host), "amazon.") {
			found = append(found, span{start, end})
		}
	}
	return found
}

// firstAddress returns the first address in s, or "".
func firstAddress(s string) string {
	if found := addresses(s); len(found) > 0 {
		return s[found[0].start:found[0].end]
	}
	return ""
}

// atom tells the bytes of a local part as people have them; "*" is what Amazon masks with.
func atom(c byte) bool {
	return hostByte(c) || strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0
}

func hostByte(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '.' || c == '-' || c == '*'
}
