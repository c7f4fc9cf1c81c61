package view

import (
	"net/url"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Bounds of what a search finds of one message. A page of 50,000 rows stays light with them.
const (
	maxSought      = 200 // characters of one value
	maxSoughtLinks = 12
)

// Sought is what a search of a page finds a message by beside what its row shows, in one line: the day in the reader's zone
// first, then ids, addresses and hosts as they are, order numbers and amounts. The page keeps it as data; what is shown
// stays defanged. With all, it holds what a message told in full shows too.
func (r *Report) Sought(m *finding.Message, all bool) string {
	day := "----------"
	if m.Time != nil {
		day = m.Time.In(r.Zone).Format("2006-01-02")
	}
	parts := []string{day}
	add := func(values ...string) {
		for _, v := range values {
			v = strings.ReplaceAll(script.Visible(CutText(v, maxSought)), "\n", " ")
			if v != "" && !slices.Contains(parts, v) {
				parts = append(parts, v)
			}
		}
	}
	add(m.ID, from(m).Address)
	add(strings.Trim(m.MessageID, "<>"))
	if d := m.Details; d != nil {
		add(d.OrderID)
		add(d.OrderIDs...)
		add(d.Amount, d.OldEmail, d.NewEmail, d.Device, d.Near, d.CardEnd, d.Merchant, d.Item, d.AWSAccount)
	}
	add(m.Incidents...)
	if !all {
		return strings.Join(parts, " ")
	}
	for _, list := range [][]finding.Address{m.MoreFrom, m.ReplyTo, m.To} {
		for _, a := range list[:min(len(list), 5)] {
			add(a.Address)
		}
	}
	add(m.ReturnPath, m.Account, m.SHA256.String())
	for k, l := range m.Links {
		if k == maxSoughtLinks {
			break
		}
		add(l.Host)
		if !l.Official {
			add(l.Target, l.Final)
		}
	}
	for k, a := range m.Attachments {
		if k == maxSoughtLinks {
			break
		}
		add(a.Name)
	}
	return strings.Join(parts, " ")
}

// Way is how to find a message in one mail program.
type Way struct {
	Program string
	How     string // what to do there
	Text    string // what to type
}

// maxMessageID is the longest line RFC 5322 allows.
const maxMessageID = 998

// WholeMessageID is the Message-ID of m as it is searched for: without its brackets, nothing cut, nothing invisible. It is
// no address, and a page shows it as text only.
func WholeMessageID(m *finding.Message) string {
	return script.Visible(CutText(strings.Trim(strings.TrimSpace(m.MessageID), "<>"), maxMessageID))
}

// Ways are how the message is found again in mail programs. What is typed there is part of the mail: it is shown as text, with
// nothing in it that a search field or an address bar would obey.
func (r *Report) Ways(m *finding.Message) []Way {
	if r.Options.Redact {
		return nil // what is left of the names leads nowhere
	}
	var ways []Way
	id := strings.Join(strings.Fields(WholeMessageID(m)), "")
	if id != "" {
		ways = append(
			ways,
			Way{"Gmail", r.Say("find.gmail"), "rfc822msgid:" + strings.ReplaceAll(id, `"`, "")},
			Way{"Thunderbird", r.Say("find.thunderbird"), id},
			Way{"Apple Mail", r.Say("find.apple"), "message://%3C" + url.QueryEscape(id) + "%3E"},
		)
	}
	var typed []string
	quoted := func(s string) string { return `"` + strings.ReplaceAll(script.Visible(s), `"`, "") + `"` }
	if a := from(m).Address; a != "" {
		typed = append(typed, "from:"+quoted(CutText(a, maxSought)))
	}
	if s := strings.TrimSpace(m.Subject); s != "" {
		subject := []rune(s)
		typed = append(typed, "subject:"+quoted(string(subject[:min(len(subject), 60)])))
	}
	if len(typed) > 0 {
		ways = append(ways, Way{"Outlook", r.Say("find.outlook"), strings.Join(typed, " ")})
	}
	return ways
}
