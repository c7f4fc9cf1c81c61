package learn

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// Bounds of the labels that are counted of one message: with sixteen there are 120 pairs.
const maxLabels = 16

// Thresholds of telling roles from counts. They are wide apart from what folders that people make look like: such a
// label covers a small part of the mail, or goes with all others.
const (
	coverShare   = 0.90 // of the received messages bear one of unread and opened (READSTATE §1)
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
			role, ok = readstate.Label(l)
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
	case have[readstate.Unread] != "" && have[readstate.Opened] == "":
		inferPartner(t, names, out, have[readstate.Unread], readstate.Opened)
	case have[readstate.Opened] != "" && have[readstate.Unread] == "":
		inferPartner(t, names, out, have[readstate.Opened], readstate.Unread)
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
