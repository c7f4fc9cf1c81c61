package learn

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

//go:generate go test -run ^TestLabelsAreGenerated$ -update

// Roles of labels beside those of folders. Unread says that a message is unread now, Opened that it was opened at least
// once; a message with neither was marked read without being opened, by a filter, in bulk, or by another program.
const (
	Unread    finding.Folder = "unread"
	Opened    finding.Folder = "opened"
	Starred   finding.Folder = "starred"
	Important finding.Folder = "important"
	Chat      finding.Folder = "chat"
	Category  finding.Folder = "category"
)

// labelRow is a role with the names that Gmail's interface languages give it (data/labels.toml).
type labelRow struct {
	Role       finding.Folder `toml:"role"`
	Names      []string       `toml:"names"`
	Confidence string         `toml:"confidence"`
	Source     string         `toml:"source"`
}

// Bounds of the labels of one message. Gmail allows 225 bytes a label.
const (
	maxLabels = 16
	maxLabel  = 225
)

// Labels reads the labels that Google Takeout writes into X-Gmail-Labels: a comma-separated list, in encoded words
// (RFC 2047) where it is not ASCII, with a label in quotes where it holds a comma. Only a field near the top of the
// header counts, where Takeout writes it: one further down came with the message. It returns nil where there is none.
func Labels(h *message.Header) []string {
	for i := range h.Fields[:min(3, len(h.Fields))] {
		if h.Fields[i].Is("X-Gmail-Labels") {
			return splitLabels(message.DecodeHeader(h.Fields[i].Value()))
		}
	}
	return nil
}

// splitLabels divides a decoded list of labels.
func splitLabels(s string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	end := func() {
		l := strings.Join(strings.Fields(b.String()), " ")
		b.Reset()
		if l != "" && len(l) <= maxLabel && len(out) < maxLabels && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			end()
		default:
			b.WriteByte(c)
		}
	}
	end()
	return out
}

// known returns the role that the table gives a label.
func known(label string) (finding.Folder, bool) {
	for i := range labelRows {
		for _, n := range labelRows[i].Names {
			if head, any := strings.CutSuffix(n, "*"); any && strings.HasPrefix(label, head) || n == label {
				return labelRows[i].Role, true
			}
		}
	}
	return "", false
}

// Thresholds of telling roles from counts. They are wide apart from what folders that people make look like: such a
// label covers a small part of the mail, or goes with all others.
const (
	coverShare   = 0.90 // of the received messages bear one of unread and opened (DOMAIN §6)
	overlapShare = 0.05 // of them bear both: opened, then marked unread again
	sentShare    = 0.90 // of a label's messages came through no receiver
	fewLabelled  = 20   // with fewer messages nothing is told from counts
)

// roles tells the roles of the labels of a tally: those given, those that the table knows, and for the rest what the
// counts show. A label whose role stays unknown has the empty role.
func roles(t *fact.Tally, given map[string]finding.Folder) map[string]finding.Folder {
	out := make(map[string]finding.Folder, len(t.Labels))
	var names []string
	have := make(map[finding.Folder]string)
	for l := range t.Labels {
		names = append(names, l)
	}
	slices.Sort(names)
	var total, sent int64
	for _, l := range names {
		total, sent = max(total, t.Labels[l].Messages), max(sent, t.Labels[l].Sent)
		role, ok := given[l]
		if !ok {
			role, ok = known(l)
		}
		out[l] = role
		if ok && have[role] == "" {
			have[role] = l
		}
	}
	if total < fewLabelled {
		return out
	}
	if have[finding.Sent] == "" {
		inferSent(t, names, out, sent)
	}
	switch {
	case have[Unread] != "" && have[Opened] == "":
		inferPartner(t, names, out, have[Unread], Opened)
	case have[Opened] != "" && have[Unread] == "":
		inferPartner(t, names, out, have[Opened], Unread)
	}
	return out
}

// inferSent takes the label whose messages came through no receiver, if it covers most of those that did not.
func inferSent(t *fact.Tally, names []string, out map[string]finding.Folder, most int64) {
	for _, l := range names {
		c := t.Labels[l]
		if out[l] == "" && c.Messages >= fewLabelled/2 && c.Sent == most && float64(c.Sent) >= sentShare*float64(c.Messages) {
			out[l] = finding.Sent
			return
		}
	}
}

// inferPartner takes the one label that covers, with a known one of unread and opened, nearly all received messages and
// hardly goes together with it. Which of two unknown labels is which can't be told from counts, so both stay unknown.
func inferPartner(t *fact.Tally, names []string, out map[string]finding.Folder, partner string, role finding.Folder) {
	var all int64
	for _, l := range names {
		if r := out[l]; r == finding.Inbox || r == finding.Archive || r == finding.Spam || r == finding.Trash {
			all += t.Labels[l].Messages
		}
	}
	found := ""
	for _, l := range names {
		if out[l] != "" {
			continue
		}
		both := t.Pairs[pair(l, partner)]
		either := t.Labels[l].Messages + t.Labels[partner].Messages - both
		if all >= fewLabelled && float64(either) >= coverShare*float64(all) && float64(both) <= overlapShare*float64(all) {
			if found != "" {
				return
			}
			found = l
		}
	}
	if found != "" {
		out[found] = role
	}
}

func pair(a, b string) fact.LabelPair {
	if a > b {
		a, b = b, a
	}
	return fact.LabelPair{A: a, B: b}
}

// State is what labels say about reading (DOMAIN §6): seen unless the label for unread mail is there, opened if the one
// for opened mail is. Each is nil where no label of the mailbox has that role, or the message has no labels. A message
// that is seen and was never opened was marked read by a filter, in bulk, or by another program.
func State(labels []string, roles map[string]finding.Folder) (seen, opened *bool) {
	if len(labels) == 0 {
		return nil, nil
	}
	told := func(role finding.Folder) *bool {
		known, has := false, false
		for l, r := range roles {
			if r == role {
				known = true
				has = has || slices.Contains(labels, l)
			}
		}
		if !known {
			return nil
		}
		return &has
	}
	if unread := told(Unread); unread != nil {
		seen = new(bool)
		*seen = !*unread
	}
	return seen, told(Opened)
}
