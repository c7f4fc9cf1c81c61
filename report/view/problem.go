package view

import (
	"bytes"
	_ "embed" // the wording is data beside the code
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed problems.toml
var problemsFile []byte

// reason is how a part of a problem's reason is said.
type reason struct {
	Is string `toml:"is"`
	JA string `toml:"ja"`
	EN string `toml:"en,omitempty"`

	form *regexp.Regexp // nil where nothing differs
}

// reasons are all of them: those that are always the same by what they are, and those with something that differs.
type reasons struct {
	same map[string]*reason
	form []*reason
}

var gap = regexp.MustCompile(`\\\{[0-9]\\\}`)

var knownReasons = sync.OnceValues(func() (*reasons, error) {
	var doc struct {
		Reason []*reason `toml:"reason"`
	}
	if err := toml.NewDecoder(bytes.NewReader(problemsFile)).DisallowUnknownFields().Decode(&doc); err != nil {
		return nil, fmt.Errorf("view: reasons of problems: %w", err)
	}
	all := &reasons{same: map[string]*reason{}}
	for _, r := range doc.Reason {
		if !strings.Contains(r.Is, "{") {
			all.same[r.Is] = r
			continue
		}
		form, err := regexp.Compile("^" + gap.ReplaceAllString(regexp.QuoteMeta(r.Is), "(.{0,300}?)") + "$")
		if err != nil {
			return nil, fmt.Errorf("view: reason %q: %w", r.Is, err)
		}
		r.form = form
		all.form = append(all.form, r)
	}
	return all, nil
})

// maxReason is how much of a reason is looked at.
const maxReason = 1000

// Reason says why a part of the mail could not be read, in the report's language as far as there are words for it.
func (p *Printer) Reason(s string) string {
	s = SafeN(s, maxReason)
	known, err := knownReasons()
	if err != nil {
		return s
	}
	if said, ok := known.say(s, p.Lang); ok {
		return said
	}
	var parts []string
	for part := range strings.SplitSeq(s, ": ") {
		if said, ok := known.say(part, p.Lang); ok {
			part = said
		}
		parts = append(parts, part)
	}
	if p.Lang == JA {
		return strings.Join(parts, "：")
	}
	return strings.Join(parts, ": ")
}

func (k *reasons) say(s string, lang Lang) (string, bool) {
	if r := k.same[s]; r != nil {
		return r.in(lang, nil)
	}
	for _, r := range k.form {
		// What differs is never a further part.
		if m := r.form.FindStringSubmatch(s); m != nil && !strings.Contains(strings.Join(m[1:], "|"), ": ") {
			return r.in(lang, m[1:])
		}
	}
	return "", false
}

// in is the wording in a language with what differs; false where there is none but the stream's.
func (r *reason) in(lang Lang, values []string) (string, bool) {
	said := r.EN
	if lang == JA {
		said = r.JA
	}
	if said == "" {
		return "", false
	}
	for i, v := range values {
		said = strings.ReplaceAll(said, "{"+strconv.Itoa(i+1)+"}", v)
	}
	return said, true
}
