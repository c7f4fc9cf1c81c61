package attention

import (
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/statement"
)

// statements makes items of the series: what never came, else what was not read.
func (c *conclusion) statements() {
	for k := range c.series {
		s := &c.series[k]
		var missing, unread, spam []string
		var members []uint32
		for i, p := range s.Periods {
			switch p.State {
			case statement.Missing, statement.Impersonated:
				missing = append(missing, p.Period)
				continue
			case statement.Unread, statement.Trash:
				unread = append(unread, p.Period)
			case statement.Spam:
				spam = append(spam, p.Period)
			default:
				continue
			}
			if s.Messages[i] >= 0 {
				members = append(members, uint32(s.Messages[i]))
			}
		}
		a := args{
			"issuer": s.Issuer, "account": c.card(s), "event": string(s.Event), "n": len(missing), "m": len(unread) + len(spam),
		}
		unread = append(unread, spam...)
		slices.Sort(unread)
		for name, periods := range map[string][]string{"missing": missing, "unread": unread} {
			if len(periods) > 0 {
				a[name] = periods
			}
		}
		kind, id, severity := MissingStatement, MissingStatement, finding.MediumS
		switch {
		case len(missing) > 0 && len(unread) > 0:
			id += ".and_unread"
			if len(spam) > 0 {
				id = MissingStatement + ".and_spam"
			}
		case len(missing) > 0:
		case len(spam) > 0:
			kind, id = UnreadStatement, UnreadStatement+".spam"
		case len(unread) > 0 && s.Cadence != statement.Irregular:
			kind, id, severity = UnreadStatement, UnreadStatement, finding.Low
		default:
			continue
		}
		if severity == finding.MediumS && !c.recent(missing) && !c.recent(spam) {
			severity = finding.Low
		}
		situation := "statement"
		if s.Event != finding.StatementIssued {
			situation = "amazon"
		}
		c.add(finding.Attention{
			ID: fact.StableID("a", kind, s.ID), Severity: severity, Kind: kind, Series: s.ID, Account: s.Account,
			Why: text(id, a), Do: c.do(situation, s.AccountIndex, members),
		}, members)
	}
}

// card is the account of a series as a gap of a text is filled with it, with the card where there are several.
func (c *conclusion) card(s *statement.Series) any {
	name := c.name(s.AccountIndex)
	if s.Card == "" {
		return name
	}
	if name == nil {
		return s.Card
	}
	if s.Event == finding.SubscriptionCharged {
		return fmt.Sprintf("%v, %s", name, s.Card)
	}
	return fmt.Sprintf("%v %s", name, s.Card)
}

// recent tells whether one of the periods lies within the last thirteen months: of a statement that is older the next
// ones have long shown what there was to see.
func (c *conclusion) recent(periods []string) bool {
	at := c.AsOf
	if at.IsZero() {
		at = c.Span[1]
	}
	since := at.AddDate(0, -13, 0)
	for _, p := range periods {
		if len(p) == len("2006-01") && p >= since.Format("2006-01") || len(p) != len("2006-01") && p >= since.Format("2006") {
			return true
		}
	}
	return false
}
